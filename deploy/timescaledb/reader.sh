#!/bin/sh
# Runs once, on an empty database: Grafana's login, which may read and nothing else.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$GRAFANA_DB_PASSWORD" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
create role herald_reader nologin;
create role grafana login password :'password' in role herald_reader;
alter role grafana set default_transaction_read_only = on;
alter role grafana set statement_timeout = '30s';
SQL
