-- Old weeks as columns: TimescaleDB's community build only.

-- name: enable_point
alter table point set (timescaledb.enable_columnstore, timescaledb.segmentby = 'series_id', timescaledb.orderby = 'time');

-- name: enable_histogram
alter table histogram
  set (timescaledb.enable_columnstore, timescaledb.segmentby = 'series_id', timescaledb.orderby = 'time');

-- name: add_point_policy
call add_columnstore_policy('point', after => interval '14 days', if_not_exists => true);

-- name: add_histogram_policy
call add_columnstore_policy('histogram', after => interval '14 days', if_not_exists => true);
