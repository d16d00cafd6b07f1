-- What did each alert say to whom: owner, runbook, change, segment, and what was missing?
-- catalogue: network.observability_pitfalls.2 scaleup.observability_pitfalls.3 scaleup.postmortem_review.3
-- fired_at: when it fired
-- entity: whom it is about
-- objective: objective or rule
-- severity: page or ticket
-- owner: team that owns the objective
-- runbook: its runbook
-- segment: part of the topology it was grouped by
-- change: change it was grouped by
-- last_changes: changes it told
-- context: numbers beside it
-- missing: what it lacked of owner, runbook, changes and context

create function postmortem.alert_context(from_at timestamptz, to_at timestamptz, about text default null)
returns table (fired_at timestamptz, entity text, objective text, severity text, owner text, runbook text,
               segment text, change text, last_changes text, context text, missing text)
language sql stable parallel safe as $$
select fired_at, entity, objective, severity, owner, runbook, tags ->> 'segment', tags ->> 'change',
       annotations ->> 'last_changes', annotations ->> 'context',
       concat_ws(', ', case when coalesce(owner, annotations ->> 'owner', '') = '' then 'owner' end,
                 case when coalesce(runbook, annotations ->> 'runbook_url', '') = '' then 'runbook' end,
                 case when coalesce(annotations ->> 'last_changes', '') = '' then 'changes' end,
                 case when coalesce(annotations ->> 'context', '') = '' then 'context' end)
  from postmortem.alerts_of(from_at, to_at, about)
 order by fired_at, entity, objective, severity
$$;
