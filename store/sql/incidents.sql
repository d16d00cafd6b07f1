-- Incidents, their pins, and what their ends tell as telemetry.

-- name: add_incident
insert into incident (title, domain, entities, alert_ids, impact_at, detected_at, opened_at, opened_by, acknowledged_at,
                      acknowledged_by, mitigated_at, mitigated_by, resolved_at, resolved_by, closed_at, settled_at,
                      notes, state)
values (%(title)s, %(domain)s, %(entities)s, %(alert_ids)s, %(impact_at)s, %(detected_at)s, %(opened_at)s,
        %(opened_by)s, %(acknowledged_at)s, %(acknowledged_by)s, %(mitigated_at)s, %(mitigated_by)s, %(resolved_at)s,
        %(resolved_by)s, %(closed_at)s, %(settled_at)s, %(notes)s::jsonb, %(state)s)
returning id;

-- name: save_incident
update incident
   set (title, domain, entities, alert_ids, impact_at, detected_at, acknowledged_at, acknowledged_by, mitigated_at,
        mitigated_by, resolved_at, resolved_by, closed_at, settled_at, notes, state)
     = (%(title)s, %(domain)s, %(entities)s, %(alert_ids)s, %(impact_at)s, %(detected_at)s, %(acknowledged_at)s,
        %(acknowledged_by)s, %(mitigated_at)s, %(mitigated_by)s, %(resolved_at)s, %(resolved_by)s, %(closed_at)s,
        %(settled_at)s, %(notes)s::jsonb, %(state)s)
 where id = %(id)s;

-- name: read_incidents
-- Those that are not closed first, then the newest.
select id, title, domain, entities, alert_ids, impact_at, detected_at, opened_at, opened_by, acknowledged_at,
       acknowledged_by, mitigated_at, mitigated_by, resolved_at, resolved_by, closed_at, settled_at, notes
  from incident
 where closed_at is null or (opened_at <= %(end)s and closed_at > %(start)s)
 order by closed_at is not null, opened_at desc, id desc;

-- name: read_incident
select id, title, domain, entities, alert_ids, impact_at, detected_at, opened_at, opened_by, acknowledged_at,
       acknowledged_by, mitigated_at, mitigated_by, resolved_at, resolved_by, closed_at, settled_at, notes
  from incident where id = %(id)s;

-- name: lock_incident
select id, title, domain, entities, alert_ids, impact_at, detected_at, opened_at, opened_by, acknowledged_at,
       acknowledged_by, mitigated_at, mitigated_by, resolved_at, resolved_by, closed_at, settled_at, notes
  from incident where id = %(id)s for update;

-- name: lock_unsettled
select id, title, domain, entities, alert_ids, impact_at, detected_at, opened_at, opened_by, acknowledged_at,
       acknowledged_by, mitigated_at, mitigated_by, resolved_at, resolved_by, closed_at, settled_at, notes
  from incident where settled_at is null order by id for update;

-- name: find_incidents_of
select unnest(alert_ids) as alert, id from incident where alert_ids && %(alerts)s::bigint[];

-- name: read_loose_alerts
-- What fires, or fired in the window, and is in no incident.
select objective, labels, tier, severity, fired_at, threshold, long_window, short_window, burn_long, burn_short,
       resolved_at, annotations, tags, id
  from alert
 where severity = any(%(severities)s::text[]) and fired_at <= %(end)s
   and (resolved_at is null or fired_at > %(start)s)
   and not exists (select from incident where alert_ids @> array[alert.id])
 order by fired_at, id;

-- name: read_alerts_of
select objective, labels, tier, severity, fired_at, threshold, long_window, short_window, burn_long, burn_short,
       resolved_at, annotations, tags, id
  from alert where id = any(%(alerts)s::bigint[])
 order by fired_at, id;

-- name: move_pin
-- Every incident has one pin, which is known by its reason.
update pin set start_time = %(start)s, end_time = coalesce(%(end)s::timestamptz, 'infinity'), keep_until = %(until)s
 where reason = %(reason)s returning id;

-- name: add_pin
insert into pin (reason, start_time, end_time, keep_until)
values (%(reason)s, %(start)s, coalesce(%(end)s::timestamptz, 'infinity'), %(until)s);
