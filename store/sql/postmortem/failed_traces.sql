-- Which jobs and requests failed, by trace, job and calibration, so that they can be run again?
-- catalogue: memory.observability_pitfalls.1 community.observability_pitfalls.1 scaleup.observability_pitfalls.4
-- at: when it ended
-- name: root span
-- entity: link or device
-- trace: id of the trace
-- job: id of the job
-- tenant: tenant
-- calibration: calibration set in force
-- outcome: failure or timeout
-- reason: why
-- took_s: seconds
-- longest: stage that took longest

create function postmortem.failed_traces(from_at timestamptz, to_at timestamptz, about text default null)
returns table (at timestamptz, name text, entity text, trace text, job text, tenant text, calibration text,
               outcome text, reason text, took_s float8, longest text)
language sql stable parallel safe as $$
select root.end_time, root.name, coalesce(root.link, root.device), root.trace_id, root.attributes ->> 'quantum.job.id',
       root.attributes ->> 'tenant.id', root.attributes ->> 'quantum.calibration.id', root.attributes ->> 'quantum.outcome',
       root.attributes ->> 'quantum.job.failure_reason', extract(epoch from root.end_time - root.start_time)::float8,
       stage.name
  from public.span as root
  left join lateral (select name from public.span as child
                      where child.trace_id = root.trace_id and child.parent_span_id = root.span_id
                        and child.start_time >= root.start_time and child.start_time <= root.end_time
                      order by child.end_time - child.start_time desc limit 1) as stage on true
 where root.start_time >= from_at and root.start_time < to_at and coalesce(root.parent_span_id, '') = ''
   and root.attributes ->> 'quantum.outcome' <> 'success'
   and (coalesce(about, '') = '' or postmortem.whom(about) && array[
        root.link, root.device, root.site, root.attributes ->> 'quantum.backend.id', root.attributes ->> 'tenant.id'])
 order by root.start_time desc limit 200
$$;
