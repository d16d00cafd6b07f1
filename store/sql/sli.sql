-- Entities, their SLI minutes, and what those said before they were corrected.

-- name: add_entities
insert into entity (objective, labels, site, device, slot, link, backend, tenant)
select %(objective)s, labels, labels ->> 'site', labels ->> 'device', labels ->> 'slot', labels ->> 'link',
       labels ->> 'backend', labels ->> 'tenant'
  from unnest(%(labels)s::jsonb[]) as new(labels)
 order by labels
on conflict (objective, labels) do nothing;

-- name: read_entities
select id, objective, labels, expected_since from entity where objective = any(%(objectives)s::text[]) order by id;

-- name: expect_entities
update entity set expected_since = %(since)s where id = any(%(ids)s::integer[]) and expected_since is null;

-- name: make_temporary
create temporary table if not exists new_sli (like sli including indexes);
truncate new_sli;

-- name: has_sli
select exists (select from sli
                where entity_id = any(%(ids)s::integer[]) and minute >= %(first)s and minute <= %(last)s);

-- name: copy_sli
copy sli (entity_id, minute, good, total) from stdin (format binary);

-- name: copy_new_sli
copy new_sli (entity_id, minute, good, total) from stdin (format binary);

-- name: delete_vanished_sli
delete from sli using entity, unnest(%(minutes)s::bigint[]) as recounted(minute)
 where entity.id = sli.entity_id
   and entity.objective = %(objective)s
   and sli.minute = timestamptz '1970-01-01 00:00:00+00' + recounted.minute * interval '1 minute'
   and not exists (select from new_sli where new_sli.entity_id = sli.entity_id and new_sli.minute = sli.minute);

-- name: upsert_sli
insert into sli select * from new_sli order by entity_id, minute
on conflict (entity_id, minute) do update set good = excluded.good, total = excluded.total
 where (sli.good, sli.total) is distinct from (excluded.good, excluded.total);

-- name: read_sli
select sli.entity_id::bigint, sli.minute, sli.good, sli.total
  from sli
 where sli.entity_id = any(%(ids)s::integer[]) and sli.minute >= %(start)s and sli.minute < %(end)s
 order by sli.entity_id, sli.minute;

-- name: read_first_sli
select min(first.minute)
  from entity
 cross join lateral (select minute from sli where entity_id = entity.id order by minute limit 1) as first
 where %(objective)s::text is null or entity.objective = %(objective)s;

-- name: sum_sli
-- Of each entity, what it counted between each two of ascending edges; width_bucket numbers what lies between from 1.
select entity_id, width_bucket(minute, %(edges)s::timestamptz[]), sum(good)::bigint, sum(total)::bigint
  from sli
 where entity_id = any(%(ids)s::integer[])
   and minute >= (%(edges)s::timestamptz[])[1] and minute < (%(edges)s::timestamptz[])[cardinality(%(edges)s)]
 group by 1, 2;

-- name: read_usual_events
select id, postmortem.usual_events(id, %(window_s)s, %(end)s) from entity where id = any(%(ids)s::integer[]);

-- name: note_revisions
-- What judged minutes said until now, where the recount says something else.
insert into sli_revision (entity_id, minute, known_until, good, total)
select entity_id, minute, %(now)s, was.good, was.total
  from (select sli.* from sli join entity on entity.id = sli.entity_id
         where entity.objective = %(objective)s
           and sli.minute in (select timestamptz '1970-01-01 00:00:00+00' + recounted.minute * interval '1 minute'
                                from unnest(%(minutes)s::bigint[]) as recounted(minute))) as was
  full join new_sli using (entity_id, minute)
 where minute < %(judged)s and (was.good, was.total) is distinct from (new_sli.good, new_sli.total)
on conflict (entity_id, minute, known_until) do nothing;

-- name: read_sli_known_at
select entity_id::bigint, minute, good, total from (
    select distinct on (entity_id, minute) entity_id, minute, good, total
      from sli_revision
     where entity_id = any(%(ids)s::integer[]) and minute >= %(start)s and minute < %(end)s
       and known_until > %(known)s
     order by entity_id, minute, known_until) as was
 where good is not null
union all
select sli.entity_id::bigint, sli.minute, sli.good, sli.total
  from sli
 where sli.entity_id = any(%(ids)s::integer[]) and sli.minute >= %(start)s and sli.minute < %(end)s
   and not exists (select from sli_revision as later
                    where later.entity_id = sli.entity_id and later.minute = sli.minute
                      and later.known_until > %(known)s)
 order by 1, 2;

-- name: read_revisions
select entity.labels, revision.minute, revision.known_until, revision.good, revision.total, next.good, next.total
  from sli_revision as revision
  join entity on entity.id = revision.entity_id
  left join lateral (
       select good, total from (
           select good, total, known_until from sli_revision as later
            where later.entity_id = revision.entity_id and later.minute = revision.minute
              and later.known_until > revision.known_until
           union all
           select good, total, 'infinity' from sli
            where sli.entity_id = revision.entity_id and sli.minute = revision.minute) as after
        order by known_until limit 1) as next on true
 where entity.objective = %(objective)s
 order by revision.known_until desc, revision.minute, entity.labels
 limit %(limit)s;

-- name: lock_recount
select pg_advisory_xact_lock(hashtext('herald recount'));

-- name: take_dirty
-- Deletes what it returns and passes it on to the rollups, which the writer so need not know of. Rows of transactions
-- still under way are not seen and stay for the next time.
with taken as (
    delete from dirty_minute
     where ctid = any(array(select ctid from dirty_minute limit %(limit)s))
    returning metric, minute
), passed_on as (
    insert into rollup_dirty (metric, minute) select distinct metric, minute from taken
)
select distinct metric, (extract(epoch from minute) / 60)::bigint from taken order by 1, 2;
