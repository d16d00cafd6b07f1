"""What the boards say of time that does not count, from a real database: whom it covers, and with what effect."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from alert_rules import load_shipped_objectives
from dashboards import build_boards
from model.clock import VirtualClock, to_ns
from store import connect
from tests.integration.test_dashboards_sql import Reader
from tests.services.databases import MigratedDatabases
from web.boards import parse_board
from web.panel_queries import PanelQueries, PanelQuery

NOW_NS = to_ns(datetime(2026, 3, 10, 12, 0, tzinfo=UTC))
BOARD = parse_board(build_boards(load_shipped_objectives())["herald-slo"])
TABLE = next(each["id"] for each in BOARD.json["panels"] if each["title"] == "Time that does not count")
EXCLUSION = (
    "insert into exclusion (kind, matchers, start_at, end_at, rule, zone, who, why, source, created_at, revoked_at)"
    " values ('{kind}', '{matchers}', '{start}', {end}, '{rule}', 'UTC', 'ada', '{why}', '', now(), {revoked})"
)
SETTING = (
    """insert into objective values
       ('reads', 'Reads', '', '', 'memory', '', '', '', 0.99, 86400, 'Occurrences', '{}', now())""",
    """insert into objective_generation values
       ('reads', 1, '2026-03-01', '', '{"exclude": []}'),
       ('reads', 2, '2026-03-02', '', '{"exclude": ["maintenance"]}')""",
    """insert into entity (objective, labels, device) values ('reads', '{"device": "mem-delft"}', 'mem-delft')""",
    "insert into budget (time, entity_id, good, total, state) select '2026-03-10', id, 1, 1, 'ok' from entity",
)


def exclusion(why: str, **given: str) -> str:
    """A statement that adds two hours of maintenance of mem-delft on the 9th, unless something else is given."""
    usual = {"kind": "maintenance", "matchers": '{"device": "mem-delft"}', "rule": "", "revoked": "null",
             "start": "2026-03-09 02:00Z", "end": "'2026-03-09 04:00Z'"}  # fmt: skip
    return EXCLUSION.format(why=why, **usual | given)


EXCLUSIONS = (
    exclusion("pump replaced"),
    exclusion("fibre cut", kind="incident", matchers="{}", end="null"),
    exclusion("taken back", revoked="now()"),
    exclusion("of another device", matchers='{"device": "mem-hague"}'),
    exclusion("long ago", start="2026-02-01 02:00Z", end="'2026-02-01 04:00Z'"),
    exclusion("every Sunday", start="2026-02-01 05:00Z", end="'2026-02-01 06:00Z'", rule="FREQ=WEEKLY"),
)


@pytest.fixture(scope="module")
def queries(databases: MigratedDatabases, embedded_server_url: str) -> Iterator[PanelQueries]:
    with databases.on(embedded_server_url) as url:
        with connect(url) as connection:
            for statement in (*SETTING, *EXCLUSIONS):
                connection.execute(statement.encode())
        reader = Reader(url)
        yield PanelQueries(reader, VirtualClock(NOW_NS))
        reader.close()


def listed(queries: PanelQueries, *columns: str) -> list[tuple[Any, ...]]:
    asked = PanelQuery(board=BOARD, panel_id=TABLE, ref_id="A", max_points=100)
    answer: Any = queries.run(asked, {}, queries.resolve_range("now-7d", "now"))
    (frame,) = answer["frames"]
    names = [each["name"] for each in frame["schema"]["fields"]]
    return list(zip(*(frame["data"]["values"][names.index(column)] for column in columns), strict=True))


def test_the_table_says_what_an_exclusion_does_to_the_objective(queries: PanelQueries):
    assert dict(listed(queries, "Why", "Effect")) == {
        "pump replaced": "excluded",
        "fibre cut": "counts",
        "taken back": "revoked",
        "every Sunday": "excluded",
    }


def test_the_table_says_whom_an_exclusion_covers(queries: PanelQueries):
    covered = dict(listed(queries, "Why", "Covers"))
    assert (covered["pump replaced"], covered["fibre cut"]) == ("mem-delft", "whole fleet")


def marks_since(queries: PanelQueries, start: str) -> list[tuple[str, float]]:
    """What each region of the board says, and how many hours it lasts."""
    marks: Any = queries.read_annotations(BOARD, {}, queries.resolve_range(start, "now"))
    return [(mark["text"], (mark["timeEnd"] - mark["time"]) / 3_600_000) for mark in marks]


def test_what_is_in_force_is_a_region_until_it_ends_or_until_now(queries: PanelQueries):
    found = dict(marks_since(queries, "now-3d"))
    assert found["mem-delft: pump replaced"] == 2
    assert found["whole fleet: fibre cut"] == 34


@pytest.mark.parametrize(("start", "sundays"), [("now-1d", 0), ("now-3d", 1), ("now-30d", 4)])
def test_what_comes_again_is_a_region_each_time(queries: PanelQueries, start: str, sundays: int):
    assert marks_since(queries, start).count(("mem-delft: every Sunday", 1)) == sundays
