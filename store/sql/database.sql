-- What is the database, and make and drop others on its server.

-- name: read_extension
select extversion, coalesce(current_setting('timescaledb.license', true), '')
  from pg_extension where extname = 'timescaledb';

-- name: read_module_loaded
select _timescaledb_functions.tsl_loaded();

-- name: read_synchronous_commit
show synchronous_commit;

-- name: set_synchronous_commit
set synchronous_commit = on;

-- name: create_database
create database {name} template template0;

-- name: copy_database
-- To copy the files of a small template takes a third of logging each of its pages.
create database {name} template {template} strategy file_copy;

-- name: drop_database
drop database if exists {name} with (force);

-- name: find_database
select 1 from pg_database where datname = %(name)s;
