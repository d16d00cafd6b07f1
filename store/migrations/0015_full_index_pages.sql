-- Points come in the order of time, so the pages of these indexes are never written to again once they are full: room
-- left in them for later, a tenth by default, would stay empty. See docs/decisions/0028.
drop index point_series_time;
create index point_series_time on point (series_id, time) with (deduplicate_items = off, fillfactor = 100);
drop index histogram_series_time;
create index histogram_series_time on histogram (series_id, time) with (deduplicate_items = off, fillfactor = 100);
