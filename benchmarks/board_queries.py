"""How long the queries of boards take, over the 30 days before a moment, for as many points as a panel asks for.

Every query is asked once to warm up, then in rounds, each with one scan of the points stored. Then those that may be
the slowest of their board are asked again until their 95th percentile can be told. Queries run one after the other.
"""

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from benchmarks.progress import say
from benchmarks.results import Figure, Result
from benchmarks.rounds import time_once
from model.clock import DAY_NS
from model.errors import HeraldError
from store import connect
from web.boards import Board
from web.panel_queries import PanelQueries, PanelQuery, TimeRange

SPAN_NS = 30 * DAY_NS
_ROUNDS = 3
_TIMES = 20
"""How often what may be the slowest query is timed: the 95th percentile is the second longest."""

_MAY_BE_SLOWEST = 0.5
"""A query is left at its rounds if the longest of them is less than this part of the board's longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A query and how long it took each time."""

    query: PanelQuery
    took_s: list[float] = field(default_factory=list)

    @property
    def p95_s(self) -> float:
        """Return the 95th percentile of twenty times; of fewer, the longest."""
        return sorted(self.took_s)[-2 if len(self.took_s) >= _TIMES else -1]

    @property
    def name(self) -> str:
        """Return the board and the title of the panel."""
        return f"{self.query.board.uid}, {_panels(self.query.board)[self.query.panel_id]['title']}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """What is asked: the boards, who answers, and until when; `name` is said of every figure."""

    name: str
    boards: Sequence[Board]
    queries: PanelQueries
    database: str
    end_ns: int
    allowed_s: float

    def time(self, asked: Asked) -> float:
        """Return the seconds until a query is answered."""
        query = asked.query
        begun = time.perf_counter()
        answer = self.queries.run(query, {}, self._span())
        took_s = time.perf_counter() - begun
        if "error" in answer:
            raise HeraldError(f"panel {query.panel_id} of {query.board.uid} has no answer: {answer['error']}")
        return took_s

    def scan(self) -> None:
        """Read every point stored."""
        with connect(self.database) as connection:
            connection.execute("select count(*), sum(value) from point").fetchone()

    def _span(self) -> TimeRange:
        start_ns = self.end_ns - SPAN_NS
        return self.queries.resolve_range(str(start_ns // 1_000_000), str(self.end_ns // 1_000_000))


def measure_queries(fleet: Fleet) -> Iterator[Result]:
    """Yield for each board what all its queries and its slowest one take, then the slowest of all boards."""
    boards = {board.uid: list_queries(board) for board in fleet.boards}
    scan = Figure("scan of points", statistics.median(_ask_in_rounds(fleet, [*chain(*boards.values())])))
    for uid, asked in boards.items():
        rounds_s = [sum(times) for times in zip(*(each.took_s for each in asked), strict=True)]
        yield Result(name=f"board {uid}{fleet.name}", value=statistics.median(rounds_s), unit="s", beside=scan)
        for each in candidates(asked):
            each.took_s.extend(fleet.time(each) for _ in range(_TIMES - len(each.took_s)))
        yield _slowest(fleet, f"board {uid}", asked)
    yield _slowest(fleet, "all boards", [*chain(*boards.values())])


def list_queries(board: Board) -> list[Asked]:
    """Return every query of a board, for as many points as its panel asks for."""
    panels = _panels(board)
    return [
        Asked(
            query=PanelQuery(
                board=board,
                panel_id=panel_id,
                ref_id=target.ref_id,
                max_points=int(panels[panel_id]["maxDataPoints"]),
            )
        )
        for panel_id, targets in board.targets.items()
        for target in targets
    ]


def candidates(asked: Sequence[Asked]) -> list[Asked]:
    """Return the queries that may be the slowest, by the rounds they were asked in."""
    longest_s = max(max(each.took_s) for each in asked)
    return [each for each in asked if max(each.took_s) >= _MAY_BE_SLOWEST * longest_s]


def _ask_in_rounds(fleet: Fleet, asked: Sequence[Asked]) -> list[float]:
    """Ask every query once to warm up, then in rounds; note what they took, and return what the scans took."""
    say(f"  every query of every board{fleet.name}: warming up")
    fleet.scan()
    for each in asked:
        fleet.time(each)
    scans_s = []
    for number in range(_ROUNDS):
        say(f"  every query of every board{fleet.name}: round {number + 1} of {_ROUNDS}")
        scans_s.append(time_once(fleet.scan))
        for each in asked:
            each.took_s.append(fleet.time(each))
    return scans_s


def _slowest(fleet: Fleet, of: str, asked: Sequence[Asked]) -> Result:
    slowest = max(asked, key=lambda each: each.p95_s)
    say(f"  slowest query of {of}{fleet.name}: {slowest.p95_s:.3f} s p95, {slowest.name}")
    name = f"{of}{fleet.name}, slowest query: {slowest.name}"
    return Result(name=name, value=slowest.p95_s, unit="s p95", beside=Figure("allowed", fleet.allowed_s))


def _panels(board: Board) -> dict[int, Mapping[str, Any]]:
    """Return the panels of a board by id, those in folded rows too."""
    return {each["id"]: each for panel in board.json["panels"] for each in (panel, *panel.get("panels", ()))}
