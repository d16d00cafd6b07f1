-- Whose costs were out of line, and for what?
-- catalogue: scaleup.postmortem_review.4
-- entity: orchestrator
-- tenant: tenant
-- component: device, cryogenics or preprocessing; device time in seconds
-- before_per_h: US dollars (seconds) per hour before
-- during_per_h: US dollars (seconds) per hour during the incident
-- ratio: during / before

create function postmortem.costs(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, tenant text, component text, before_per_h float8, during_per_h float8, ratio float8)
language sql stable parallel safe as $$
with told as (
    select entity, attributes ->> 'tenant.id' as tenant, attributes ->> 'quantum.cost.component' as component,
           sum(total_before) / postmortem.hours(postmortem.baseline(from_at, to_at), from_at) as before,
           sum(total_during) / postmortem.hours(from_at, to_at) as during
      from postmortem.distributions(from_at, to_at, about, '^quantum\.job\.cost$') group by 1, 2, 3
     union all
    select entity, tenant, 'device time', sum(before_per_h), sum(during_per_h)
      from postmortem.counted(from_at, to_at, about, 'quantum.job.device.time') group by 1, 2
)
select *, during / nullif(before, 0) from told order by 6 desc nulls last, 1, 2, 3
$$;
