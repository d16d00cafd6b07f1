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
    select rolled.kind, first.time as first_at
      from (select distinct 'points' as kind, series_id from postmortem.numbers(from_at, to_at)
             union all
            select distinct 'histograms', series_id from postmortem.histograms(from_at, to_at)) as rolled
      join postmortem.series_of(about) as series on series.id = rolled.series_id and series.distance = 0
      left join lateral (
           (select time from public.point where rolled.kind = 'points' and series_id = rolled.series_id
               and time > from_at and time <= to_at order by time limit 1)
            union all
           (select time from public.histogram where rolled.kind = 'histograms' and series_id = rolled.series_id
               and time > from_at and time <= to_at order by time limit 1)) as first on true
), told as (
    select kind, min(first_at) as first_at, count(first_at) as kept, count(*) - count(first_at) as lost from raw group by 1
     union all
    select case name when 'quantum.memory.tomography' then 'tomography' else 'events' end, min(time),
           count(*), null
      from public.event where time >= from_at and time < to_at
       and (coalesce(about, '') = '' or about in (link, device, backend, site)) group by 1
     union all
    select 'spans', min(start_time), count(*), null
      from public.span where start_time >= from_at and start_time < to_at
       and (coalesce(about, '') = '' or about in (link, device, site)) having count(*) > 0
)
select told.*, exists (select from public.pin where pin.start_time <= from_at and pin.end_time >= to_at)
  from told order by 1
$$;
