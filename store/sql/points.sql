-- Points as several readers look for them. The index is on (series_id, tick(time)), so each names the second as well.

-- name: before
-- The last point of each series up to `start`. The day before, since `lately`, is asked first: by seconds PostgreSQL asks
-- each week, as it does not know that they go the way of weeks. Those of the last second are few, and are put in order.
select latest.*
  from unnest(%(ids)s::integer[]) as chosen(id)
  left join lateral (
      select * from (
          select * from {table} as p
           where p.series_id = chosen.id and during(p.time, %(lately)s, %(start)s) and {valid}
           order by tick(p.time) desc fetch first 1 row with ties) as last_second
       order by time desc, start_time desc limit 1) as near on true
 cross join lateral (
      select near.* where near.time is not null
      union all
     (select * from (
          select * from {table} as p
           where near.time is null and p.series_id = chosen.id and p.time <= %(lately)s
             and tick(p.time) <= tick(%(lately)s) and {valid}
           order by tick(p.time) desc fetch first 1 row with ties) as last_second
       order by time desc, start_time desc limit 1)) as latest;

-- name: newest
-- The time of the newest point of each series; one without points has none.
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
               order by tick(p.time) desc fetch first 1 row with ties) as last_second)) as time) as newest
 where newest.time is not null;

-- name: number_valid
p.value <> 'NaN'

-- name: histogram_valid
p.count >= 0

-- name: all_valid
true
