-- Which series speak of something that the topology does not know, so that no cause can be traced through it?
-- catalogue: network.observability_pitfalls.4
-- entity: what the series say they speak of; null for nothing
-- series: how many series
-- metrics: how many metrics
-- examples: some of them
-- last_at: when one last told something

create function postmortem.unbound_series(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, series bigint, metrics bigint, examples text, last_at timestamptz)
language sql stable parallel safe as $$
select series.entity, count(*), count(distinct series.metric),
       array_to_string((array_agg(distinct series.metric))[:3], ', '), max(stored.last_time)
  from postmortem.series_of(about) as series
  join public.series as stored on stored.id = series.id and stored.last_time >= postmortem.baseline(from_at, to_at)
 where not exists (select from public.topology where series.entity in (source, target))
   and not exists (select from public.series as home where home.site = series.entity)
 group by 1 order by 2 desc, 1
$$;
