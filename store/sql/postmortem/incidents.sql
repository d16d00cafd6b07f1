-- Which incidents were there, who handled them, and how long did detection, acknowledgement and recovery take?
-- catalogue: memory.postmortem_review.4 scaleup.postmortem_review.3 scaleup.postmortem_review.5
-- id: id of the incident
-- title: what it is called
-- state: open, acknowledged, mitigated or resolved
-- impact_at: start of the first bad minute
-- entities: what hurt, that of the first alert first
-- alerts: alerts that belong to it
-- to_detect_s: seconds from the impact to detection
-- to_acknowledge_s: seconds from detection to acknowledgement
-- to_recover_s: seconds from the impact to mitigation, or else to resolution
-- to_repair_s: seconds from detection to resolution, which is when the last page was over or a person said so
-- acknowledged_by: who took it
-- resolved_by: who or what resolved it

create function postmortem.incidents(from_at timestamptz, to_at timestamptz, about text default null)
returns table (id bigint, title text, state text, impact_at timestamptz, entities text, alerts bigint,
               to_detect_s float8, to_acknowledge_s float8, to_recover_s float8, to_repair_s float8,
               acknowledged_by text, resolved_by text)
language sql stable parallel safe as $$
select id, title, state, impact_at, array_to_string(entities, ', '), cardinality(alert_ids), seconds_to_detect,
       seconds_to_acknowledge, seconds_to_recover, seconds_to_repair, acknowledged_by, resolved_by
  from slo.incident
 where impact_at < to_at and coalesce(closed_at, 'infinity') >= from_at
   and (coalesce(about, '') = '' or entities && postmortem.whom(about))
 order by impact_at, id
$$;
