-- How did fidelity go beside the temperature, field, vibration and cooling around it?
-- catalogue: memory.postmortem_review.2 memory.observability_pitfalls.3 network.observability_pitfalls.2
-- time: start of the minute (of the hour, over more than 12 hours)
-- layer: quantum for fidelities, else environment
-- entity: of whom the series speaks
-- metric: metric
-- part: sensor, stage
-- value: mean, in the unit of the metric
-- unit: UCUM

create function postmortem.fidelity_and_environment(from_at timestamptz, to_at timestamptz, about text default null)
returns table ("time" timestamptz, layer text, entity text, metric text, part text, value float8, unit text)
language sql stable parallel safe as $$
select told.time, postmortem.layer(series.metric), series.entity, series.metric,
       case when series.metric ~ 'fidelity$' then null else series.part end, avg(told.value), series.unit
  from postmortem.series_of(about) as series
 cross join lateral postmortem.readings(series.id, postmortem.baseline(from_at, to_at), to_at) as told
 where series.metric ~ '\.fidelity$' or postmortem.layer(series.metric) = 'environment'
 group by 1, 2, 3, 4, 5, 7
 order by 4, 3, 5, 1
$$;
