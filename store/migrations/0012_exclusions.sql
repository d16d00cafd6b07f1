-- Time that does not count against budgets. What nobody wants any more is revoked, never deleted.

create table exclusion (
    id         bigint generated always as identity primary key,
    kind       text not null,
    matchers   jsonb not null,
    start_at   timestamptz not null,
    end_at     timestamptz check (end_at > start_at),
    rule       text not null,
    zone       text not null,
    mode       text check (mode in ('dropped', 'good')),
    who        text not null,
    why        text not null,
    source     text not null,
    created_at timestamptz not null,
    revoked_at timestamptz,
    pending    boolean not null default true,
    check (rule = '' or end_at is not null)
);
create unique index exclusion_source on exclusion (source) where source <> '';
create index exclusion_pending on exclusion (id) where pending;
comment on table exclusion is 'Time that does not count against error budgets, as people or the telemetry said';
comment on column exclusion.matchers is 'Columns of an entity and their values, all of which must hold; empty for the whole fleet';
comment on column exclusion.rule is 'RRULE of RFC 5545 by which the time from start_at to end_at comes again, in zone';
comment on column exclusion.mode is 'Whether its events are dropped or count as good; null as the objective says';
comment on column exclusion.source is 'Of which event it was made; empty where a person wrote it';
comment on column exclusion.pending is 'Whether the minutes that it touches are still to be counted again';

create trigger audit after insert or update on exclusion
    for each row execute function note_change('exclusion', 'id', 'pending');

create function refuse_deletion() returns trigger language plpgsql as $$
begin
    raise exception 'an exclusion is revoked, not deleted' using errcode = 'insufficient_privilege';
end
$$;

create trigger keep before delete on exclusion for each row execute function refuse_deletion();
create trigger keep_all before truncate on exclusion for each statement execute function refuse_deletion();
