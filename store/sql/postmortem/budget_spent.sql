-- What did it cost: bad events and the share of each error budget?
-- catalogue: link.postmortem_review.3 network.postmortem_review.4 community.postmortem_review.4
-- objective: objective
-- entity: whose budget
-- part: slot, class or component of it
-- bad: events of the range that were not good
-- total: all events of the range
-- target: target, 0..1
-- spent: share of the budget of its window that the bad events are, at the window's usual traffic, as alerts reckon it
-- remaining_before: share of the budget left at the start
-- remaining_after: share left at the end

create function postmortem.budget_spent(from_at timestamptz, to_at timestamptz, about text default null)
returns table (objective text, entity text, part text, bad float8, total float8, target float8, spent float8,
               remaining_before float8, remaining_after float8)
language sql stable parallel safe as $$
with lost as (
    select entity_id, sum(total - good)::float8 as bad, sum(total)::float8 as total
      from public.sli where minute >= from_at and minute < to_at group by 1
)
select promise.objective, promise.entity, promise.part, lost.bad, lost.total, promise.target,
       lost.bad / nullif((1 - promise.target) * postmortem.usual_events(promise.id, promise.window_s, to_at), 0),
       before.remaining, after.remaining
  from lost
  join postmortem.promises(about) as promise on promise.id = lost.entity_id
  left join lateral (select remaining from public.budget where entity_id = promise.id and time <= from_at
                      order by time desc limit 1) as before on true
  left join lateral (select remaining from public.budget where entity_id = promise.id and time <= to_at
                      order by time desc limit 1) as after on true
 where lost.bad > 0
 order by 7 desc nulls last, 1, 2, 3
$$;
