"""Every statement of every board, expanded as Grafana expands it, is understood by a real database, and answers."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from alert_rules.shipped import load_shipped_objectives
from dashboards import build_boards
from dashboards.burn_panels import above_limits
from dashboards.domains import DOMAINS, Domain
from dashboards.look import STATE_CODES, TELEMETRY_WORDS, worst_code, worst_first
from dashboards.sql import entity
from model.cancellation import Cancellation
from model.clock import DAY_NS, HOUR_NS, RealClock, VirtualClock, to_datetime
from slo import BURN_WINDOWS, DEFAULT_TIERS, State
from store import QueryRunner, connect, migrate, throwaway_database
from tests.integration.lived_fleet import HISTORY_NS, NOW_NS
from tests.unit.dashboards.rendered import QUIET, panels_of
from web.boards import Board, parse_board
from web.panel_queries import PanelQueries, PanelQuery
from web.sources import Column, ColumnKind, Table
from web.variables import ALL

OBJECTIVES = load_shipped_objectives()
CODES = list(TELEMETRY_WORDS)
JUDGED = {objective.domain for objective in OBJECTIVES}
BOARDS = [parse_board(json) for json in build_boards(OBJECTIVES).values()]
each_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)


class Reader:
    """Runs panel queries as the web application does: read-only, as the reader's role."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._runner = QueryRunner(url, connections=1)

    def read_table(
        self, sql: str, *, row_limit: int, timeout_s: float, cancellation: Cancellation | None = None
    ) -> Table:
        answer = self._runner.read_table(sql, row_limit=row_limit, timeout_s=timeout_s, cancellation=cancellation)
        columns = [Column(column.name, ColumnKind(column.kind)) for column in answer.columns]
        return Table(columns=columns, rows=answer.rows)

    def close(self) -> None:
        self._runner.close()


@pytest.fixture(scope="module", params=["embedded", "timescale"])
def reader(request: pytest.FixtureRequest) -> Iterator[Reader]:
    server: str = request.getfixturevalue(f"{request.param}_server_url")
    with throwaway_database(server) as url:
        migrate(url)
        runner = Reader(url)
        yield runner
        runner.close()


@pytest.fixture(scope="module", params=["embedded", "timescale"])
def lived(request: pytest.FixtureRequest, lived_fleet: Callable[[str], str]) -> Iterator[Reader]:
    """A database with three hours of the shipped fleet, rolled up and judged."""
    runner = Reader(lived_fleet(request.getfixturevalue(f"{request.param}_server_url")))
    yield runner
    runner.close()


@each_board
def test_every_panel_shows_what_the_fleet_did(board: Board, lived: Reader):
    empty = {
        str(panel["title"])
        for panel in panels_of(dict(board.json))
        if not may_be_empty(board, panel)
        and not any(holds_values(ask(board, panel, target, lived)) for target in panel["targets"])
    }
    assert empty == set()


def ask(board: Board, panel: Mapping[str, Any], target: Mapping[str, Any], reader: Reader) -> Mapping[str, Any]:
    """Ask over the three hours; of requests, which bear the time at which they arrived, over the real day."""
    is_real = "received_at" in target["rawSql"]
    queries = PanelQueries(reader, RealClock() if is_real else VirtualClock(NOW_NS))
    span = queries.resolve_range("now-1d" if is_real else f"now-{HISTORY_NS // HOUR_NS}h", "now")
    return queries.run(_query(board, panel["id"], target["refId"]), {}, span)


def may_be_empty(board: Board, panel: Mapping[str, Any]) -> bool:
    """Whether nothing is what a healthy fleet shows there, or nobody promised anything in this domain."""
    asks_of_promises = any(" slo." in target["rawSql"] for target in panel["targets"])
    nobody_promised = (
        asks_of_promises and not JUDGED & set(board.tags) and set(board.tags) & {d.name for d in DOMAINS}
    )
    return panel["title"] in QUIET.get(board.uid, set()) or bool(nobody_promised)


def holds_values(answer: Mapping[str, Any]) -> bool:
    assert "error" not in answer, answer
    columns = (column for frame in answer["frames"] for column in frame["data"]["values"])
    return any(value is not None for column in columns for value in column)


