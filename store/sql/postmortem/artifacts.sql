-- Could artifacts be stored, verified by their hashes and reproduced?
-- catalogue: community.observability_pitfalls.5 community.postmortem_review.2
-- entity: registry
-- metric: uploads, verifications or reproductions
-- outcome: success or failure
-- before_per_h: per hour before
-- during_per_h: per hour during the incident
-- during: number during the incident

create function postmortem.artifacts(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, metric text, outcome text, before_per_h float8, during_per_h float8, during float8)
language sql stable parallel safe as $$
select entity, metric, attributes ->> 'quantum.outcome', before_per_h, during_per_h, during
  from postmortem.counted(from_at, to_at, about, 'quantum.registry.uploads', 'quantum.registry.verifications',
                          'quantum.registry.reproductions')
 order by 1, 2, 3
$$;
