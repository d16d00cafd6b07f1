-- Which alerts fired, how long after the start, and when did they resolve?
-- catalogue: memory.observability_pitfalls.5 scaleup.observability_pitfalls.3 network.postmortem_review.1
-- id: id of the alert
-- fired_at: when it fired
-- resolved_at: when it resolved; null while it fires
-- after_s: seconds from the start of the incident to firing
-- lasted_s: seconds it was firing, up to the end of the range
-- entity: whom it is about
-- part: slot, class or component of it
-- objective: objective or rule
-- tier: tier of its policy
-- severity: page or ticket
-- burn_rate: burn rate over the long window when it fired
-- threshold: at which it fires

create function postmortem.alerts(from_at timestamptz, to_at timestamptz, about text default null)
returns table (id bigint, fired_at timestamptz, resolved_at timestamptz, after_s float8, lasted_s float8,
               entity text, part text, objective text, tier text, severity text, burn_rate float8,
               threshold float8)
language sql stable parallel safe as $$
select id, fired_at, resolved_at, extract(epoch from fired_at - from_at)::float8,
       extract(epoch from least(coalesce(resolved_at, to_at), to_at) - fired_at)::float8, entity, part, objective, tier,
       severity, burn_rate, threshold
  from postmortem.alerts_of(from_at, to_at, about)
 order by fired_at, entity, objective, tier
$$;