@pytest.fixture
def of_then(lived: Reader) -> Iterator[Reader]:
    """The same database at the end of the three hours: `now()` is then for who connects meanwhile."""
    with connect(lived.url) as connection:
        name = connection.info.dbname
        connection.execute(_STAND_STILL.format(then=to_datetime(NOW_NS), name=name).encode())
    runner = Reader(lived.url)
    yield runner
    runner.close()
    with connect(lived.url) as connection:
        connection.execute(_GO_ON.format(name=name).encode())


_STAND_STILL = """
    create schema still;
    grant usage on schema still to public;
    create function still.now() returns timestamptz stable language sql return timestamptz '{then}';
    alter database {name} set search_path = still, pg_catalog, public;
"""
_GO_ON = "alter database {name} reset search_path; drop schema still cascade"


@pytest.mark.parametrize(
    ("uid", "title"),
    [
        ("herald-memory-on-call", "Telemetry"),
        ("herald-memory-executive", "Age of newest sample"),
        ("herald-memory-debug", "State of telemetry"),
        ("herald-home", "Age of newest sample"),
        ("herald-home", "Data freshness"),
        ("herald-incident", "Gaps in telemetry"),
        ("herald-scaleup-on-call", "Health of processors"),
    ],
)
def test_what_is_still_to_come_is_neither_late_nor_missing(of_then: Reader, uid: str, title: str):
    queries, board = PanelQueries(of_then, VirtualClock(NOW_NS)), _board(uid)
    [panel] = [each for each in board.json["panels"] if each["title"] == title]

    def shown(end: str) -> list[Any]:
        span = queries.resolve_range("now-3h", end)
        answer: Mapping[str, Any] = queries.run(_query(board, panel["id"], "A"), {}, span)
        assert holds_values(answer)
        return [frame["data"] for frame in answer["frames"]]

    assert shown("now+1h") == shown("now")


