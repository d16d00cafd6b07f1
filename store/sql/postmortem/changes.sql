-- Which changes came in the day before the incident and during it, and how near to what it struck?
-- catalogue: memory.postmortem_review.3 link.postmortem_review.1 network.postmortem_review.3
-- catalogue: community.postmortem_review.5
-- at: when it came into force
-- before_s: seconds before the start of the incident; negative for later ones
-- distance: edges of the topology between it and the entity, 0 for itself; null where the whole fleet is asked
-- entity: what was changed
-- change: firmware, configuration, credential, software or calibration
-- version: what is in force since
-- what: what was told

create function postmortem.changes(from_at timestamptz, to_at timestamptz, about text default null)
returns table (at timestamptz, before_s float8, distance integer, entity text, change text, version text,
               what text)
language sql stable parallel safe as $$
select at, extract(epoch from from_at - at)::float8, distance, entity, split_part(name, '.', 2),
       coalesce(attributes ->> 'quantum.firmware.version', attributes ->> 'quantum.change.version',
                attributes ->> 'quantum.calibration.id'), body
  from postmortem.happenings(from_at - interval '1 day', to_at, about)
 where name ~ '\.change$' or name = 'quantum.calibration'
 order by at desc, distance
$$;
