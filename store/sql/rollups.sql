-- Rolling points up by minute, and minutes by hour. Windows are (start, end]; a bucket is named by its start.
-- Everything of a metric in a window is replaced at once, so that to do it again changes nothing.
-- A negative series_id stands for all slots of a device: it is that of the first of them.

-- name: lock
select pg_advisory_xact_lock(hashtext('herald rollups'));

-- name: take_dirty
-- The newest hour first: it is what people look at while a long past is still waiting. That past goes by the day. In
-- either metric by metric: many minutes of one cost little more than a single minute. Deletes what it returns.
with newest as (
    select date_bin(case when max(minute) > %(closed)s - interval '2 hours' then interval '1 hour' else interval '1 day' end,
                    max(minute), timestamptz '2000-01-01 00:00:00+00') as start
      from rollup_dirty where minute < %(closed)s
), taken as (
    delete from rollup_dirty
     where ctid = any(array(select d.ctid from rollup_dirty as d cross join newest as n
                             where d.minute < %(closed)s and d.minute >= n.start
                             order by d.metric, d.minute limit %(limit)s))
    returning metric, minute
)
select distinct metric, (extract(epoch from minute) / 60)::bigint from taken where minute >= %(since)s order by 1, 2;

-- name: has_dirty
select exists (select from rollup_dirty where minute < %(closed)s);

-- name: count_dirty
select count(*) from rollup_dirty where minute < %(closed)s;

-- name: read_series
select id, kind, temporality, monotonic, min(id) over (partition by site, device)
  from series where metric = %(metric)s order by id;

-- name: ensure_week
select ensure_week(%(table)s, date_bin('7 days', %(time)s, timestamptz '1970-01-01 00:00:00+00'));

-- name: delete_buckets
delete from {table} where series_id = any(%(ids)s::integer[]) and time >= %(start)s and time < %(end)s;

-- name: roll_numbers
-- Gauges, and sums with delta temporality. `max` of (time, value) pairs is the last one, without sorting.
insert into number_minute (time, series_id, count, sum, min, max, last, increase)
select date_bin('1 minute', p.time - interval '1 microsecond', %(start)s), p.series_id, count(*), sum(p.value),
       min(p.value), max(p.value),
       (max(array[extract(epoch from p.time - %(start)s)::float8, p.value]))[2],
       case when p.series_id = any(%(deltas)s::integer[]) then sum(p.value) end
  from point as p
 where p.series_id = any(%(ids)s::integer[]) and during(p.time, %(start)s, %(end)s) and p.value <> 'NaN'
 group by 1, 2;

-- name: roll_cumulative_numbers
-- `counts` is `what_counts` of points.sql. What may fall (not monotonic) has no increase.
insert into number_minute (time, series_id, count, sum, min, max, last, increase)
with stream as (
    select p.series_id, p.time, p.start_time, p.value, p.value_int as whole
      from point as p
     where p.series_id = any(%(ids)s::integer[]) and during(p.time, %(start)s, %(end)s) and p.value <> 'NaN'
    union all
    select p.series_id, p.time, p.start_time, p.value, p.value_int
      from unnest(%(ids)s::integer[]) as chosen(id) cross join lateral ({before}) as p
), pair as (
    select *, lag(time) over stream_order as time_before, lag(start_time) over stream_order as start_before,
           lag(value) over stream_order as value_before, lag(whole) over stream_order as whole_before
      from stream
    window stream_order as (partition by series_id order by time, start_time)
), increase as (
    select *, case {counts} when 'all' then value when 'none' then 0 else {difference} end as increase
      from pair
     where time > %(start)s
)
select date_bin('1 minute', time - interval '1 microsecond', %(start)s), series_id, count(*), sum(value), min(value),
       max(value), (max(array[extract(epoch from time - %(start)s)::float8, value]))[2],
       case when series_id = any(%(monotonic)s::integer[]) then sum(increase) end
  from increase
 group by 1, 2;

-- name: add_up_numbers
insert into number_minute (time, series_id, count, sum, min, max, last, increase)
select time, -first, sum(count), sum(sum), min(min), max(max), max(last), sum(increase)
  from number_minute
  join unnest(%(ids)s::integer[], %(firsts)s::integer[]) as member (id, first) on member.id = series_id
 where time >= %(start)s and time < %(end)s
 group by 1, 2;

