"""The schema: made once, the same for everybody, readable but not writable by the reader's role."""

import re
import subprocess
import threading
from pathlib import Path

import pytest

import store
from model import names
from model.registry import load_registry
from store import DatabaseTooNewError, migrate, read_migration_status, throwaway_database
from store.cluster import locate_program
from store.database import connect
from store.migrations import MIGRATIONS
from tests.golden import assert_generated
from tests.integration.telemetry import query_all

SCHEMA = Path(store.__file__).parent / "schema.sql"


def test_migrating_twice_changes_nothing(empty_database):
    first = migrate(empty_database)
    assert migrate(empty_database) == first
    assert first.pending == ()


def test_the_status_of_an_empty_database_is_all_pending(empty_database):
    status = read_migration_status(empty_database)
    assert status.applied == ()
    assert len(status.pending) == len({path.name[:4] for path in MIGRATIONS.glob("*.sql")})


def test_several_processes_may_migrate_at_once(empty_database):
    calls = [threading.Thread(target=migrate, args=(empty_database,)) for _ in range(4)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert read_migration_status(empty_database).pending == ()


def test_a_database_of_a_newer_program_is_left_alone(database):
    with connect(database) as connection:
        connection.execute("insert into schema_migration (version, name) values (9999, 'future')")
    with pytest.raises(DatabaseTooNewError, match="migration 9999"):
        migrate(database)


def test_timescale_is_used_exactly_where_the_server_has_it(database, server_url):
    (timescale,) = query_all(server_url, "select count(*) from pg_available_extensions where name = 'timescaledb'")[0]
    assert bool(read_migration_status(database).timescale) == bool(timescale)


def test_every_metric_has_a_view_with_its_attributes_as_columns(database):
    registry = load_registry()
    found: dict[str, set[str]] = {}
    listing = "select table_name, column_name from information_schema.columns where table_schema = 'metric'"
    for view, column in query_all(database, listing):
        found.setdefault(str(view), set()).add(str(column))
    common = {"time", "moment", "site", "series_id"}
    number, histogram = (
        {"value", "value_int", "start_time"},
        {"count", "sum", "min", "max", "mean", "bounds", "buckets"},
    )
    assert found == {
        metric.name: {registry.column(name) for name in metric.attributes}
        | common
        | (histogram if metric.instrument == "histogram" else number)
        for metric in registry.metrics.values()
    }


@pytest.mark.parametrize("schema", ["metric_minute", "metric_hour"])
def test_every_metric_has_a_view_of_each_rollup(database, schema):
    views = query_all(database, f"select table_name from information_schema.views where table_schema = '{schema}'")
    assert {name for (name,) in views} == set(load_registry().metrics)


@pytest.mark.parametrize("schema", ["metric_device_minute", "metric_device_hour"])
def test_every_metric_of_slots_has_a_view_of_whole_devices(database, schema):
    views = query_all(database, f"select table_name from information_schema.views where table_schema = '{schema}'")
    by_slot = {metric.name for metric in load_registry().metrics.values() if names.ATTR_SLOT_ID in metric.attributes}
    assert {name for (name,) in views} == by_slot


def test_a_changed_registry_replaces_its_views(database):
    with connect(database) as connection:
        connection.execute('create view metric."quantum.gone" as select 1')
        connection.execute("comment on view metric.\"quantum.memory.t2\" is 'an older definition'")
    migrate(database)
    listing = "select relname, obj_description(oid) from pg_class where relnamespace = 'metric'::regnamespace"
    comments = {view: comment for view, comment in query_all(database, listing)}  # noqa: C416 - for the type checker
    assert "quantum.gone" not in comments
    assert str(comments["quantum.memory.t2"]).startswith("Coherence time of a slot")


def test_changed_postmortem_queries_are_made_anew_and_others_left_alone(database):
    made = "select 'postmortem'::regnamespace::oid"
    before = query_all(database, made)
    migrate(database)
    assert query_all(database, made) == before
    with connect(database) as connection:
        connection.execute("create function postmortem.gone() returns integer language sql return 1")
        connection.execute("comment on schema postmortem is 'an older definition'")
    migrate(database)
    left = query_all(database, "select proname from pg_proc where pronamespace = 'postmortem'::regnamespace")
    assert ("changes",) in left
    assert ("gone",) not in left


def test_the_stand_in_for_time_bucket_is_timescales(database):
    buckets = query_all(database, "select time_bucket(interval '7 days', timestamptz '2026-11-20 12:34:56+00')::text")
    assert buckets == [("2026-11-16 00:00:00+00",)]


def test_the_schema_file_says_what_the_migrations_make(embedded_server_url):
    """People read it instead of the migrations; `make generate` rewrites it."""
    with throwaway_database(embedded_server_url) as url:
        migrate(url)
        dumped = subprocess.run(
            [locate_program("pg_dump"), "--schema-only", "--no-owner", "-n", "public", "-n", "slo", "-d", url],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    assert_generated(SCHEMA, _normalized(dumped))


def _normalized(dump: str) -> str:
    lines = [line for line in dump.splitlines() if not re.match(r"(--|SET |SELECT pg_catalog|\\(un)?restrict)", line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