@pytest.mark.parametrize("seconds", [0, 30])
def test_a_rate_does_not_fall_because_its_last_step_still_runs(lived: Reader, seconds: int):
    """The rate of a long step is the mean of the rates of its minutes, of the last as of the others."""
    queries, board = PanelQueries(lived, VirtualClock(NOW_NS)), _board("herald-link-debug")
    [panel] = [each for each in board.json["panels"] if each["title"] == "Attempts"]
    end_ms = NOW_NS // 1_000_000 - 600_000 + seconds * 1000  # in the middle of half an hour
    span = queries.resolve_range("now-3h", str(end_ms))

    def shown(points: int) -> tuple[list[int], list[list[float]]]:
        query = PanelQuery(board=board, panel_id=panel["id"], ref_id="A", max_points=points)
        answer: Mapping[str, Any] = queries.run(query, {}, span)
        times, *rates = answer["frames"][0]["data"]["values"]
        return times, rates

    (minutes, by_minute), (steps, by_step) = shown(800), shown(6)
    assert (minutes[-1], steps[-1]) == (NOW_NS // 1_000_000 - 660_000, NOW_NS // 1_000_000 - 1_800_000)
    for rates, rate in zip(by_minute, by_step, strict=True):
        last = [each for when, each in zip(minutes, rates, strict=True) if when >= steps[-1]]
        assert rate[-1] == pytest.approx(sum(last) / len(last))


@pytest.mark.parametrize("queue", ["dirty_minute", "rollup_dirty"])
@pytest.mark.parametrize(
    ("uid", "title", "counted", "waiting"),
    [
        ("herald-memory-on-call", "Telemetry", CODES.index("live"), CODES.index("partial")),
        ("herald-memory-on-call", "Rejects in range", 0, None),
    ],
)
def test_nothing_is_good_while_minutes_of_the_range_wait_to_be_added_up(
    lived: Reader, queue: str, uid: str, title: str, counted: int, waiting: int | None
):
    def shown() -> list[list[Any]]:
        queries, board = PanelQueries(lived, VirtualClock(NOW_NS)), _board(uid)
        [panel] = [each for each in board.json["panels"] if each["title"] == title]
        span = queries.resolve_range("now-3h", "now")
        answer: Mapping[str, Any] = queries.run(_query(board, panel["id"], "A"), {"site": ["hague"]}, span)
        values: list[list[Any]] = answer["frames"][0]["data"]["values"]
        return values

    assert shown() == [[counted]]
    with connect(lived.url) as connection:
        minute = to_datetime(NOW_NS - 2 * HOUR_NS)
        connection.execute(f"insert into {queue} values ('quantum.memory.reads', %s)".encode(), (minute,))
    assert shown() == [[waiting]]
    with connect(lived.url) as connection:
        connection.execute(f"delete from {queue} where minute = %s".encode(), (minute,))


@pytest.mark.parametrize(
    ("uid", "title", "column", "shown"),
    [
        ("herald-memory-on-call", "Pages firing", 0, [1]),
        ("herald-memory-on-call", "Tickets firing", 0, [0]),
        ("herald-link-on-call", "Pages firing", 0, [0]),
        ("herald-home", "Domains", 4, [1, 0, 0, 0, 0]),
    ],
)
def test_a_rule_without_a_budget_fires_on_the_boards_it_concerns(
    reader: Reader, uid: str, title: str, column: int, shown: list[int]
):
    assert answer_while_a_page_is_open(reader, uid, title, "now")[column] == shown


@pytest.mark.parametrize(
    ("title", "column", "shown"),
    [("Alerts firing", 0, [0]), ("Domains", 4, [0, 0, 0, 0, 0]), ("Alerts, firing first", 0, None)],
)
def test_what_only_mutes_others_does_not_fire(reader: Reader, title: str, column: int, shown: list[int] | None):
    columns = answer_while_a_page_is_open(reader, "herald-home", title, "now", severity="info")
    assert (columns[column] if columns else None) == shown


@pytest.mark.parametrize("end", ["now", "now-1y"])
def test_what_fires_has_lasted_until_now_and_leads_to_a_board_that_goes_on(reader: Reader, end: str):
    """In a range that ended before it fired, too."""
    columns = answer_while_a_page_is_open(reader, "herald-home", "Alerts, firing first", end)
    [fired], [name], [lasted], [detail], [since], [until] = columns[0], columns[3], columns[6], *columns[-3:]
    assert lasted > 0
    assert (int(since), until) == (fired - 7_200_000, "now")
    assert (name, detail) == ("cryostat-warm", None)


@pytest.mark.parametrize(
    ("uid", "titles"), [("herald-memory-debug", ["Page: cryostat-warm"]), ("herald-link-debug", [])]
)
def test_the_page_of_a_rule_is_drawn_across_the_charts_it_concerns(reader: Reader, uid: str, titles: list[str]):
    queries = PanelQueries(reader, VirtualClock(NOW_NS))
    with open_page(reader):
        marks = queries.read_annotations(_board(uid), {}, queries.resolve_range("now-1y", "now"))
    assert [mark["title"] for mark in marks] == titles


@contextmanager
def open_page(reader: Reader, severity: str = "page") -> Iterator[None]:
    """A rule without a budget pages, about the cryostat of a memory."""
    with connect(reader.url) as connection:
        connection.execute(_OPEN_PAGE, {"severity": severity})
    yield
    with connect(reader.url) as connection:
        connection.execute("delete from alert")


def answer_while_a_page_is_open(
    reader: Reader, uid: str, title: str, end: str, *, severity: str = "page"
) -> list[list[Any]]:
    """The columns of a panel over the hour before `end`, while a rule pages."""
    queries, board = PanelQueries(reader, VirtualClock(NOW_NS)), _board(uid)
    [panel] = [each for each in board.json["panels"] if each["title"] == title]
    span = queries.resolve_range(f"{end}-1h", end)
    with open_page(reader, severity):
        answer: Mapping[str, Any] = queries.run(_query(board, panel["id"], "A"), {}, span)
    columns: list[list[Any]] = answer["frames"][0]["data"]["values"]
    return columns


_OPEN_PAGE = """
    with concerned as (
        insert into entity (objective, labels, device)
        values ('cryostat-warm', '{"device": "cryo-delft"}', 'cryo-delft')
        on conflict (objective, labels) do update set device = excluded.device returning *)
    insert into alert (entity_id, objective, labels, tier, severity, fired_at, threshold, long_window, short_window,
                       annotations)
    select id, objective, labels, 'rule', %(severity)s, '2026-01-01', 0, '', '',
           '{"catalogue_id": "memory.F7, memory.B2"}' from concerned
"""


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        (["ok", "ok"], State.OK),
        (["ok", "no_data"], State.NO_DATA),
        (["no_data", "at_risk", "ok"], State.AT_RISK),
        (["at_risk", "exhausted", "no_data"], State.EXHAUSTED),
    ],
)
def test_what_is_unknown_is_worse_than_what_is_well(reader: Reader, states: list[str], worst: State):
    with connect(reader.url) as connection:
        asked = f"select {worst_code()} from unnest(%s::text[]) as judged (state)"
        assert connection.execute(asked.encode(), (states,)).fetchone() == (STATE_CODES[worst],)


