-- Which calibration set was in force when it began, and how old was it?
-- catalogue: community.observability_pitfalls.4 memory.postmortem_review.1
-- entity: what was calibrated
-- distance: edges of the topology upstream of the entity
-- calibration: the set in force at the start of the incident
-- at: since when it was
-- age_s: its age in seconds at the start of the incident
-- next_at: when the next one came into force, up to the end of the range

create function postmortem.calibrations(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, distance integer, calibration text, at timestamptz, age_s float8, next_at timestamptz)
language sql stable parallel safe as $$
select distinct on (done.entity) done.entity, done.distance, done.attributes ->> 'quantum.calibration.id', done.at,
       extract(epoch from from_at - done.at)::float8,
       (select min(later.time) from public.event as later
         where later.name = 'quantum.calibration' and later.time >= from_at and later.time < to_at
           and done.entity in (later.link, later.device, later.backend))
  from postmortem.happenings(from_at - interval '30 days', from_at, about) as done
 where done.name = 'quantum.calibration'
 order by done.entity, done.at desc
$$;
