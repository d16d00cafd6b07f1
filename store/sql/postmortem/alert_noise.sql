-- Which alerts fired often, shortly, or without anything lost?
-- catalogue: link.observability_pitfalls.2 memory.observability_pitfalls.5
-- objective: objective or rule
-- tier: tier of its policy
-- severity: page or ticket
-- fired: how often, in the range and the 30 days before
-- entities: for how many entities
-- short: how often for less than ten minutes
-- without_loss: how often without a bad event in the hour before and while it fired
-- median_s: median seconds it was firing

create function postmortem.alert_noise(from_at timestamptz, to_at timestamptz, about text default null)
returns table (objective text, tier text, severity text, fired bigint, entities bigint, short bigint,
               without_loss bigint, median_s float8)
language sql stable parallel safe as $$
with told as (
    select alert.*, coalesce(resolved_at, to_at) - fired_at as lasted, exists (
               select from public.sli where sli.entity_id = alert.entity_id and sli.good < sli.total
                  and sli.minute >= alert.fired_at - interval '1 hour'
                  and sli.minute < coalesce(alert.resolved_at, to_at)) as lost
      from postmortem.alerts_of(from_at - interval '30 days', to_at, about) as alert
)
select objective, tier, severity, count(*), count(distinct entity_id),
       count(*) filter (where lasted < interval '10 minutes'), count(*) filter (where not lost),
       percentile_cont(0.5) within group (order by extract(epoch from lasted))
  from told
 group by 1, 2, 3 order by 7 desc, 6 desc, 4 desc, 1, 2
$$;
