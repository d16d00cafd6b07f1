-- Thinning out old snapshots of budgets.

-- name: read_thinned_until
-- Null where there is no snapshot at all.
select nullif(greatest(budgets_thinned_until(), (select date_bin('1 hour', min(time), 'epoch') from budget)), '-infinity');

-- name: set_thinned_until
insert into engine_state (key, value) values ('budgets_thinned_until', to_jsonb(%(end)s::timestamptz))
on conflict (key) do update set value = excluded.value;

-- name: thin
-- The last snapshot of an hour stays, and every one of an hour that is pinned. By entity, whose times are indexed.
delete from budget
 using entity
 where budget.entity_id = entity.id and budget.time >= %(start)s and budget.time < %(end)s
   and exists (select from budget as later
                where later.entity_id = budget.entity_id and later.time > budget.time
                  and later.time < date_bin('1 hour', budget.time, 'epoch') + interval '1 hour')
   and not exists (select from pin
                    where pin.start_time < date_bin('1 hour', budget.time, 'epoch') + interval '1 hour'
                      and pin.end_time > date_bin('1 hour', budget.time, 'epoch'));
