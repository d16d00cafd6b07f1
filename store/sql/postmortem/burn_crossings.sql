-- When did each budget change its state, and how fast was it burning?
-- catalogue: link.postmortem_review.3 community.postmortem_review.4 network.postmortem_review.1
-- at: snapshot that shows the new state
-- objective: objective
-- entity: whose budget
-- part: slot, class or component of it
-- was: state before
-- became: state since
-- burn_1h: burn rate over an hour
-- remaining: share of the budget left

create function postmortem.burn_crossings(from_at timestamptz, to_at timestamptz, about text default null)
returns table (at timestamptz, objective text, entity text, part text, was text, became text, burn_1h float8,
               remaining float8)
language sql stable parallel safe as $$
with told as (
    select budget.*, lag(state) over (partition by entity_id order by time) as was
      from public.budget where time >= from_at - interval '2 hours' and time <= to_at
)
select told.time, promise.objective, promise.entity, promise.part, told.was, told.state, told.burn_1h, told.remaining
  from told join postmortem.promises(about) as promise on promise.id = told.entity_id
 where told.time >= from_at and told.was <> told.state
 order by 1, 2, 3, 4
$$;
