-- Whose jobs failed, and how many more than before?
-- catalogue: community.postmortem_review.4 scaleup.postmortem_review.2
-- tenant: tenant
-- backend: backend; null where a job never reached one
-- jobs_per_h: jobs that ended, per hour during the incident
-- failed: jobs that did not succeed, during the incident
-- share_before: share that did not succeed before, 0..1
-- share_during: share that did not succeed during, 0..1

create function postmortem.failures_by_tenant(from_at timestamptz, to_at timestamptz, about text default null)
returns table (tenant text, backend text, jobs_per_h float8, failed float8, share_before float8,
               share_during float8)
language sql stable parallel safe as $$
select tenant, attributes ->> 'quantum.backend.id', sum(during_per_h), coalesce(sum(during) filter (where failed), 0),
       coalesce(sum(before_per_h) filter (where failed), 0) / nullif(sum(before_per_h), 0),
       coalesce(sum(during) filter (where failed), 0) / nullif(sum(during), 0)
  from (select *, attributes ->> 'quantum.outcome' <> 'success' as failed
          from postmortem.counted(from_at, to_at, about, 'quantum.job.completions')) as counted
 group by 1, 2 order by 4 desc, 1, 2
$$;
