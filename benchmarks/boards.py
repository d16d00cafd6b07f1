"""Every query of every dashboard over 30 days of the shipped fleet, and again with 1,000 memory slots.

A board's queries together stand beside one scan of the points stored; its slowest query, by the 95th percentile,
beside what is allowed. Loading the 30 days takes a good while, so it runs only when it is named. Queries run one
after the other, read-only, for as many points as a panel asks for at most.
"""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from alert_rules import load_shipped_objectives
from benchmarks.collecting import running_collector
from benchmarks.databases import embedded_server
from benchmarks.many_slots import enlarge
from benchmarks.pages import measure_pages
from benchmarks.progress import say
from benchmarks.results import Figure, Result
from benchmarks.rounds import time_in_turn
from dashboards import build_boards
from exporters import OtlpClient, build_simulated_sources, replay_history
from herald.engine import GRACE_NS, Engine
from herald.web_sources import StoredSources
from model.clock import DAY_NS, SECOND_NS, VirtualClock, format_time
from model.errors import HeraldError
from store import RollupStore, Store, connect, migrate
from web.boards import Board, parse_board
from web.panel_queries import PanelQueries, PanelQuery, TimeRange

_START_NS = 1_760_000_040 * SECOND_NS
_SPAN_NS = 30 * DAY_NS
_END_NS = _START_NS + _SPAN_NS
_ROUNDS = 3
_TIMES = 20
"""How often each query is timed: the 95th percentile is the second longest."""

_ALLOWED_S = 0.3
_ALLOWED_LARGE_S = 1.0


def measure_boards(folder: Path) -> Iterator[Result]:
    with embedded_server(folder) as database:
        _fill(database, folder)
        boards = [parse_board(json) for json in build_boards(load_shipped_objectives()).values()]
        with closing(StoredSources(database)) as sources:
            for board in boards:
                yield from measure_board(board, PanelQueries(sources, VirtualClock(_END_NS)), database, _END_NS)
            yield from measure_pages(sources, build_boards(load_shipped_objectives()), _END_NS)
            slots = enlarge(database, end=format_time(_END_NS))
            for board in boards:
                queries = PanelQueries(sources, VirtualClock(_END_NS))
                yield from measure_board(
                    board, queries, database, _END_NS, fleet=f", {slots:,} slots", allowed_s=_ALLOWED_LARGE_S
                )


def measure_board(
    board: Board,
    queries: PanelQueries,
    database: str,
    end_ns: int,
    *,
    fleet: str = "",
    allowed_s: float = _ALLOWED_S,
) -> Iterator[Result]:
    """Yield the time of all queries over the 30 days before `end_ns`, and of the slowest one."""
    span = queries.resolve_range(str((end_ns - _SPAN_NS) // 1_000_000), str(end_ns // 1_000_000))
    answering_s, scanning_s = time_in_turn(
        lambda: _ask_all(board, queries, span),
        lambda: _scan(database),
        rounds=_ROUNDS,
    )
    yield Result(
        name=f"board {board.uid}{fleet}", value=answering_s, unit="s", beside=Figure("scan of points", scanning_s)
    )
    slowest_s, panel_id = max((_p95(board, queries, span, *each), each[0]) for each in _targets(board))
    yield Result(
        name=f"board {board.uid}{fleet}, slowest query, panel {panel_id}",
        value=slowest_s,
        unit="s p95",
        beside=Figure("allowed", allowed_s),
    )


def _ask_all(board: Board, queries: PanelQueries, span: TimeRange) -> None:
    for panel_id, ref_id in _targets(board):
        _ask(board, queries, span, panel_id, ref_id)


def _p95(board: Board, queries: PanelQueries, span: TimeRange, panel_id: int, ref_id: str) -> float:
    took_s = []
    for _ in range(_TIMES):
        begun = time.perf_counter()
        _ask(board, queries, span, panel_id, ref_id)
        took_s.append(time.perf_counter() - begun)
    return sorted(took_s)[-2]


def _targets(board: Board) -> list[tuple[int, str]]:
    return [(panel_id, target.ref_id) for panel_id, targets in board.targets.items() for target in targets]


def _fill(database: str, folder: Path) -> None:
    migrate(database)
    with running_collector(database, folder) as collector, closing(OtlpClient(collector.url)) as client:
        sources = build_simulated_sources(seed=1, start_ns=_START_NS)
        for number, progress in enumerate(replay_history(sources, _START_NS, _END_NS, send=client.send)):
            if number % 36 == 0:
                say(f"  loading 30 days: {progress.share:.0%}")
        collector.wait_until_stored()
    say("  evaluating the objectives")
    with Store(database) as store:
        now_ns = _END_NS + GRACE_NS
        engine = Engine(store, load_shipped_objectives(), web_url="http://localhost", now_ns=now_ns)
        while engine.step(now_ns).recounted:  # a step takes note of some millions of changed minutes at most
            say("  some minutes are still to be counted")
    say("  rolling up")
    with RollupStore(database) as rollups:
        while waiting := rollups.refresh(closed_ns=_END_NS, since_ns=0, budget_s=60.0).waiting:
            say(f"  {waiting:,} minutes of metrics wait")
    with connect(database) as connection:
        connection.execute("vacuum analyze")


def _ask(board: Board, queries: PanelQueries, span: TimeRange, panel_id: int, ref_id: str) -> None:
    asked = PanelQuery(board=board, panel_id=panel_id, ref_id=ref_id, max_points=_points(board, panel_id))
    answer = queries.run(asked, {}, span)
    if "error" in answer:
        raise HeraldError(f"panel {panel_id} of {board.uid} has no answer: {answer['error']}")


def _points(board: Board, panel_id: int) -> int:
    panels = (each for panel in board.json["panels"] for each in (panel, *panel.get("panels", ())))
    return next(int(each["maxDataPoints"]) for each in panels if each["id"] == panel_id)


def _scan(database: str) -> None:
    with connect(database) as connection:
        connection.execute("select count(*), sum(value) from point").fetchone()
