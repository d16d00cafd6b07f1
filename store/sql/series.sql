-- Series: their ids, and the times of their newest points.

-- name: create
insert into series (metric, kind, unit, temporality, monotonic, resource, scope, scope_version, scope_attributes,
                    attributes, site, device, slot, link, backend, tenant, identity)
select *
  from unnest(%(metric)s::text[], %(kind)s::text[], %(unit)s::text[], %(temporality)s::text[], %(monotonic)s::boolean[],
              %(resource)s::jsonb[], %(scope)s::text[], %(scope_version)s::text[], %(scope_attributes)s::jsonb[],
              %(attributes)s::jsonb[], %(site)s::text[], %(device)s::text[], %(slot)s::text[], %(link)s::text[],
              %(backend)s::text[], %(tenant)s::text[], %(identity)s::bytea[])
       as new(metric, kind, unit, temporality, monotonic, resource, scope, scope_version, scope_attributes, attributes,
              site, device, slot, link, backend, tenant, identity)
 order by identity
on conflict (identity) do nothing
returning id;

-- name: read_ids
select identity, id from series where identity = any(%(identity)s::bytea[]);

-- name: show_last_times
-- In the order of the ids, so that two writers wait for each other instead of deadlocking.
update series
   set last_time = newer.time
  from (select id, seen.time
          from series
          join (select id, timestamptz '2000-01-01 00:00:00+00' + mark * interval '1 microsecond'
                  from unnest(%(ids)s::integer[], %(marks)s::bigint[]) as seen(id, mark)) as seen(id, time) using (id)
         where last_time is null or last_time < seen.time
         order by id for update of series) as newer
 where series.id = newer.id;

-- name: read_active
select coalesce(tenant, ''), metric, kind, unit, temporality, monotonic, identity
  from series where last_time > now() - interval '1 day' or last_time is null;
