-- Which series left the range of their past, since when and how far: hardware, control plane, load and environment?
-- catalogue: memory.postmortem_review.1 link.postmortem_review.1 scaleup.postmortem_review.1
-- catalogue: community.postmortem_review.3
-- onset_at: first minute outside that range
-- layer: quantum, classical or environment
-- entity: of whom the series speaks
-- distance: edges of the topology upstream of the entity
-- metric: metric
-- part: what tells the series apart beside its entity
-- before: mean before, in the unit of the metric; of counters by the minute
-- during: the same during the incident
-- unit: UCUM
-- sigmas: largest distance from the mean before, in standard deviations of that time; null where nothing varied

create function postmortem.moved(from_at timestamptz, to_at timestamptz, about text default null)
returns table (onset_at timestamptz, layer text, entity text, distance integer, metric text, part text,
               before float8, during float8, unit text, sigmas float8)
language sql stable parallel safe as $$
select shift.onset_at, postmortem.layer(series.metric), series.entity, series.distance, series.metric, series.part,
       shift.before, shift.during, series.unit, shift.sigmas
  from postmortem.shifts(from_at, to_at, about) as shift
  join postmortem.series_of(about) as series on series.id = shift.series_id
 order by shift.sigmas desc, shift.onset_at limit 200
$$;