@pytest.mark.parametrize(
    ("burns", "told"),
    [
        ({"5m": 0.0, "1h": 0.0}, "none"),
        ({}, "none"),
        ({"5m": 40.0, "1h": 2.0}, "page: 5m, not 1h"),
        ({"5m": 40.0}, "page: 5m, not 1h"),
        ({"5m": 0.0, "1h": 14.0}, "page: 1h, not 5m"),
        ({"5m": 40.0, "1h": 14.0}, "page: 1h and 5m"),
        ({"5m": 40.0, "1d": 3.0, "2h": 3.0}, "ticket: 1d and 2h"),  # both windows before a higher limit in one
        ({"5m": 13.44, "1h": 13.44}, "none"),  # at its limit nobody is told
    ],
)
def test_a_burn_above_the_limit_in_one_window_is_told_from_one_in_both(
    reader: Reader, burns: dict[str, float], told: str
):
    objective = replace(OBJECTIVES[0], window_ns=28 * DAY_NS, tiers=DEFAULT_TIERS)
    other = replace(objective, name="other", tiers=tuple(replace(tier, severity="info") for tier in DEFAULT_TIERS))
    columns = ", ".join(f"{burns.get(window, 'null')}::float8 as burn_{window}" for window in BURN_WINDOWS)
    row = f"(select '{objective.name}' as objective, {columns}) as s"
    with connect(reader.url) as connection:
        asked = f"select {above_limits('s', [objective, other])} from {row}"
        assert connection.execute(asked.encode()).fetchone() == (told,)


@pytest.mark.parametrize(
    ("uid", "title"),
    [
        ("herald-home", "Objectives that were not OK, 30 worst"),
        ("herald-incident", "Objectives that were not OK, 30 worst"),
        ("herald-link-on-call", "State of the 30 worst objectives"),
    ],
)
def test_bands_of_states_begin_with_the_worst(lived: Reader, uid: str, title: str):
    board = _board(uid)
    [panel] = [each for each in board.json["panels"] if each["title"] == title]
    fields = ask(board, panel, panel["targets"][0], lived)["frames"][0]["schema"]["fields"][1:]
    shown = re.findall(r"^ ?(\d+)\. (.+)$", "\n".join(field["name"] for field in fields), re.MULTILINE)
    assert len(shown) == len(fields) > 9
    assert [int(place) for place, _ in shown] == list(range(1, len(shown) + 1))
    with connect(lived.url) as connection:
        called = f"display_name || ': ' || {entity('s')}"
        asked = f"select {called} from slo.status s order by {worst_first('s')}, entity_id"
        names = [name for (name,) in connection.execute(asked.encode())]
    assert [name for _, name in shown] == [name for name in names if name in {name for _, name in shown}]


@pytest.mark.parametrize(
    ("uid", "title", "column", "falls"),
    [
        ("herald-home", "Budget left, 15 lowest", "Left", False),
        ("herald-incident", "Gaps in telemetry", "Age", True),
        ("herald-memory-executive", "Missed promises and pages", "Time paging", True),
    ],
)
def test_rows_come_in_the_order_that_is_promised(lived: Reader, uid: str, title: str, column: str, falls: bool):
    board = _board(uid)
    [panel] = [each for each in board.json["panels"] if each["title"].startswith(title)]
    values = [value for value in columns_of(board, panel, lived)[column] if value is not None]
    assert len(set(values)) > 1
    assert values == sorted(values, reverse=falls)


