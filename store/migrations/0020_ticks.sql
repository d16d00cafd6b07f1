-- The index on points names the whole second in four bytes: its entries take 20 bytes instead of 28. Who reads points
-- names the second as well as the time, best by `during`. See docs/decisions/0048.

-- Bodies of this form name their functions by identity, so that a restore finds them whatever its search path.
create function tick(at timestamptz) returns integer language sql immutable parallel safe
return greatest(-2147483648, least(2147483647, tstzrange_subdiff(at, timestamptz '2000-01-01 00:00:00+00')))::integer;
comment on function tick(timestamptz) is
    'The nearest second since 2000, which never descends; the first or last there is for times before 1932, after 2068';

create function during(at timestamptz, after timestamptz, until timestamptz) returns boolean
language sql immutable parallel safe
return at > after and at <= until and tick(at) >= tick(after) and tick(at) <= tick(until);
comment on function during(timestamptz, timestamptz, timestamptz) is
    'Whether a time is in (after, until], said so that the index on points finds it';

drop index point_series_time;
create index point_series_tick on point (series_id, tick(time)) with (deduplicate_items = off, fillfactor = 100);
drop index histogram_series_time;
create index histogram_series_tick on histogram (series_id, tick(time)) with (deduplicate_items = off, fillfactor = 100);
