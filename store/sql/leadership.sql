-- Who leads among the engines of one database.

-- name: try_lead
-- A connection that holds the lock gets it again.
select pg_try_advisory_lock(hashtext('herald engine leads'));
