-- One number per minute and group of one metric. Windows are (start, end]; a minute is named by its start, in
-- microseconds since 2000-01-01. The statements are templates: each asks for `a` and `b`, which are fragments below.

-- name: read_series
-- Resource attributes count as attributes; a point's own attribute goes before its resource's, but for the site: that is
-- the one as which it was sent.
select id, kind, temporality, monotonic,
       array(select case when name = %(site)s then coalesce(site, '')
                         else coalesce(attributes ->> name, resource ->> name, '') end
               from unnest(%(attributes)s::text[]) with ordinality as wanted(name, i) order by i)
  from series
 where metric = %(metric)s
 order by id;

-- name: read_first_time
-- Of the points of some metrics.
select min(first.time)
  from series
 cross join lateral (
       select least((select time from point where series_id = series.id order by tick(time), time limit 1),
                    (select time from histogram where series_id = series.id order by tick(time), time limit 1)) as time
       ) as first
 where metric = any(%(metrics)s::text[]);

-- name: read_points
-- Points that stand for themselves: gauges, and everything with delta temporality.
select ((extract(epoch from step) - 946684800) * 1000000)::bigint, grp, coalesce(a, 'NaN'), coalesce(b, 0)
  from (select date_bin('1 minute', p.time - interval '1 microsecond', %(start)s) as step,
               chosen.grp,
               ({a})::float8 as a,
               ({b})::float8 as b
          from unnest(%(ids)s::integer[], %(groups)s::bigint[]) as chosen(id, grp)
         cross join lateral ({within}) as p
         group by 1, 2
       ) as answer;

-- name: read_increases
-- Cumulative streams: each point is compared with the one before it, which may lie before the window. `counts` is
-- `what_counts` of points.sql.
with chosen as (
    select id, grp from unnest(%(ids)s::integer[], %(groups)s::bigint[]) as c(id, grp)
), stream as (
    select p.series_id, chosen.grp, p.time, p.start_time, {guard} as guard, ({x})::float8 as x, ({y})::float8 as y,
           {whole} as whole
      from chosen cross join lateral ({within}) as p
    union all
    select p.series_id, chosen.grp, p.time, p.start_time, {guard}, ({x})::float8, ({y})::float8, {whole}
      from chosen cross join lateral ({before}) as p
), pair as (
    select *, lag(time) over stream_order as time_before, lag(start_time) over stream_order as start_before,
           lag(guard) over stream_order as guard_before, lag(x) over stream_order as x_before,
           lag(y) over stream_order as y_before, lag(whole) over stream_order as whole_before
      from stream
    window stream_order as (partition by series_id order by time, start_time)
), increase as (
    select *, {counts} as counts from pair where time > %(start)s
)
select ((extract(epoch from step) - 946684800) * 1000000)::bigint, grp, sum(a), sum(b)
  from (select date_bin('1 minute', time - interval '1 microsecond', %(start)s) as step, grp,
               coalesce(case counts when 'all' then x when 'none' then 0 else {difference} end, 'NaN') as a,
               coalesce(case counts when 'all' then y when 'none' then 0 else y - y_before end, 'NaN') as b
          from increase) as part
 group by step, grp;

-- name: read_bounds
select distinct bounds from (
    select bounds from histogram
     where series_id = any(%(ids)s::integer[]) and during(time, %(start)s, %(end)s) and count > 0
       and (bounds is null or not %(bound)s = any(bounds))
     limit 1000
) as offending;

-- name: one
1

-- name: zero
0

-- name: number_sum
sum(p.value)

-- name: number_count
count(*)

-- name: number_min
min(p.value)

-- name: number_max
max(p.value)

-- name: number_last
(array_agg(p.value order by p.time desc, p.series_id desc))[1]

-- name: histogram_count
sum(p.count)

-- name: histogram_sum
sum(p.sum)

-- name: histogram_count_with_sum
sum(p.count) filter (where p.sum is not null)

-- name: histogram_min
min(p.min)

-- name: histogram_max
max(p.max)

-- name: histogram_sum_above
sum({above})

-- name: histogram_sum_at_most
sum(p.count - {above})

-- name: histogram_sum_off_bound
count(*) filter (where p.count > 0 and {above} is null)

-- name: bound
{value}::float8

-- name: has_fallen
guard < guard_before or coalesce(whole, whole_before) is not null and {difference} < 0

-- name: above
-- The first case is the usual one, and six times as fast as the others.
(case
     when {usual} then {usual_above}
     when p.count = 0 then 0
     when p.scale is not null
         then exponential_above(p.scale, p.zero_count, p.positive_offset, p.buckets, {bound}, p.zero_threshold)
     when array_position(p.bounds, {bound}) is not null
         then (select coalesce(sum(n), 0)::bigint from unnest(p.buckets[array_position(p.bounds, {bound}) + 1:]) as n)
 end)

-- name: never
false

-- name: is_usual
p.bounds[{at}] = {bound} and cardinality(p.buckets) = {buckets}

-- name: bucket
p.buckets[{at}]

-- name: point_value
p.value

-- name: point_whole
p.value_int

-- name: no_whole
null::bigint

-- name: point_count
p.count

-- name: point_sum
p.sum

-- name: point_at_most
p.count - {above}
