-- Where and when was telemetry missing while it lasted?
-- catalogue: link.postmortem_review.2 link.observability_pitfalls.1 scaleup.postmortem_review.1
-- catalogue: scaleup.observability_pitfalls.2
-- entity: of whom nothing was told
-- from_time: first minute without data (hour, over more than 12 hours)
-- until: next minute with data, or the end of the range
-- minutes: length in minutes
-- metrics: how many metrics were missing
-- examples: some of them

create function postmortem.telemetry_gaps(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, from_time timestamptz, until timestamptz, minutes float8, metrics bigint,
               examples text)
language sql stable parallel safe as $$
with told as (
    select distinct series.entity, series.metric, told.time
      from postmortem.series_of(about) as series
     cross join lateral postmortem.numbers(series.id, postmortem.baseline(from_at, to_at), to_at) as told
), step as (
    select entity, metric, time, coalesce(lead(time) over each, to_at) as next, lead(time) over each is null as ends
      from told window each as (partition by entity, metric order by time)
), usual as (
    select entity, metric, max(next - time) filter (where next <= from_at and not ends) as cadence from step group by 1, 2
), gap as (
    select entity, metric, time + least(usual.cadence, next - time) as since, next
      from step join usual using (entity, metric)
     where next > from_at and next - time > greatest(1.5 * usual.cadence, usual.cadence + interval '2 minutes')
)
select entity, since, next, (extract(epoch from next - since) / 60)::float8, count(*),
       array_to_string((array_agg(metric order by metric))[:3], ', ')
  from gap group by 1, 2, 3 order by 4 desc, 5 desc, 1 limit 200
$$;
