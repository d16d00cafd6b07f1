-- Points, events and spans on TimescaleDB, whatever its licence: hypertables with a chunk per week.
-- By function call, the only form that its Apache build of version 2.19 has.

create extension if not exists timescaledb;

create table point (
    time       timestamptz not null,
    series_id  integer not null,
    value      double precision not null,
    start_time timestamptz
);

create table histogram (
    time            timestamptz not null,
    series_id       integer not null,
    start_time      timestamptz,
    count           bigint not null,
    sum             double precision,
    min             double precision,
    max             double precision,
    bounds          double precision[],
    buckets         bigint[],
    scale           smallint,
    zero_count      bigint,
    positive_offset integer,
    negative_offset integer,
    negative        bigint[]
);

create table event (
    time       timestamptz not null,
    name       text not null,
    severity   text not null,
    body       text not null,
    site       text,
    device     text,
    link       text,
    backend    text,
    resource   jsonb not null,
    attributes jsonb not null,
    trace_id   text,
    span_id    text
);

create table span (
    start_time     timestamptz not null,
    end_time       timestamptz not null,
    trace_id       text not null,
    span_id        text not null,
    parent_span_id text,
    name           text not null,
    status         text not null,
    site           text,
    device         text,
    link           text,
    resource       jsonb not null,
    attributes     jsonb not null
);

select create_hypertable('point', by_range('time', interval '7 days'), create_default_indexes => false);
select create_hypertable('histogram', by_range('time', interval '7 days'), create_default_indexes => false);
select create_hypertable('event', by_range('time', interval '7 days'), create_default_indexes => false);
select create_hypertable('span', by_range('start_time', interval '7 days'), create_default_indexes => false);

create function ensure_week(parent text, week timestamptz) returns void
language sql as '';
comment on function ensure_week(text, timestamptz) is 'Nothing to do: TimescaleDB makes the chunk of a week itself';
