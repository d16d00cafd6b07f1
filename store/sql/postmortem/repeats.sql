-- What came again and again in 30 days, for how long, and with which runbook: what to automate first?
-- catalogue: memory.postmortem_review.5 link.postmortem_review.4 scaleup.postmortem_review.3
-- catalogue: scaleup.postmortem_review.5 network.postmortem_review.3
-- objective: objective or rule
-- entity: whom it is about
-- times: stretches in which it fired, in the range and the 30 days before
-- pages: those that paged
-- firing_s: seconds it was firing in all
-- median_s: median seconds to resolve: long ones with a runbook ask for a better one
-- runbook: its runbook
-- action: what its policy does by itself
-- last_at: when it last fired

create function postmortem.repeats(from_at timestamptz, to_at timestamptz, about text default null)
returns table (objective text, entity text, times bigint, pages bigint, firing_s float8, median_s float8,
               runbook text, action text, last_at timestamptz)
language sql stable parallel safe as $$
with told as (
    select alert.*, least(coalesce(resolved_at, to_at), to_at) - fired_at as lasted,
           fired_at > coalesce(max(coalesce(resolved_at, to_at)) over (
               partition by entity_id order by fired_at, id
               rows between unbounded preceding and 1 preceding), '-infinity') as anew
      from postmortem.alerts_of(from_at - interval '30 days', to_at, about) as alert
)
select objective, entity, count(*) filter (where anew), count(*) filter (where anew and severity = 'page'),
       extract(epoch from sum(lasted))::float8, percentile_cont(0.5) within group (order by extract(epoch from lasted)),
       min(runbook), max(tags ->> 'action'), max(fired_at)
  from told
 group by 1, 2 order by 3 desc, 5 desc, 1, 2
$$;
