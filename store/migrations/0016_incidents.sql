-- The life of an incident, and pins that end. `closed_at` and `state` are as before; notes are a list now.

alter table incident
    add column domain          text not null default '',
    add column entities        text[] not null default '{}',
    add column impact_at       timestamptz,
    add column detected_at     timestamptz,
    add column opened_by       text not null default '',
    add column acknowledged_at timestamptz,
    add column acknowledged_by text,
    add column mitigated_at    timestamptz,
    add column mitigated_by    text,
    add column resolved_at     timestamptz,
    add column resolved_by     text,
    add column settled_at      timestamptz,
    alter column notes set default '[]';
update incident set notes = '[]', impact_at = opened_at, detected_at = opened_at;
alter table incident
    alter column impact_at set not null,
    alter column detected_at set not null,
    add constraint incident_notes check (jsonb_typeof(notes) = 'array'),
    add constraint incident_state check (
        state = case when closed_at is not null then 'resolved'
                     when mitigated_at is not null then 'mitigated'
                     when acknowledged_at is not null then 'acknowledged'
                     else 'open' end),
    add constraint incident_order check (impact_at <= detected_at and detected_at <= opened_at);

create index incident_alert on incident using gin (alert_ids);
create index incident_unsettled on incident (id) where settled_at is null;
create index incident_opened_at on incident (opened_at desc);

comment on column incident.domain is 'The domain of the first alert, whose mean times it counts in; empty for none';
comment on column incident.entities is 'What hurts, as the topology names it; that of the first alert first';
comment on column incident.impact_at is 'The start of the first bad minute';
comment on column incident.detected_at is 'When its first alert fired, or a person opened it';
comment on column incident.resolved_at is 'When its last alert resolved, or a person said so';
comment on column incident.closed_at is 'When it was taken as resolved: after a quiet time';
comment on column incident.settled_at is 'Since when it cannot reopen any more; its times are told as telemetry with that';
comment on column incident.notes is 'A list of {"at": ..., "author": ..., "text": ...}, oldest first';

create trigger audit after insert or update or delete on incident
    for each row execute function note_change('incident', 'id', 'settled_at');

create view slo.incident as
select id, state, title, domain, entities, alert_ids, impact_at, detected_at, opened_at, opened_by, acknowledged_at,
       acknowledged_by, mitigated_at, mitigated_by, resolved_at, resolved_by, closed_at, notes,
       extract(epoch from detected_at - impact_at)::double precision as seconds_to_detect,
       extract(epoch from acknowledged_at - detected_at)::double precision as seconds_to_acknowledge,
       extract(epoch from coalesce(mitigated_at, resolved_at) - impact_at)::double precision as seconds_to_recover,
       extract(epoch from resolved_at - detected_at)::double precision as seconds_to_repair
  from incident;
comment on view slo.incident is 'Incidents with their times: to detect and to recover from the impact, the others from detection';

alter table pin add column keep_until timestamptz;
comment on column pin.keep_until is 'When retention lets go of it; null for as long as it stands';
