-- One btree for "this series in this time", a BRIN for "everything in this time", and what duplicates are found by.

create index point_series_time on point (series_id, time desc);
create index point_time on point using brin (time);
create index histogram_series_time on histogram (series_id, time desc);
create index histogram_time on histogram using brin (time);
create index event_name_time on event (name, time desc);
create index event_time on event (time desc);
create index span_time on span (start_time desc);
create index span_trace on span (trace_id);

comment on table point is 'Points of gauges and sums; windows are (start_time, time]';
comment on table histogram is 'Histogram points; an exponential one has a scale, and its positive buckets in buckets';
comment on table event is 'What happened: calibrations, changes, alarms (OTLP log records)';
comment on table span is 'OTLP spans';
