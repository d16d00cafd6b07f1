-- Objectives and what the engine concludes about them. Counts are whole events.

create table objective (
    name             text primary key,
    display_name     text not null,
    description      text not null,
    service          text not null,
    domain           text not null,
    catalogue_id     text not null,
    owner            text not null,
    runbook          text not null,
    target           double precision not null,
    window_seconds   bigint not null,
    budgeting_method text not null,
    definition       jsonb not null,
    updated_at       timestamptz not null
);
comment on table objective is 'The objectives in force';

create table entity (
    id        integer generated always as identity primary key,
    objective text not null,
    labels    jsonb not null,
    site      text,
    device    text,
    slot      text,
    link      text,
    backend   text,
    tenant    text,
    unique (objective, labels)
);
comment on table entity is 'One promise kept or broken on its own: an objective and the group it is measured for';

create table sli (
    entity_id integer not null,
    minute    timestamptz not null,
    good      bigint not null,
    total     bigint not null,
    primary key (entity_id, minute)
);
comment on table sli is 'Good and all events of each minute with data; a minute is named by its start';

create table budget (
    time      timestamptz not null,
    entity_id integer not null,
    good      bigint not null,
    total     bigint not null,
    coverage  double precision,
    sli       double precision,
    remaining double precision,
    burn_5m   double precision,
    burn_30m  double precision,
    burn_1h   double precision,
    burn_2h   double precision,
    burn_6h   double precision,
    burn_1d   double precision,
    burn_3d   double precision,
    state     text not null,
    primary key (entity_id, time)
);
comment on table budget is 'Snapshots of the error budget and the burn rates';

create table alert (
    id           bigint generated always as identity primary key,
    entity_id    integer not null,
    objective    text not null,
    labels       jsonb not null,
    tier         text not null,
    severity     text not null,
    fired_at     timestamptz not null,
    resolved_at  timestamptz,
    burn_long    double precision,
    burn_short   double precision,
    threshold    double precision not null,
    long_window  text not null,
    short_window text not null,
    annotations  jsonb not null
);
create index alert_fired_at on alert (fired_at desc);
create unique index alert_open on alert (entity_id, tier) where resolved_at is null;
comment on table alert is 'Every alert that fired; at most one per entity and tier is open';

create table incident (
    id        bigint generated always as identity primary key,
    opened_at timestamptz not null,
    closed_at timestamptz,
    title     text not null,
    alert_ids bigint[] not null default '{}',
    state     text not null,
    notes     jsonb not null default '{}'
);
comment on table incident is 'What people gathered around alerts';

create table engine_state (
    key   text primary key,
    value jsonb not null
);
comment on table engine_state is 'What the engine must remember across a restart';
