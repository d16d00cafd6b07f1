-- How long did jobs, leases and pair requests wait, by class, before and during?
-- catalogue: scaleup.postmortem_review.2
-- entity: orchestrator, memory bank or link
-- metric: metric
-- class: priority
-- p50_before_s: median seconds before
-- p50_during_s: median seconds during
-- p95_before_s: 95th percentile in seconds before
-- p95_during_s: 95th percentile in seconds during

create function postmortem.queue_waits(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, metric text, class text, p50_before_s float8, p50_during_s float8, p95_before_s float8,
               p95_during_s float8)
language sql stable parallel safe as $$
select entity, metric, part, public.histogram_quantile(0.5, bounds, before), public.histogram_quantile(0.5, bounds, during),
       public.histogram_quantile(0.95, bounds, before), public.histogram_quantile(0.95, bounds, during)
  from postmortem.distributions(from_at, to_at, about,
                                '^quantum\.(job\.wait\.duration|memory\.lease\.wait\.duration|link\.allocation\.latency)$')
 where distance = 0
 order by 2, 1, 3
$$;