def test_the_home_board_counts_domains_by_their_worst_state(lived: Reader):
    board = _board("herald-home")
    domains, listed = (
        columns_of(board, panel, lived)
        for panel in board.json["panels"]
        if panel["title"] in {"Domains", "Objectives, worst first"}
    )
    worst = {"exhausted": 3, "at_risk": 2, "no_data": 1, "ok": 0}
    for name, state, kept in zip(domains["name"], domains["State"], domains["OK"], strict=True):
        own = [each for domain, each in zip(listed["Domain"], listed["State"], strict=True) if domain == name]
        assert (state, kept) == (max(own, key=worst.__getitem__), own.count("ok"))
    ranks = [worst[each] for each in listed["State"]]
    assert len(set(ranks)) > 1
    assert ranks.index(0) == len(ranks) - ranks.count(0)
    exhausted = [left for left, rank in zip(listed["Budget left"], ranks, strict=True) if rank == worst["exhausted"]]
    assert exhausted == sorted(exhausted)


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_an_objective_leads_to_an_entity_that_may_be_chosen(lived: Reader, domain: Domain):
    """Also where it is about a part of one, such as a slot, or about something that no board chooses."""
    board = _board(domain.uid("on-call"))
    [panel] = [each for each in board.json["panels"] if each["title"] == "Objectives, worst first"]
    assert f"?var-{domain.column}=${{__data.fields.chosen}}&" in str(panel["fieldConfig"]["overrides"])
    entities, chosen = (columns_of(board, panel, lived)[name] for name in ("Entity", "chosen"))
    queries = PanelQueries(lived, VirtualClock(NOW_NS))
    variables = queries.describe_variables(board, {domain.column: chosen}, queries.resolve_range("now-3h", "now"))
    [unknown] = [each["unknown"] for each in variables if each["name"] == domain.column]
    assert unknown == []
    assert all(name.startswith(each) for name, each in zip(entities, chosen, strict=True) if each != ALL)
    assert set(chosen) != {ALL}


def test_a_backend_leads_to_the_time_of_its_own_snapshots(lived: Reader):
    board = _board("herald-processor-calibration")
    [panel] = [each for each in board.json["panels"] if each["title"] == "Backends, best gates first"]
    rows = columns_of(board, panel, lived)
    day_ms = DAY_NS // 1_000_000
    assert {"lab_north", "lab_south"} <= set(rows["Backend"])
    assert [int(each) for each in rows["from"]] == [first - day_ms for first in rows["First measured"]]
    assert [int(each) for each in rows["to"]] == [last + day_ms for last in rows["Last measured"]]


def columns_of(board: Board, panel: Mapping[str, Any], reader: Reader) -> dict[str, list[Any]]:
    """The columns of a table by their names."""
    [frame] = ask(board, panel, panel["targets"][0], reader)["frames"]
    names = [field["name"] for field in frame["schema"]["fields"]]
    return dict(zip(names, frame["data"]["values"], strict=True))


@pytest.mark.parametrize("title", ["Objectives OK", "At risk", "Exhausted", "No data"])
def test_before_anything_is_judged_no_count_of_objectives_is_good(reader: Reader, title: str):
    queries, board = PanelQueries(reader, VirtualClock(NOW_NS)), _board("herald-home")
    [panel] = [each for each in board.json["panels"] if each["title"] == title]
    span = queries.resolve_range("now-1h", "now")
    answer: Mapping[str, Any] = queries.run(_query(board, panel["id"], "A"), {}, span)
    assert answer["frames"][0]["data"]["values"] == [[None]]


@each_board
@pytest.mark.parametrize("length_ns", [HOUR_NS, 30 * DAY_NS], ids=["1h", "30d"])
def test_every_panel_can_be_asked(board: Board, length_ns: int, reader: Reader):
    queries = PanelQueries(reader, VirtualClock(NOW_NS))
    span = queries.resolve_range(str((NOW_NS - length_ns) // 1_000_000), "now")
    refused = {
        f"{panel_id}{target.ref_id}": answer["error"]
        for panel_id, targets in board.targets.items()
        for target in targets
        if "error" in (answer := queries.run(_query(board, panel_id, target.ref_id), {}, span))
    }
    assert refused == {}


@each_board
def test_every_annotation_can_be_asked(board: Board, reader: Reader):
    queries = PanelQueries(reader, VirtualClock(NOW_NS))
    assert queries.read_annotations(board, {}, queries.resolve_range("now-6h", "now")) == []


@each_board
def test_every_variable_answers_even_without_data(board: Board, reader: Reader):
    queries = PanelQueries(reader, VirtualClock(NOW_NS))
    described = queries.describe_variables(board, {}, queries.resolve_range("now-6h", "now"))
    assert all(each["options"] and not each["error"] for each in described)


def _board(uid: str) -> Board:
    return next(board for board in BOARDS if board.uid == uid)


def _query(board: Board, panel_id: int, ref_id: str) -> PanelQuery:
    return PanelQuery(board=board, panel_id=panel_id, ref_id=ref_id, max_points=800)
