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
    select time, series_id, points from postmortem.numbers(postmortem.baseline(from_at, to_at), to_at)
     union all
    select time, series_id, samples from postmortem.histograms(postmortem.baseline(from_at, to_at), to_at)
), counted as (
    select series_id, sum(points) filter (where time < from_at) as before,
           sum(points) filter (where time >= from_at) as during
      from told group by 1
)
select series.metric, count(counted.before), count(counted.during),
       (coalesce(sum(counted.before), 0) / postmortem.hours(postmortem.baseline(from_at, to_at), from_at))::float8,
       (coalesce(sum(counted.during), 0) / postmortem.hours(from_at, to_at))::float8
  from counted join postmortem.series_of(about) as series on series.id = counted.series_id
 group by 1 order by 3 desc, 5 desc
$$;
