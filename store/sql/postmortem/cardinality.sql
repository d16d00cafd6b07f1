-- Which metrics have the most series and points, and which grew: what does telemetry cost?
-- catalogue: community.observability_pitfalls.3 link.observability_pitfalls.4 scaleup.observability_pitfalls.5
-- catalogue: network.observability_pitfalls.5
-- metric: metric
-- series_before: series with data before
-- series_during: series with data during the incident
-- points_before_per_h: points or samples per hour before
-- points_during_per_h: points or samples per hour during

create function postmortem.cardinality(from_at timestamptz, to_at timestamptz, about text default null)
returns table (metric text, series_before bigint, series_during bigint, points_before_per_h float8,
               points_during_per_h float8)
language sql stable parallel safe as $$
with told as (
    select series.metric, sum(told.points) filter (where told.time < from_at) as before,
           sum(told.points) filter (where told.time >= from_at) as during
      from postmortem.series_of(about) as series
     cross join lateral (
           select time, points from postmortem.numbers(series.id, postmortem.baseline(from_at, to_at), to_at)
            union all
           select time, samples from postmortem.histograms(series.id, postmortem.baseline(from_at, to_at), to_at)) as told
     group by series.id, series.metric
)
select metric, count(before), count(during),
       (coalesce(sum(before), 0) / postmortem.hours(postmortem.baseline(from_at, to_at), from_at))::float8,
       (coalesce(sum(during), 0) / postmortem.hours(from_at, to_at))::float8
  from told group by 1 order by 3 desc, 5 desc
$$;
