-- Rollups on PostgreSQL without TimescaleDB: one partition per week, as for points.

create table number_minute (
    time      timestamptz not null,
    series_id integer not null,
    count     bigint not null,
    sum       double precision not null,
    min       double precision not null,
    max       double precision not null,
    last      double precision not null,
    increase  double precision
) partition by range (time);
create table number_hour (like number_minute including all) partition by range (time);

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
) partition by range (time);
create table histogram_hour (like histogram_minute including all) partition by range (time);
