-- Keeping track of the schema, and building the views of the registry.

-- name: lock
select pg_advisory_lock(hashtext('herald migrate'));

-- name: unlock
select pg_advisory_unlock(hashtext('herald migrate'));

-- name: find_table
select to_regclass('public.schema_migration') is not null;

-- name: create_table
create table if not exists schema_migration (
    version    integer primary key,
    name       text not null,
    applied_at timestamptz not null default now()
);

-- name: read_applied
select version, name from schema_migration order by version;

-- name: record
insert into schema_migration (version, name) values (%(version)s, %(name)s);

-- name: is_timescale_usable
select exists (select from pg_available_extensions where name = 'timescaledb')
   and current_setting('shared_preload_libraries') ~ '\mtimescaledb\M';

-- name: read_views
select relname, coalesce(obj_description(pg_class.oid, 'pg_class'), '')
  from pg_class join pg_namespace on pg_namespace.oid = relnamespace
 where nspname = %(schema)s and relkind = 'v';

-- name: drop_view
drop view {view};

-- name: comment_view
comment on view {view} is {comment};

-- name: create_number_view
-- `moment` lies inside the window (start_time, time] that a point closes: group by it, else a count that ends with an hour
-- lands in the next one. Filter by `during(time, after, until)`, which the index serves. `value_int` is the exact value of
-- an integer that the double `value` can only approximate, else null.
create view {view} as
select p.time, p.time - interval '1 microsecond' as moment, p.value, p.value_int, p.start_time, {columns}, p.series_id
  from public.series as s
  join public.point as p on p.series_id = s.id
 where s.metric = {metric};

-- name: create_histogram_view
create view {view} as
select h.time, h.time - interval '1 microsecond' as moment, h.count, h.sum, h.min, h.max, h.sum / nullif(h.count, 0) as mean, h.bounds, h.buckets,
       {columns}, h.series_id
  from public.series as s
  join public.histogram as h on h.series_id = s.id
 where s.metric = {metric};

-- name: create_number_rollup_view
create view {view} as
select r.time, r.count, r.sum, r.sum / r.count as mean, r.min, r.max, r.last, r.increase, {columns}, r.series_id
  from public.series as s
  join {rollup} as r on r.series_id = s.id
 where s.metric = {metric};

-- name: create_histogram_rollup_view
create view {view} as
select r.time, r.count, r.sum, r.sum / nullif(r.count, 0) as mean, r.min, r.max, r.bounds, r.buckets, r.scale, {columns},
       r.series_id
  from public.series as s
  join {rollup} as r on r.series_id = s.id
 where s.metric = {metric};

-- name: create_number_device_view
-- All slots of a device, under the negative id of the first of them (rollups.sql). That ids are negative says to the
-- planner how few rows there are: it takes each slot to have some.
create view {view} as
select r.time, r.count, r.sum, r.sum / r.count as mean, r.min, r.max, r.increase, {columns}
  from public.series as s
  join {rollup} as r on r.series_id = -s.id and r.series_id < 0
 where s.metric = {metric};

-- name: create_histogram_device_view
create view {view} as
select r.time, r.count, r.sum, r.sum / nullif(r.count, 0) as mean, r.min, r.max, r.bounds, r.buckets, r.scale, {columns}
  from public.series as s
  join {rollup} as r on r.series_id = -s.id and r.series_id < 0
 where s.metric = {metric};

-- name: attribute_column
coalesce(s.attributes ->> {attribute}, s.resource ->> {attribute}) as {column}

-- name: typed_column
s.{column}
