-- Points as several readers look for them. The index is on (series_id, tick(time)), so each names the second as well.

-- name: within
-- The counted points of `chosen` in the window. A look-up per series, whatever a planner expects: to it each condition on
-- the second makes points rarer, and a join of few with many series is planned otherwise than one of many.
select * from {table} as p
 where p.series_id = chosen.id and during(p.time, %(start)s, %(end)s) and {valid}
offset 0;

-- name: before
-- The last counted point of `chosen` up to `start`. The day before, since `lately`, is asked first: by the second
-- PostgreSQL asks every week, as it does not know that seconds ascend with weeks. So it does for a series that was
-- silent for longer, and only if that has a point in the window. Points of one second are few, and put in order.
select latest.*
  from (select) as one
  left join lateral (
      select * from (
          select * from {table} as p
           where p.series_id = chosen.id and during(p.time, %(lately)s, %(start)s) and {valid}
           order by tick(p.time) desc fetch first 1 row with ties) as last_second
       order by time desc, start_time desc limit 1) as near on true
 cross join lateral (
      select near.* where near.time is not null
      union all
      select far.* from (
          select * from (
              select * from {table} as p
               where p.series_id = chosen.id and p.time <= %(lately)s and tick(p.time) <= tick(%(lately)s) and {valid}
               order by tick(p.time) desc fetch first 1 row with ties) as last_second
           order by time desc, start_time desc limit 1) as far
       where near.time is null
         and (select true from {table} as p
               where p.series_id = chosen.id and during(p.time, %(start)s, %(end)s) limit 1)) as latest;

-- name: newest
-- The time of the newest point of each series; one without points has none. The last day is asked first, as in `before`.
select asked.id, (extract(epoch from newest.time - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint
  from unnest(%(ids)s::integer[]) as asked(id)
 cross join lateral (
      select coalesce(
          (select max(time) from (
              select time from {table} as p
               where p.series_id = asked.id and p.time > now() - interval '1 day'
                 and tick(p.time) >= tick(now() - interval '1 day')
               order by tick(p.time) desc fetch first 1 row with ties) as last_second),
          (select max(time) from (
              select time from {table} as p where p.series_id = asked.id
               order by tick(p.time) desc fetch first 1 row with ties) as last_second)) as time
      offset 0) as newest
 where newest.time is not null;

-- name: number_valid
p.value <> 'NaN'

-- name: histogram_valid
p.count >= 0

-- name: all_valid
true

-- name: what_counts
-- Of a point of a cumulative stream: `all`, `none`, or the `difference` to the one before it. A reset is a new start time,
-- or a value that fell. After a reset at a known time the whole value is new; a point that starts when it ends says that
-- the reset's time is unknown, and adds nothing. The first point of a series is such a reset if its stream is at most an
-- hour old; what an older counter has counted before cannot be put into a minute.
case
    when time_before is null then
        case when start_time < time and start_time >= time - interval '1 hour' then 'all' else 'none' end
    when start_time <> start_before then case when start_time = time then 'none' else 'all' end
    when {has_fallen} then 'all'
    else 'difference'
end

-- name: exact_difference
-- Integers beyond 2^53 stand in a column of their own, as doubles cannot tell neighbours apart there.
case when (whole is null and whole_before is null) or abs({x}) > 9e18 or abs({before}) > 9e18 then {x} - {before}
     else (coalesce(whole, {x}::bigint)::numeric - coalesce(whole_before, {before}::bigint)::numeric)::float8 end
