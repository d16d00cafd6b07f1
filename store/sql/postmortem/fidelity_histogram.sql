-- How were fidelities distributed before the incident and during it?
-- catalogue: network.observability_pitfalls.1 network.postmortem_review.2
-- entity: of whom the histogram speaks
-- metric: metric
-- above: lower bound of the bucket, null for none
-- up_to: upper bound of the bucket, null for none
-- before: samples before
-- during: samples during the incident
-- share_before: share of all samples before, 0..1
-- share_during: share of all samples during, 0..1

create function postmortem.fidelity_histogram(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, metric text, above float8, up_to float8, before bigint, during bigint,
               share_before float8, share_during float8)
language sql stable parallel safe as $$
with whole as (
    select entity, metric, bounds, public.histogram_sum(before) as before, public.histogram_sum(during) as during
      from postmortem.distributions(from_at, to_at, about, '\.fidelity$') group by 1, 2, 3
), bucket as (
    select entity, metric, bounds[i - 1] as above, bounds[i] as up_to, coalesce(before[i], 0) as before,
           coalesce(during[i], 0) as during
      from whole cross join generate_series(1, cardinality(bounds) + 1) as i
)
select *, before / nullif(sum(before) over each, 0)::float8, during / nullif(sum(during) over each, 0)::float8
  from bucket
window each as (partition by entity, metric)
 order by entity, metric, above nulls first
$$;
