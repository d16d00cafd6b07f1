-- Series: their ids, and the times of their newest points.

-- name: create
insert into series (metric, kind, unit, temporality, monotonic, resource, scope, scope_version, attributes,
                    site, device, slot, link, backend, tenant, identity)
select *
  from unnest(%(metric)s::text[], %(kind)s::text[], %(unit)s::text[], %(temporality)s::text[], %(monotonic)s::boolean[],
              %(resource)s::jsonb[], %(scope)s::text[], %(scope_version)s::text[], %(attributes)s::jsonb[],
              %(site)s::text[], %(device)s::text[], %(slot)s::text[], %(link)s::text[], %(backend)s::text[],
              %(tenant)s::text[], %(identity)s::bytea[]) as new(metric, kind, unit, temporality, monotonic, resource,
              scope, scope_version, attributes, site, device, slot, link, backend, tenant, identity)
 order by identity
on conflict (identity) do nothing;

-- name: read_known
select identity, id, (extract(epoch from last_time - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint
  from series where identity = any(%(identity)s::bytea[]);

-- name: lock_marks
-- In the order of the ids, so that two writers wait for each other instead of deadlocking.
select id, (extract(epoch from last_time - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint
  from series where id = any(%(ids)s::integer[]) order by id for update;

-- name: advance_marks
update series
   set last_time = timestamptz '2000-01-01 00:00:00+00' + seen.mark * interval '1 microsecond'
  from unnest(%(ids)s::integer[], %(marks)s::bigint[]) as seen(id, mark)
 where series.id = seen.id and series.last_time is distinct from
       timestamptz '2000-01-01 00:00:00+00' + seen.mark * interval '1 microsecond';

-- name: read_active
select coalesce(tenant, ''), metric, kind, unit, temporality, monotonic, identity
  from series where last_time > now() - interval '1 day' or last_time is null;