-- name: roll_number_hours
insert into number_hour (time, series_id, count, sum, min, max, last, increase)
select date_bin('1 hour', time, %(start)s), series_id, sum(count), sum(sum), min(min), max(max),
       (max(array[extract(epoch from time - %(start)s)::float8, last]))[2], sum(increase)
  from number_minute
 where series_id = any(%(ids)s::integer[]) and time >= %(start)s and time < %(end)s
 group by 1, 2;

-- name: delta_histograms
select date_bin('1 minute', p.time - interval '1 microsecond', %(start)s) as bucket, p.series_id, 1 as weight, p.count,
       p.sum, p.min, p.max, p.bounds, p.buckets, p.scale, p.zero_count, p.positive_offset, p.negative_offset, p.negative,
       p.zero_threshold
  from histogram as p
 where p.series_id = any(%(ids)s::integer[]) and during(p.time, %(start)s, %(end)s)

-- name: cumulative_histograms
-- An increase is the point, less the one before it unless the stream was reset between them (`what_counts` of points.sql).
-- Where the bounds have changed without a reset nobody can say what came between. Minimum and maximum are of the whole
-- stream, so of no use.
select date_bin('1 minute', part.time - interval '1 microsecond', %(start)s) as bucket, part.series_id, part.weight,
       part.count, part.sum, null::float8 as min, null::float8 as max, part.bounds, part.buckets, part.scale,
       part.zero_count, part.positive_offset, part.negative_offset, part.negative, part.zero_threshold
  from (
    select p.*, lag(p.time) over stream_order as time_before, lag(p.start_time) over stream_order as start_before,
           lag(p.count) over stream_order as count_before, lag(p.sum) over stream_order as sum_before,
           lag(p.bounds) over stream_order as bounds_before, lag(p.buckets) over stream_order as buckets_before,
           lag(p.scale) over stream_order as scale_before, lag(p.zero_count) over stream_order as zero_before,
           lag(p.positive_offset) over stream_order as positive_before,
           lag(p.negative_offset) over stream_order as negative_offset_before,
           lag(p.negative) over stream_order as negative_before,
           lag(p.zero_threshold) over stream_order as threshold_before
      from (
        select * from histogram
         where series_id = any(%(ids)s::integer[]) and during(time, %(start)s, %(end)s)
        union all
        select earlier.*
          from unnest(%(ids)s::integer[]) as chosen(id) cross join lateral ({before}) as earlier
      ) as p
    window stream_order as (partition by p.series_id order by p.time, p.start_time)
  ) as pair
 cross join lateral (
    select {counts} as counts,
           bounds is not distinct from bounds_before and (scale is null) = (scale_before is null) as is_like_before
  ) as kind
 cross join lateral (
    select pair.time, pair.series_id, 1 as weight, pair.count, pair.sum, pair.bounds, pair.buckets, pair.scale,
           pair.zero_count, pair.positive_offset, pair.negative_offset, pair.negative, pair.zero_threshold
     where counts = 'all' or counts = 'difference' and is_like_before
    union all
    select pair.time, pair.series_id, -1, count_before, sum_before, bounds_before, buckets_before, scale_before,
           zero_before, positive_before, negative_offset_before, negative_before, threshold_before
     where counts = 'difference' and is_like_before
  ) as part
 where pair.time > %(start)s

-- name: number_has_fallen
value < value_before or coalesce(whole, whole_before) is not null and {difference} < 0

-- name: histogram_has_fallen
count < count_before

-- name: slots_of_histograms
select time as bucket, -first as series_id, 1 as weight, count, sum, min, max, bounds, buckets, scale, zero_count,
       positive_offset, negative_offset, negative, zero_threshold
  from histogram_minute
  join unnest(%(ids)s::integer[], %(firsts)s::integer[]) as member (id, first) on member.id = series_id
 where time >= %(start)s and time < %(end)s

-- name: minutes_of_histograms
select date_bin('1 hour', time, %(start)s) as bucket, series_id, 1 as weight, count, sum, min, max, bounds, buckets, scale,
       zero_count, positive_offset, negative_offset, negative, zero_threshold
  from histogram_minute
 where series_id = any(%(ids)s::integer[]) and time >= %(start)s and time < %(end)s

