-- How did CI go, by SDK version, suite and backend, before and during?
-- catalogue: community.postmortem_review.5
-- entity: CI system
-- metric: runs, tests or deployments
-- part: SDK version, suite and backend
-- failed: number that failed during the incident
-- share_before: share that failed before, 0..1
-- share_during: share that failed during the incident, 0..1

create function postmortem.ci_runs(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, metric text, part text, failed float8, share_before float8, share_during float8)
language sql stable parallel safe as $$
select entity, metric,
       concat_ws(', ', attributes ->> 'quantum.sdk.version', attributes ->> 'quantum.ci.suite',
                 attributes ->> 'quantum.backend.id'),
       coalesce(sum(during) filter (where failed), 0),
       coalesce(sum(before_per_h) filter (where failed), 0) / nullif(sum(before_per_h), 0),
       coalesce(sum(during) filter (where failed), 0) / nullif(sum(during), 0)
  from (select *, attributes ->> 'quantum.outcome' <> 'success' as failed
          from postmortem.counted(from_at, to_at, about, 'quantum.ci.runs', 'quantum.ci.tests',
                                  'quantum.ci.deployments')) as counted
 group by 1, 2, 3 order by 1, 2, 3
$$;
