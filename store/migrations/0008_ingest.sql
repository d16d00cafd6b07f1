-- What fast and exact ingestion needs: integers beyond 2^53, the attributes of scopes, epochs that fence old writers, the
-- turns that writers take, and an index that costs less.

alter table point add column value_int bigint;
comment on column point.value_int is 'The exact value of an integer that value, a double, cannot hold; null for all others';

alter table histogram add column zero_threshold double precision;
comment on column histogram.zero_threshold is 'zero_count counts values whose magnitude is at most this; null is 0';

alter table series add column scope_attributes jsonb not null default '{}';
comment on column series.last_time is 'About the time of its newest point: brought up to date every few seconds';
comment on column series.identity is 'BLAKE2b-128 of everything that identifies the series in the OpenTelemetry data model';

alter table ingest_position add column epoch bigint not null default 0;
comment on column ingest_position.epoch is 'Grows when a writer claims the source; a writer with an older one stores nothing';

create table ingest_writer (
    only_row boolean primary key default true check (only_row),
    writer   text not null
);
insert into ingest_writer (writer) values ('');
comment on table ingest_writer is 'Who wrote points last; a writer holds the row while it writes';

-- Ascending, so that the points that a series gets go to the end of its part of the index: its pages become full instead
-- of half full. Equal keys do not occur, and looking for them costs a quarter of the time of a COPY.
drop index point_series_time;
drop index point_time;
create index point_series_time on point (series_id, time) with (deduplicate_items = off);
drop index histogram_series_time;
drop index histogram_time;
create index histogram_series_time on histogram (series_id, time) with (deduplicate_items = off);
