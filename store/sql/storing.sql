-- Storing what a writer has planned: everything of one call is one transaction.

-- name: make_temporary
create temporary table if not exists suspect_point (like point) on commit delete rows;
create temporary table if not exists suspect_histogram (like histogram) on commit delete rows;
create temporary table if not exists new_event (like event) on commit delete rows;

-- name: copy_point
copy point (time, series_id, value, start_time, value_int) from stdin (format binary);

-- name: copy_suspect_point
copy suspect_point (time, series_id, value, start_time, value_int) from stdin (format binary);

-- name: copy_histogram
copy histogram (time, series_id, start_time, count, sum, min, max, bounds, buckets, scale, zero_count, positive_offset,
                negative_offset, negative, zero_threshold) from stdin (format binary);

-- name: copy_suspect_histogram
copy suspect_histogram (time, series_id, start_time, count, sum, min, max, bounds, buckets, scale, zero_count,
                        positive_offset, negative_offset, negative, zero_threshold) from stdin (format binary);

-- name: add_new_points
-- Of points or histograms. `offset 0` keeps the question a lookup per suspect; as a join it may read the whole table. Only
-- the weeks between `first` and `last`, their times, are asked: for TimescaleDB to rule weeks out one suspect at a time is
-- the dearest part.
insert into {table}
select * from {suspects} as suspect
 where not exists (select from {table} as known
                    where known.series_id = suspect.series_id and known.time = suspect.time
                      and tick(known.time) = tick(suspect.time) and known.time between %(first)s and %(last)s
                      and known.start_time is not distinct from suspect.start_time
                   offset 0);

-- name: add_dirty_minutes
insert into dirty_minute (metric, minute)
select metric, timestamptz '2000-01-01 00:00:00+00' + minute * interval '1 minute'
  from unnest(%(metric)s::text[], %(minute)s::bigint[]) as dirty(metric, minute);

-- name: add_dirty_successors
-- A late point of a cumulative series changes the increase of the point after it, which may lie in a later minute.
insert into dirty_minute (metric, minute)
select distinct series.metric, date_bin('1 minute', successor.time - interval '1 microsecond', '2000-01-01 00:00:00+00')
  from (select series_id, time from suspect_point union all select series_id, time from suspect_histogram) as late
  join series on series.id = late.series_id and series.temporality = 'cumulative'
 cross join lateral (
    select min(time) as time from (
        select time from point
         where point.series_id = late.series_id and point.time > late.time and tick(point.time) >= tick(late.time)
         order by tick(point.time) fetch first 1 row with ties) as next_second
    union all
    select min(time) from (
        select time from histogram
         where histogram.series_id = late.series_id and histogram.time > late.time
           and tick(histogram.time) >= tick(late.time)
         order by tick(histogram.time) fetch first 1 row with ties) as next_second
 ) as successor
 where successor.time is not null;

-- name: copy_new_event
copy new_event (time, name, severity, body, site, device, link, backend, resource, attributes, trace_id, span_id)
from stdin;

-- name: add_new_events
insert into event
select distinct * from new_event as new
 where not exists (select from event
                    where event.time = new.time and event.name = new.name and event.body = new.body
                      and event.resource = new.resource and event.attributes = new.attributes
                      and event.trace_id is not distinct from new.trace_id
                      and event.span_id is not distinct from new.span_id
                   offset 0);

-- name: find_spans
select trace_id, span_id, (extract(epoch from start_time - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint
  from span
 where trace_id = any(%(traces)s::text[])
   and start_time between timestamptz '2000-01-01 00:00:00+00' + %(first)s * interval '1 microsecond'
                      and timestamptz '2000-01-01 00:00:00+00' + %(last)s * interval '1 microsecond';

-- name: copy_span
copy span (start_time, end_time, trace_id, span_id, parent_span_id, attributes, name, status, site, device, link,
           resource) from stdin (format binary);

-- name: add_edges
insert into topology (source, source_kind, relation, target, target_kind, first_seen, last_seen)
select source, min(source_kind), relation, target, min(target_kind), min(seen), max(seen)
  from unnest(%(source)s::text[], %(source_kind)s::text[], %(relation)s::text[], %(target)s::text[],
              %(target_kind)s::text[], %(seen)s::timestamptz[])
       as edge(source, source_kind, relation, target, target_kind, seen)
 group by source, relation, target
 order by source, relation, target
on conflict (source, relation, target) do update
   set source_kind = excluded.source_kind,
       target_kind = excluded.target_kind,
       first_seen = least(topology.first_seen, excluded.first_seen),
       last_seen = greatest(topology.last_seen, excluded.last_seen);

-- name: pin_week
insert into pin (reason, start_time, end_time)
values (%(reason)s, timestamptz '1970-01-01 00:00:00+00' + %(week)s * interval '7 days',
        timestamptz '1970-01-01 00:00:00+00' + (%(week)s + 1) * interval '7 days')
on conflict do nothing;
