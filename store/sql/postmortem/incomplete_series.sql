-- Which series lack attributes that the registry asks for, or are of metrics that it does not know?
-- catalogue: community.observability_pitfalls.2 memory.observability_pitfalls.1 scaleup.observability_pitfalls.4
-- metric: metric
-- entity: of whom the series speak
-- missing: attributes that are missing; unknown metric where the registry has none
-- series: how many series
-- last_at: when one last told something

create function postmortem.incomplete_series(from_at timestamptz, to_at timestamptz, about text default null)
returns table (metric text, entity text, missing text, series bigint, last_at timestamptz)
language sql stable parallel safe as $$
select series.metric, series.entity,
       case when known.metric is null then 'unknown metric' else array_to_string(lacking.names, ', ') end, count(*),
       max(stored.last_time)
  from postmortem.series_of(about) as series
  join public.series as stored on stored.id = series.id and stored.last_time >= postmortem.baseline(from_at, to_at)
  left join postmortem.vocabulary() as known on known.metric = series.metric
 cross join lateral (select array_agg(name order by name) as names from unnest(known.attributes) as name
                      where not (stored.resource || stored.attributes) ? name) as lacking
 where known.metric is null or lacking.names is not null
 group by 1, 2, 3 order by 4 desc, 1, 2
$$;
