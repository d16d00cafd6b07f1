-- Rollups on TimescaleDB: hypertables with a chunk per week, as for points.

create table number_minute (
    time      timestamptz not null,
    series_id integer not null,
    count     bigint not null,
    sum       double precision not null,
    min       double precision not null,
    max       double precision not null,
    last      double precision not null,
    increase  double precision
);
create table number_hour (like number_minute including all);

create table histogram_minute (
    time            timestamptz not null,
    series_id       integer not null,
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
create table histogram_hour (like histogram_minute including all);

select create_hypertable('number_minute', by_range('time', interval '7 days'), create_default_indexes => false);
select create_hypertable('number_hour', by_range('time', interval '7 days'), create_default_indexes => false);
select create_hypertable('histogram_minute', by_range('time', interval '7 days'), create_default_indexes => false);
select create_hypertable('histogram_hour', by_range('time', interval '7 days'), create_default_indexes => false);