-- name: merge_explicit
insert into {target} (time, series_id, count, sum, min, max, bounds, buckets)
select bucket, series_id, sum(weight * count), sum(weight * sum), min(min), max(max), bounds,
       histogram_sum(case when weight = 1 then buckets
                          else array(select -n from unnest(buckets) with ordinality as b(n, i) order by i) end)
  from ({source}) as part
 where scale is null
 group by bucket, series_id, bounds;

-- name: merge_exponential
-- Downscaled to the smallest scale, k >> d, which is exact; and further where more than 320 buckets would be needed.
-- The largest zero threshold holds for all, and what lies below it counts as zero. If it lies within a bucket in which one
-- with a smaller threshold has samples, nobody can say how many of them are below: it rises to the end of that bucket.
insert into {target} (time, series_id, count, sum, min, max, buckets, scale, zero_count, positive_offset,
                      negative_offset, negative, zero_threshold)
with part as materialized (
    select *, coalesce(zero_threshold, 0) as threshold from ({source}) as part where scale is not null
), common as (
    select *, exponential_index(scale, nullif(threshold, 0)) as around
      from (select bucket, series_id, min(scale) as scale, max(threshold) as threshold from part group by 1, 2) as merged
), populated as (
    select part.bucket, part.series_id, side, k >> (part.scale - common.scale) as k, weight * n as n,
           part.threshold < common.threshold as had_less
      from part join common using (bucket, series_id)
     cross join lateral (
        select true as side, part.positive_offset + i - 1 as k, n from unnest(part.buckets) with ordinality as b(n, i)
        union all
        select false, part.negative_offset + i - 1, n from unnest(part.negative) with ordinality as b(n, i)
     ) as each
     where n <> 0
), torn as (
    select distinct bucket, series_id from populated join common using (bucket, series_id)
     where had_less and k = around and threshold > exponential_bound(scale, around)
), zero as (
    select bucket, series_id, scale, case when torn is null then around else around + 1 end as first,
           case when torn is null then nullif(threshold, 0)
                else least(exponential_bound(scale, around + 1), '1.7976931348623157e308') end as threshold
      from common left join torn using (bucket, series_id)
), below as (
    select bucket, series_id, sum(n) as n from populated join zero using (bucket, series_id) where k < first group by 1, 2
), cell as (
    select populated.* from populated join zero using (bucket, series_id) where first is null or k >= first
), fitting as (
    select bucket, series_id, max(d) as d
      from (select bucket, series_id, side, min(k) as low, max(k) as high from cell group by 1, 2, 3) as side
     cross join lateral (
        select min(d) as d from generate_series(0, 62) as d where (high >> d::integer) - (low >> d::integer) < 320
     ) as enough
     group by 1, 2
), filled as (
    select bucket, series_id, side, k >> d::integer as k, sum(n)::bigint as n
      from cell join fitting using (bucket, series_id)
     group by 1, 2, 3, 4
    having sum(n) <> 0
), span as (
    select bucket, series_id, side, min(k) as low, max(k) as high from filled group by 1, 2, 3
), sides as (
    select span.bucket, span.series_id, span.side, span.low, array_agg(coalesce(filled.n, 0) order by wanted.k) as counts
      from span
     cross join lateral generate_series(span.low, span.high) as wanted(k)
      left join filled on (filled.bucket, filled.series_id, filled.side, filled.k)
                        = (span.bucket, span.series_id, span.side, wanted.k)
     group by 1, 2, 3, 4
), total as (
    select bucket, series_id, sum(weight * count) as count, sum(weight * sum) as sum, min(min) as min, max(max) as max,
           sum(weight * zero_count) as zero_count
      from part
     group by 1, 2
)
select total.bucket, total.series_id, total.count, total.sum, total.min, total.max, coalesce(positive.counts, '{{}}'),
       (zero.scale - coalesce(fitting.d, 0))::smallint, total.zero_count + coalesce(below.n, 0), coalesce(positive.low, 0),
       coalesce(negative.low, 0), coalesce(negative.counts, '{{}}'), zero.threshold
  from total
  join zero using (bucket, series_id)
  left join below using (bucket, series_id)
  left join fitting using (bucket, series_id)
  left join sides as positive
    on positive.side and (positive.bucket, positive.series_id) = (total.bucket, total.series_id)
  left join sides as negative
    on not negative.side and (negative.bucket, negative.series_id) = (total.bucket, total.series_id);
