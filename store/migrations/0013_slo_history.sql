-- What was known when: definitions of objectives over time, corrections of minutes that had been judged.

create table objective_generation (
    objective  text not null,
    generation integer not null,
    since      timestamptz not null,
    counting   text not null,
    definition jsonb not null,
    primary key (objective, since)
);
comment on table objective_generation is 'What an objective said from when on; a new generation counts the same telemetry differently';
comment on column objective_generation.counting is 'Changes when the objective counts differently';

create table sli_revision (
    entity_id   integer not null,
    minute      timestamptz not null,
    known_until timestamptz not null,
    good        bigint,
    total       bigint,
    primary key (entity_id, minute, known_until)
);
comment on table sli_revision is 'What a minute said before late data, or an exclusion, corrected it after it had been judged; null where it had no data';

alter table entity add column expected_since timestamptz;
comment on column entity.expected_since is 'Since when telemetry of it is expected, whether or not there ever was any';

create view slo.exclusion as
select id, kind, matchers, start_at, end_at, rule, zone, mode, who, why, source, created_at, revoked_at from exclusion;
comment on view slo.exclusion is 'Time that does not count against error budgets';
