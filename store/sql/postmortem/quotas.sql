-- Who was near or at a quota?
-- catalogue: scaleup.postmortem_review.2
-- entity: orchestrator
-- tenant: tenant
-- quota: jobs that the tenant may have in the queue
-- used_before: mean jobs in the queue or running before
-- used_during: the same during the incident
-- most_used: most at any time of the incident
-- rejected_per_h: jobs rejected per hour during the incident

create function postmortem.quotas(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, tenant text, quota float8, used_before float8, used_during float8, most_used float8,
               rejected_per_h float8)
language sql stable parallel safe as $$
select entity, tenant, max(during) filter (where metric ~ 'quota$'), max(before) filter (where metric ~ 'usage$'),
       max(during) filter (where metric ~ 'usage$'), max(largest) filter (where metric ~ 'usage$'),
       max(during) filter (where metric ~ 'rejections$')
  from (select entity, tenant, metric, before, during, largest
          from postmortem.levels(from_at, to_at, about, 'quantum.tenant.quota', 'quantum.tenant.usage')
         union all
        select entity, tenant, metric, before_per_h, during_per_h, null
          from postmortem.counted(from_at, to_at, about, 'quantum.job.rejections')) as told
 group by 1, 2 order by 7 desc nulls last, 6 desc nulls last, 2
$$;
