-- Points, events and spans on PostgreSQL without TimescaleDB: one partition per week, made when it is needed.
-- There is no default partition: rows in it could never be dropped by the week.

create table point (
    time       timestamptz not null,
    series_id  integer not null,
    value      double precision not null,
    start_time timestamptz
) partition by range (time);

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
) partition by range (time);

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
) partition by range (time);

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
) partition by range (start_time);

create function time_bucket(width interval, ts timestamptz) returns timestamptz
language sql immutable parallel safe strict
return date_bin(width, ts, timestamptz '2000-01-03 00:00:00+00');
comment on function time_bucket(interval, timestamptz) is 'Stands in for TimescaleDB''s; fixed widths only, no months';

-- Made beside its parent and attached: that lets readers and writers of the other weeks go on.
create function ensure_week(parent text, week timestamptz) returns void
language plpgsql as $$
declare
    partition text := parent || to_char(week at time zone 'UTC', '"_"YYYY"_"MM"_"DD');
begin
    perform pg_advisory_xact_lock(hashtext('herald week'), hashtext(partition));
    if to_regclass('public.' || quote_ident(partition)) is null then
        execute format('create table public.%I (like public.%I including defaults including constraints)',
                       partition, parent);
        execute format('alter table public.%I attach partition public.%I for values from (%L) to (%L)',
                       parent, partition, week, week + interval '7 days');
    end if;
end
$$;
comment on function ensure_week(text, timestamptz) is 'Make the partition of the week that starts then, if it is missing';
