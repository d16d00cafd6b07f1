-- How many spans can be joined with their parent, their job and their calibration?
-- catalogue: community.observability_pitfalls.1 memory.observability_pitfalls.1 scaleup.observability_pitfalls.4
-- catalogue: scaleup.observability_pitfalls.1
-- name: span
-- spans: how many, in the last six hours of the range
-- orphans: those whose parent is not stored
-- without_job: roots without the id of a job
-- without_calibration: roots without a calibration set

create function postmortem.trace_correlation(from_at timestamptz, to_at timestamptz, about text default null)
returns table (name text, spans bigint, orphans bigint, without_job bigint, without_calibration bigint)
language sql stable parallel safe as $$
select span.name, count(*),
       count(*) filter (where span.parent_span_id <> '' and parent.span_id is null),
       count(*) filter (where coalesce(span.parent_span_id, '') = '' and not span.attributes ? 'quantum.job.id'),
       count(*) filter (where coalesce(span.parent_span_id, '') = '' and not span.attributes ? 'quantum.calibration.id')
  from public.span
  left join public.span as parent on parent.trace_id = span.trace_id and parent.span_id = span.parent_span_id
       and parent.start_time >= greatest(from_at, to_at - interval '6 hours') - interval '1 day'
       and parent.start_time < to_at
 where span.start_time >= greatest(from_at, to_at - interval '6 hours') and span.start_time < to_at
   and (coalesce(about, '') = '' or array[span.link, span.device, span.site] && postmortem.whom(about))
 group by 1 order by 1
$$;
