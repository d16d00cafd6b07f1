-- What Herald measures itself.

-- name: ensure_week
select ensure_week('histogram', date_bin('7 days', %(time)s, '1970-01-01 00:00:00+00'));

-- name: add_histogram
insert into histogram (time, series_id, start_time, count, sum, min, max, bounds, buckets)
values (%(time)s, %(series)s, %(start)s, %(count)s, %(sum)s, %(min)s, %(max)s, %(bounds)s, %(buckets)s);

-- name: note_newest
update series set last_time = greatest(last_time, %(time)s) where id = %(series)s;

-- name: add_dirty_minute
insert into dirty_minute (metric, minute)
values (%(metric)s, date_bin('1 minute', %(time)s - interval '1 microsecond', '2000-01-01 00:00:00+00'));
