"""The SQL files keep their form, so that every statement can be found by name."""

import re

import pytest

from model.points import Kind, Temporality
from store.migrations import MIGRATIONS, list_migrations
from store.series_selection import Shape, shape_of
from store.statements import SQL, load_statements

FILES = sorted(path.stem for path in SQL.glob("*.sql"))


@pytest.mark.parametrize("topic", FILES)
def test_every_statement_has_text(topic):
    statements = load_statements(topic)
    assert statements
    assert all(text.strip() for text in statements.values())


@pytest.mark.parametrize("topic", FILES)
def test_a_name_is_given_once(topic):
    names = re.findall(r"^-- name: (\w+)", (SQL / f"{topic}.sql").read_text(), re.MULTILINE)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("variant", ["plain", "timescale"])
def test_migrations_are_numbered_without_a_gap(variant):
    versions = [migration.version for migration in list_migrations(variant)]
    assert versions == list(range(1, len(versions) + 1))


def test_every_table_is_written_by_a_statement_or_a_trigger():
    """One that nothing writes is one that somebody waits for in vain."""
    texts = [path.read_text() for folder in (SQL, MIGRATIONS) for path in folder.glob("*.sql")]
    written = {
        table for text in texts for table in re.findall(r"(?:insert into|copy|update)\s+(?:public\.)?(\w+)", text)
    }
    made = re.findall(r"^CREATE TABLE public\.(\w+)", (MIGRATIONS.parent / "schema.sql").read_text(), re.MULTILINE)
    assert len(made) > 20
    assert set(made) - written == set()


def test_every_migration_file_is_used_by_some_database():
    used = {migration.path for variant in ("plain", "timescale") for migration in list_migrations(variant)}
    assert used == set(MIGRATIONS.glob("*.sql"))


@pytest.mark.parametrize(
    ("kind", "temporality", "monotonic", "shape"),
    [
        (Kind.GAUGE, Temporality.NONE, False, Shape.GAUGE),
        (Kind.SUM, Temporality.DELTA, True, Shape.DELTA),
        (Kind.SUM, Temporality.DELTA, False, Shape.DELTA),
        (Kind.SUM, Temporality.CUMULATIVE, True, Shape.CUMULATIVE),
        (Kind.SUM, Temporality.CUMULATIVE, False, Shape.GAUGE),
        (Kind.HISTOGRAM, Temporality.DELTA, False, Shape.HISTOGRAM),
        (Kind.EXPONENTIAL_HISTOGRAM, Temporality.CUMULATIVE, False, Shape.CUMULATIVE_HISTOGRAM),
    ],
)
def test_the_kind_of_a_series_says_how_to_read_it(kind, temporality, monotonic, shape):
    assert shape_of(kind, temporality, monotonic=monotonic) is shape
