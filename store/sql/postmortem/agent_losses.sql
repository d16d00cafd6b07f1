-- What did the agents lose: points, traces, calibration sets of estimates?
-- catalogue: link.observability_pitfalls.1 link.postmortem_review.2 scaleup.observability_pitfalls.1
-- catalogue: scaleup.postmortem_review.1 community.observability_pitfalls.1 community.observability_pitfalls.4
-- agent: which agent
-- metric: points, traces, or estimates with their calibration set
-- sent: number sent during the incident
-- lost: number lost during the incident
-- lost_before: share lost before, 0..1
-- lost_during: share lost during the incident, 0..1

create function postmortem.agent_losses(from_at timestamptz, to_at timestamptz, about text default null)
returns table (agent text, metric text, sent float8, lost float8, lost_before float8, lost_during float8)
language sql stable parallel safe as $$
with told as (
    select entity, metric, sum(during) filter (where not lost) as sent, sum(during) filter (where lost) as gone,
           sum(before_per_h) filter (where lost) / nullif(sum(before_per_h), 0) as lost_before,
           sum(during) filter (where lost) / nullif(sum(during), 0) as lost_during
      from (select *, attributes ->> 'quantum.outcome' = 'failure' as lost
              from postmortem.counted(from_at, to_at, about, 'quantum.agent.points', 'quantum.agent.traces',
                                      'quantum.agent.estimates')) as counted
     group by 1, 2
)
select * from told order by lost_during desc nulls last, entity, metric
$$;
