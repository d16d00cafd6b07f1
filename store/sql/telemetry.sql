-- What reports and pages read of telemetry itself.

-- name: read_topology
select source, source_kind, relation, target, target_kind from topology order by source, relation, target;

-- name: read_entity_sites
select coalesce(device, link, attributes ->> %(hw_id)s), min(site)
  from series
 where coalesce(device, link, attributes ->> %(hw_id)s) is not null and site is not null
 group by 1;

-- name: read_names
select named.name
  from (select unnest(array[link, device, backend, site, tenant, resource ->> %(hw_id)s, attributes ->> %(hw_id)s])
          from series
         union
        select unnest(array[link, device, backend, site, tenant]) from entity
         union
        select unnest(array[source, target]) from topology) as named (name)
 where named.name <> ''
 order by 1;

-- name: read_events
select time, name, severity, body, resource || attributes, coalesce(site, ''), coalesce(device, ''), coalesce(link, ''),
       coalesce(backend, '')
  from event
 where time > %(start)s and time <= %(end)s and (%(names)s::text[] is null or name = any(%(names)s::text[]))
 order by time, name;

-- name: read_last_time
-- A clock that runs ahead must not hide that everything else has gone silent.
select max(last_time) from series where last_time <= now() + interval '1 minute';

-- name: find_last_time
-- The same from the points themselves: last_time lags some seconds behind them.
select max(newest.time)
  from series
 cross join lateral (
       select greatest((select time from point
                         where series_id = series.id and time <= now() + interval '1 minute'
                         order by tick(time) desc, time desc limit 1),
                       (select time from histogram
                         where series_id = series.id and time <= now() + interval '1 minute'
                         order by tick(time) desc, time desc limit 1)) as time
       ) as newest;

-- name: read_last_times
select metric, coalesce(site, ''), coalesce(device, ''), coalesce(link, ''), coalesce(backend, ''), max(last_time)
  from series
 where last_time is not null and (%(metric)s::text is null or metric = %(metric)s)
 group by 1, 2, 3, 4, 5
 order by 1, 2, 3, 4, 5;

-- name: read_heard
select coalesce(device, link, backend, attributes ->> %(hw_id)s, ''), coalesce(min(site), ''), max(last_time)
  from series
 where last_time is not null
 group by 1
 order by 1;

-- name: meter
-- How much of each metric a tenant used on a device, from the hours that begin in the window.
select series.metric, coalesce(series.device, ''), series.tenant, sum(used.amount)
  from series
  join (select series_id, increase as amount from number_hour
         where time >= %(start)s and time < %(end)s and increase is not null
         union all
        select series_id, sum from histogram_hour
         where time >= %(start)s and time < %(end)s and sum is not null) as used on used.series_id = series.id
 where series.metric = any(%(metrics)s::text[]) and series.tenant is not null
 group by 1, 2, 3
 order by 1, 2, 3;
