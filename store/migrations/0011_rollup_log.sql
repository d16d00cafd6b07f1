-- What keeps the rollups equal to the points: the log of minutes that have changed since they were rolled up.

create index number_minute_series_time on number_minute (series_id, time);
create index number_hour_series_time on number_hour (series_id, time);
create index histogram_minute_series_time on histogram_minute (series_id, time);
create index histogram_hour_series_time on histogram_hour (series_id, time);

comment on table number_minute is 'Gauges and sums minute by minute; time is the start of the minute, its window is (time, time + 1 minute]';
comment on column number_minute.increase is 'By how much a counter grew, resets taken into account; null for gauges';
comment on table number_hour is 'The same hour by hour';
comment on table histogram_minute is 'Histograms minute by minute; one row for each set of bounds that was in use';
comment on table histogram_hour is 'The same hour by hour';

-- No key, for the reason given at dirty_minute.
create table rollup_dirty (
    metric text not null,
    minute timestamptz not null
);
create index rollup_dirty_minute on rollup_dirty (minute);
comment on table rollup_dirty is 'Minutes of a metric to be rolled up; the engine passes them on from dirty_minute; rows may repeat';

-- What was stored before there were rollups.
insert into rollup_dirty
select distinct series.metric, date_bin('1 minute', point.time - interval '1 microsecond', '2000-01-01 00:00:00+00')
  from point join series on series.id = point.series_id
union
select distinct series.metric, date_bin('1 minute', histogram.time - interval '1 microsecond', '2000-01-01 00:00:00+00')
  from histogram join series on series.id = histogram.series_id;

create schema metric_minute;
create schema metric_hour;
grant usage on schema metric_minute, metric_hour to herald_reader;
grant select on number_minute, number_hour, histogram_minute, histogram_hour, rollup_dirty to herald_reader;
alter default privileges in schema metric_minute grant select on tables to herald_reader;
alter default privileges in schema metric_hour grant select on tables to herald_reader;
