-- What was kept against each target before and with the incident: is the target right?
-- catalogue: network.postmortem_review.4
-- objective: objective
-- entity: of whom
-- part: slot, class or component of it
-- target: target, 0..1
-- window_s: length of its window in seconds
-- kept_before: share of good events over the window, at the start, 0..1
-- kept_after: the same at the end
-- missed_before: whether the target was missed already without the incident

create function postmortem.targets(from_at timestamptz, to_at timestamptz, about text default null)
returns table (objective text, entity text, part text, target float8, window_s bigint, kept_before float8,
               kept_after float8, missed_before boolean)
language sql stable parallel safe as $$
select promise.objective, promise.entity, promise.part, promise.target, promise.window_s, before.sli, after.sli,
       before.sli < promise.target
  from postmortem.promises(about) as promise
 cross join lateral (select sli from public.budget where entity_id = promise.id and time <= to_at
                        and time >= from_at - interval '30 days' order by time desc limit 1) as after
  left join lateral (select sli from public.budget where entity_id = promise.id and time <= from_at
                        and time >= from_at - interval '30 days' order by time desc limit 1) as before on true
 where promise.target is not null
 order by after.sli - promise.target nulls last, 1, 2, 3
$$;
