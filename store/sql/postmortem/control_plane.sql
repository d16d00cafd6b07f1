-- Was the classical control plane slow or lossy?
-- catalogue: memory.postmortem_review.1 network.observability_pitfalls.2
-- entity: controller
-- distance: edges of the topology upstream of the entity
-- p50_before_s: median round trip in seconds before
-- p50_during_s: median round trip in seconds during
-- p95_before_s: 95th percentile before
-- p95_during_s: 95th percentile during
-- lost_before: share of messages that were lost once, before, 0..1
-- lost_during: the same during the incident

create function postmortem.control_plane(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, distance integer, p50_before_s float8, p50_during_s float8, p95_before_s float8,
               p95_during_s float8, lost_before float8, lost_during float8)
language sql stable parallel safe as $$
with lost as (
    select entity, sum(before_per_h) filter (where failed) / nullif(sum(before_per_h), 0) as before,
           sum(during_per_h) filter (where failed) / nullif(sum(during_per_h), 0) as during
      from (select *, attributes ->> 'quantum.outcome' = 'failure' as failed
              from postmortem.counted(from_at, to_at, about, 'quantum.control.messages')) as counted group by 1
)
select trip.entity, trip.distance, public.histogram_quantile(0.5, trip.bounds, trip.before),
       public.histogram_quantile(0.5, trip.bounds, trip.during), public.histogram_quantile(0.95, trip.bounds, trip.before),
       public.histogram_quantile(0.95, trip.bounds, trip.during), lost.before, lost.during
  from postmortem.distributions(from_at, to_at, about, '^quantum\.control\.round_trip\.duration$') as trip
  left join lost using (entity)
 order by 6 desc nulls last, 1
$$;
