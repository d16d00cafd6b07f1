-- Which firmware, configuration, software and credentials were in force at the end, and since when?
-- catalogue: community.postmortem_review.2
-- entity: on what
-- kind: firmware, configuration, credential or software
-- version: version in force; null where the change names none
-- since: since when; changes of the 90 days before are known
-- changed_during: whether it changed during the incident
-- what: what was told

create function postmortem.versions(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, kind text, version text, since timestamptz, changed_during boolean, what text)
language sql stable parallel safe as $$
select distinct on (entity, name) entity, split_part(name, '.', 2),
       coalesce(attributes ->> 'quantum.firmware.version', attributes ->> 'quantum.change.version'), at, at >= from_at, body
  from postmortem.happenings(from_at - interval '90 days', to_at, about)
 where name ~ '\.change$'
 order by entity, name, at desc
$$;
