-- What every session needs.

-- name: ping
select 1;
