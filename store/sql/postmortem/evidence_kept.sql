-- Which raw evidence of that time is still there, and is it pinned against retention?
-- catalogue: network.observability_pitfalls.3 memory.observability_pitfalls.4
-- evidence: points, histograms, events, spans or tomography
-- first_at: the first of the range
-- kept: series with raw points; else how many there are
-- lost: series of which only rollups are left
-- pinned: whether a pin keeps the whole range

create function postmortem.evidence_kept(from_at timestamptz, to_at timestamptz, about text default null)
returns table (evidence text, first_at timestamptz, kept bigint, lost bigint, pinned boolean)
language sql stable parallel safe as $$
with raw as (
    select case when series.bounded then 'histograms' else 'points' end as kind, first.time as first_at
      from (select id, exists (select from postmortem.histograms(id, from_at, to_at)) as bounded,
                   exists (select from postmortem.numbers(id, from_at, to_at)) as plain
              from postmortem.series_of(about) where distance = 0) as series
      left join lateral (
           (select time from public.point where series.plain and series_id = series.id
               and public.during(time, from_at, to_at) order by public.tick(time), time limit 1)
            union all
           (select time from public.histogram where series.bounded and series_id = series.id
               and public.during(time, from_at, to_at) order by public.tick(time), time limit 1)) as first on true
     where series.bounded or series.plain
), told as (
    select kind, min(first_at) as first_at, count(first_at) as kept, count(*) - count(first_at) as lost from raw group by 1
     union all
    select case name when 'quantum.memory.tomography' then 'tomography' else 'events' end, min(time),
           count(*), null
      from public.event where time >= from_at and time < to_at
       and (coalesce(about, '') = '' or array[link, device, backend, site] && postmortem.whom(about)) group by 1
     union all
    select 'spans', min(start_time), count(*), null
      from public.span where start_time >= from_at and start_time < to_at
       and (coalesce(about, '') = '' or array[link, device, site] && postmortem.whom(about)) having count(*) > 0
)
select told.*, exists (select from public.pin where pin.start_time <= from_at and pin.end_time >= to_at)
  from told order by 1
$$;
