-- Time that does not count against budgets.

-- name: add_exclusion
insert into exclusion (kind, matchers, start_at, end_at, rule, zone, mode, who, why, source, created_at)
values (%(kind)s, %(matchers)s::jsonb, %(start_at)s, %(end_at)s, %(rule)s, %(zone)s, %(mode)s, %(who)s, %(why)s,
        %(source)s, %(created_at)s)
on conflict (source) where source <> '' do nothing
returning id;

-- name: revoke_exclusion
update exclusion set revoked_at = %(revoked_at)s, pending = true where id = %(id)s and revoked_at is null returning id;

-- name: read_exclusions
select id, kind, matchers, start_at, end_at, rule, zone, mode, who, why, source, created_at, revoked_at
  from exclusion where %(revoked_too)s or revoked_at is null
 order by start_at, id;

-- name: take_pending
update exclusion set pending = false where pending
returning id, kind, matchers, start_at, end_at, rule, zone, mode, who, why, source, created_at, revoked_at;
