-- Drop whole weeks that nobody pinned.

-- name: read_partitions
select parent.relname, child.relname, week
  from pg_inherits
  join pg_class as parent on parent.oid = inhparent
  join pg_class as child on child.oid = inhrelid
 cross join lateral (
       -- guarded: a plan may evaluate this on any relation before the other conditions
       select case when child.relname ~ '_[0-9]{4}_[0-9]{2}_[0-9]{2}$'
                   then to_date(right(child.relname, 10), 'YYYY_MM_DD')::timestamp at time zone 'UTC' end as week) as named
 where parent.relnamespace = 'public'::regnamespace and parent.relname = any(%(tables)s::text[])
   and not exists (select from pin
                    where pin.start_time < week + interval '7 days'
                      and pin.end_time > week)
   and week + interval '7 days' <= %(limit)s
 order by week, parent.relname;

-- name: read_chunks
select hypertable_name, chunk_name, range_start
  from timescaledb_information.chunks
 where hypertable_schema = 'public' and hypertable_name = any(%(tables)s::text[])
   and range_end <= %(limit)s
   and not exists (select from pin where pin.start_time < range_end and pin.end_time > range_start)
 order by range_start, hypertable_name;

-- name: release_pins
delete from pin where keep_until <= %(now)s;

-- name: ensure_week
select ensure_week(%(table)s, %(week)s);

-- name: set_patience
set local lock_timeout = '200ms';

-- name: drop_partition
drop table public.{partition};

-- name: lock_table
-- As dropping a partition does by itself. A statement that finds the chunk gone that it has planned for fails all the
-- same where it had to wait for us; it succeeds when it is tried again.
lock table public.{table} in access exclusive mode;

-- name: drop_chunks
select drop_chunks({table}, older_than => {week} + interval '7 days', newer_than => {week});

-- name: delete_digests
delete from ingest_batch where received_at < %(limit)s;

-- name: add_pin
insert into pin (reason, start_time, end_time) values (%(reason)s, %(start)s, %(end)s)
on conflict (reason, start_time, end_time) do update set reason = excluded.reason
returning id;
