-- Tokens of agents, and the audit log.

-- name: add_token
insert into agent_token (name, digest, tenant, site, created_at, expires_at)
values (%(name)s, %(digest)s, %(tenant)s, %(site)s, %(created_at)s, %(expires_at)s)
on conflict (name) where revoked_at is null do nothing
returning id;

-- name: revoke_token
update agent_token set revoked_at = %(revoked_at)s where name = %(name)s and revoked_at is null returning id;

-- name: read_tokens
select name, digest, tenant, site, created_at, expires_at, revoked_at
  from agent_token where %(revoked_too)s or revoked_at is null
 order by name, created_at;

-- name: read_audit
select at, actor, action, subject, details
  from audit_log
 where (%(since)s::timestamptz is null or at >= %(since)s)
 order by id desc limit %(limit)s;
