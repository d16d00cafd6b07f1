-- Of what that acts on the entity did little or no telemetry tell?
-- catalogue: link.observability_pitfalls.5 scaleup.observability_pitfalls.2 scaleup.postmortem_review.1
-- entity: member of the topology
-- kind: what it is
-- distance: edges upstream of the entity; null where the whole fleet is asked
-- metrics: metrics that told of it during the incident
-- series: series that did
-- silent_series: series that told of it before, and not during

create function postmortem.blind_spots(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, kind text, distance integer, metrics bigint, series bigint, silent_series bigint)
language sql stable parallel safe as $$
with member as (
    select target as entity, min(target_kind) as kind from public.topology group by 1
     union
    select source, min(source_kind) from public.topology group by 1
), told as (
    select series.entity, series.metric, exists (
               select from postmortem.numbers(series.id, from_at, to_at)
                union all
               select from postmortem.histograms(series.id, from_at, to_at)) as speaks
      from postmortem.series_of(null) as series
)
select member.entity, member.kind, near.distance, count(distinct told.metric) filter (where told.speaks),
       count(*) filter (where told.speaks), count(*) filter (where not told.speaks)
  from member
  left join postmortem.upstream(about) as near using (entity)
  left join told using (entity)
 where coalesce(about, '') = '' or near.distance is not null
 group by 1, 2, 3 order by 4, 6 desc, 1
$$;
