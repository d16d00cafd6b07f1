-- Whole metrics by the minute, from rollups. A bucket is named by its start; windows are (start, end] of its points.

-- name: read_waiting
-- The first minute of each metric in the window that is not rolled up as it is now.
select metric, min(minute)
  from (select metric, minute from dirty_minute
         union all
        select metric, minute from rollup_dirty) as waiting
 where minute >= %(start)s and minute < %(end)s
 group by metric;

-- name: read_firsts
-- Of each series the first of its device: under its number, made negative, the sum of them all is rolled up.
select id, min(id) over (partition by site, device) from series where metric = %(metric)s;

-- name: read_rolled
-- One row for each series and minute: to group them here takes twice as long as to read them. A look-up per series,
-- whatever a planner expects, as in points.sql.
select (tstzrange_subdiff(bucket.time, '2000-01-01 00:00:00+00') * 1000000)::bigint, chosen.grp,
       coalesce({a}, 'NaN')::float8, {b}::float8
  from unnest(%(ids)s::integer[], %(groups)s::bigint[]) as chosen(id, grp)
 cross join lateral (
       select * from {table} as bucket
        where bucket.series_id = chosen.id and bucket.time >= %(start)s and bucket.time < %(end)s
       offset 0) as bucket
