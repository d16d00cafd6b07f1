-- Who may send telemetry, and who did what to tokens, objectives and pins.

create table agent_token (
    id         bigint generated always as identity primary key,
    name       text not null,
    digest     bytea not null unique check (octet_length(digest) = 32),
    tenant     text not null,
    site       text,
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz
);
create unique index agent_token_name on agent_token (name) where revoked_at is null;
comment on table agent_token is 'Who may send telemetry, and as whom';
comment on column agent_token.digest is 'SHA-256 of the secret, which is shown once and kept nowhere';
comment on column agent_token.site is 'Null for a gateway, whose senders name their own sites';

create table audit_log (
    id      bigint generated always as identity primary key,
    at      timestamptz not null default now(),
    actor   text not null,
    action  text not null,
    subject text not null,
    details jsonb not null
);
comment on table audit_log is 'Who did what to tokens, objectives and pins; rows are only ever added';

-- Written by triggers, so that a change by hand in psql is noted as well, and in the transaction of the change.
-- Arguments: the kind of thing, the column that names one, and columns that are not told.
create function note_change() returns trigger language plpgsql as $$
declare
    was jsonb := case when tg_op = 'INSERT' then '{}' else to_jsonb(old) - tg_argv[2:] end;
    is_ jsonb := case when tg_op = 'DELETE' then '{}' else to_jsonb(new) - tg_argv[2:] end;
begin
    if was = is_ then
        return null;
    end if;
    insert into audit_log (actor, action, subject, details)
    values (
        coalesce(nullif(current_setting('herald.actor', true), ''),
                 session_user || ' (' || current_setting('application_name') || ')'),
        tg_argv[0] || '.' || case tg_op when 'INSERT' then 'add' when 'UPDATE' then 'change' else 'remove' end,
        coalesce(is_ ->> tg_argv[1], was ->> tg_argv[1], ''),
        case tg_op
            when 'INSERT' then jsonb_build_object('new', is_)
            when 'DELETE' then jsonb_build_object('old', was)
            else jsonb_build_object(
                'old', (select jsonb_object_agg(key, value) from jsonb_each(was) where value is distinct from is_ -> key),
                'new', (select jsonb_object_agg(key, value) from jsonb_each(is_) where value is distinct from was -> key))
        end
    );
    return null;
end
$$;

create trigger audit after insert or update or delete on agent_token
    for each row execute function note_change('token', 'name', 'id', 'digest');
create trigger audit after insert or update or delete on objective
    for each row execute function note_change('objective', 'name', 'updated_at');
create trigger audit after insert or update or delete on pin
    for each row execute function note_change('pin', 'reason', 'id');

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log can only be added to' using errcode = 'insufficient_privilege';
end
$$;

create trigger append_only before update or delete on audit_log for each row execute function refuse_change();
create trigger append_only_as_a_whole before truncate on audit_log for each statement execute function refuse_change();

revoke select on agent_token, audit_log from herald_reader;
