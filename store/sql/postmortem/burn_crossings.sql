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
select * from postmortem.crossings(from_at, to_at, about) order by 1, 2, 3, 4
$$;
