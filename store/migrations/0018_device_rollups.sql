-- All slots of a device as one series of the rollups, under the negative id of the first of them: what a board of a
-- whole memory bank reads. The rollups add them up from now on; here is what was rolled up before.

create temporary table slot_of_device on commit drop as
select id, -min(id) over (partition by metric, site, device) as device_id
  from series where metric in (select metric from series where slot is not null);

insert into number_minute (time, series_id, count, sum, min, max, last, increase)
select time, device_id, sum(count), sum(sum), min(min), max(max), max(last), sum(increase)
  from number_minute join slot_of_device on id = series_id group by 1, 2;
insert into number_hour (time, series_id, count, sum, min, max, last, increase)
select time, device_id, sum(count), sum(sum), min(min), max(max), max(last), sum(increase)
  from number_hour join slot_of_device on id = series_id group by 1, 2;

-- Exponential histograms have to be brought to one scale first; what they said until now stays with the slots.
insert into histogram_minute (time, series_id, count, sum, min, max, bounds, buckets)
select time, device_id, sum(count), sum(sum), min(min), max(max), bounds, histogram_sum(buckets)
  from histogram_minute join slot_of_device on id = series_id where scale is null group by time, device_id, bounds;
insert into histogram_hour (time, series_id, count, sum, min, max, bounds, buckets)
select time, device_id, sum(count), sum(sum), min(min), max(max), bounds, histogram_sum(buckets)
  from histogram_hour join slot_of_device on id = series_id where scale is null group by time, device_id, bounds;

create schema metric_device_minute;
create schema metric_device_hour;
grant usage on schema metric_device_minute, metric_device_hour to herald_reader;
alter default privileges in schema metric_device_minute grant select on tables to herald_reader;
alter default privileges in schema metric_device_hour grant select on tables to herald_reader;
