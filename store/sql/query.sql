-- Running somebody else's query: as the reader, reading only, and not for long.

-- name: become_reader
set role herald_reader;

-- name: begin_reading
-- A cursor is planned for a tenth of its rows, but all are fetched.
set transaction read only; set local cursor_tuple_fraction = 1;

-- name: set_timeout
set local statement_timeout = {milliseconds};
