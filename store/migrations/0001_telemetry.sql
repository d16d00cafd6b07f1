-- Telemetry: series, events, spans, topology, and what makes ingestion exactly-once.
-- The tables of points follow in 0002, whose form depends on the database.

create table series (
    id            integer generated always as identity primary key,
    metric        text not null,
    kind          text not null,
    unit          text not null,
    temporality   text not null,
    monotonic     boolean not null,
    resource      jsonb not null,
    scope         text not null,
    scope_version text not null,
    attributes    jsonb not null,
    site          text,
    device        text,
    slot          text,
    link          text,
    backend       text,
    tenant        text,
    identity      bytea not null unique,
    last_time     timestamptz
) with (fillfactor = 70);  -- last_time changes with every batch: room for the new version on the same page
create index series_metric on series (metric);
comment on table series is 'One row per metric, resource, scope and attribute set';
comment on column series.identity is 'BLAKE2b-128 of everything that identifies the series in the OpenTelemetry data model';
comment on column series.last_time is 'High-water mark: the time of its newest point; a point after it cannot be a duplicate';

create table tomography (
    time       timestamptz not null,
    name       text not null,
    site       text,
    device     text,
    link       text,
    matrix     jsonb not null,
    attributes jsonb not null default '{}'
);
create index tomography_time on tomography (time desc);
comment on table tomography is 'Density matrices, kept whole';

create table topology (
    source      text not null,
    source_kind text not null,
    relation    text not null,
    target      text not null,
    target_kind text not null,
    first_seen  timestamptz not null,
    last_seen   timestamptz not null,
    primary key (source, relation, target)
);
comment on table topology is 'What acts on what: source feeds, cools, controls or hosts target';

create table pin (
    id         bigint generated always as identity primary key,
    reason     text not null,
    start_time timestamptz not null,
    end_time   timestamptz not null,
    unique (reason, start_time, end_time),
    check (start_time < end_time)
);
comment on table pin is 'Times whose telemetry retention must keep';

-- No key: a key would let a writer find a row that the engine is about to delete, and its point would never be counted.
create table dirty_minute (
    metric text not null,
    minute timestamptz not null
);
comment on table dirty_minute is 'Minutes of a metric that changed since the engine last counted them; rows may repeat';

create table ingest_position (
    source   text primary key,
    position bigint not null
);
comment on table ingest_position is 'Up to where each spool file is stored; changes with the points in one transaction';

create table ingest_batch (
    digest      bytea primary key,
    received_at timestamptz not null default now()
);
create index ingest_batch_received_at on ingest_batch (received_at);
comment on table ingest_batch is 'Digests of the requests of the past two days: a repeated one is a retry';
