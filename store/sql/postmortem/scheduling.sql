-- What part had the scheduler: submissions, preemptions, rejections, retries and queues?
-- catalogue: scaleup.postmortem_review.2
-- entity: orchestrator
-- metric: metric
-- part: class, tenant or backend
-- before: per hour before; of the queue its mean depth
-- during: per hour during the incident; of the queue its mean depth

create function postmortem.scheduling(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, metric text, part text, before float8, during float8)
language sql stable parallel safe as $$
select entity, metric, part, before_per_h, during_per_h
  from postmortem.counted(from_at, to_at, about, 'quantum.job.submissions', 'quantum.job.preemptions',
                          'quantum.job.rejections', 'quantum.job.retries', 'quantum.job.fallbacks')
 union all
select entity, metric, part, before, during from postmortem.levels(from_at, to_at, about, 'quantum.queue.depth')
 order by 1, 2, 3
$$;
