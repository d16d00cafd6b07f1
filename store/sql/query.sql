-- Running somebody else's query: as the reader, reading only, and not for long.

-- name: become_reader
set role herald_reader;

-- name: read_only
set transaction read only;

-- name: set_timeout
set local statement_timeout = {milliseconds};
