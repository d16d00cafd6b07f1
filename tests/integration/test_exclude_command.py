"""`herald exclude add` says which objectives it spares, so that nobody believes that nothing counts."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from typer.testing import CliRunner, Result

from herald.cli import app
from herald.engine import Engine
from store import Store
from tests.integration.telemetry import at
from tests.integration.test_engine import READ_SUCCESS
from tests.services.databases import MigratedDatabases

ADD = ("--from", "2026-03-01T02:00Z", "--to", "2026-03-01T04:00Z", "--why", "pump replaced")


@pytest.fixture(scope="module")
def database(databases: MigratedDatabases, embedded_server_url: str) -> Iterator[str]:
    """A database with two objectives, of which one leaves maintenance out."""
    with databases.on(embedded_server_url) as url:
        careful = replace(READ_SUCCESS, name="careful", exclude=("maintenance",))
        with Store(url) as store:
            Engine(store, (READ_SUCCESS, careful), web_url="http://herald", now_ns=at(0))
        yield url


def add(database: str, kind: str, *options: str) -> Result:
    return CliRunner().invoke(app, ["exclude", "add", kind, *ADD, "--database", database, *options])


def test_it_names_the_objectives_that_leave_the_kind_out(database):
    assert json.loads(add(database, "maintenance", "--json").stdout)["objectives"] == ["careful"]


def test_it_counts_them_for_a_person(database):
    assert "1 of 2 objectives leave maintenance out" in add(database, "maintenance").stderr


def test_it_warns_where_none_does(database):
    assert (
        "nothing changes: their files say so with herald.dev/exclude: calibration"
        in add(database, "calibration").stderr
    )
