-- What every session needs.

-- name: ping
select 1;

-- name: act_as
-- The audit log notes the changes of this transaction as those of {actor}.
set local herald.actor = {actor};

-- name: gather
-- An answer as one array for each column: reading it takes one message, where rows would take one each.
select {arrays} from ({statement}) as answer ({names});

-- name: gathered
array_agg({name})
