-- What every session needs.

-- name: ping
select 1;

-- name: act_as
-- The audit log notes the changes of this transaction as those of {actor}.
set local herald.actor = {actor};
