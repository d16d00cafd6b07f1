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

-- name: advance_marks
-- Also a lock on the series, and the proof that nobody else wrote them since their marks were read.
update series
   set last_time = greatest(series.last_time,
                            timestamptz '2000-01-01 00:00:00+00' + seen.new * interval '1 microsecond')
  from unnest(%(id)s::integer[], %(expected)s::bigint[], %(new)s::bigint[]) as seen(id, expected, new)
 where series.id = seen.id
   and (extract(epoch from series.last_time - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint is not distinct from seen.expected;
