-- Who may write, and what was written: positions, epochs, turns and digests.

-- name: read_position
select position from ingest_position where source = %(source)s;

-- name: claim_source
-- Whoever had the source before has an older epoch from now on.
insert into ingest_position (source, position, epoch) values (%(source)s, 0, 1)
on conflict (source) do update set epoch = ingest_position.epoch + 1
returning position, epoch;

-- name: lock_position
select position, epoch from ingest_position where source = %(source)s for update;

-- name: take_turn
select writer from ingest_writer for update;

-- name: leave_name
update ingest_writer set writer = %(writer)s;

-- name: move_position
update ingest_position set position = %(new)s where source = %(source)s and position = %(expected)s;

-- name: add_digests
insert into ingest_batch (digest)
select digest from unnest(%(digests)s::bytea[]) as new(digest) order by digest
on conflict (digest) do nothing
returning digest;

-- name: ensure_week
select ensure_week(%(table)s, timestamptz '1970-01-01 00:00:00+00' + %(week)s * interval '7 days');

-- name: limit_waiting
-- A writer that is stopped in the middle of a transaction must not keep the others from their turn.
set statement_timeout = '60s';
set idle_in_transaction_session_timeout = '30s';
