"""Every query of every dashboard over 30 days of the shipped fleet, and again with 1,000 memory slots.

A board's queries together stand beside one scan of the points stored; its slowest query, by the 95th percentile,
beside what is allowed. Loading the 30 days takes minutes, so it runs only when it is named.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from alert_rules import load_shipped_objectives
from benchmarks.board_queries import SPAN_NS, Fleet, measure_queries
from benchmarks.collecting import running_collector
from benchmarks.databases import embedded_server
from benchmarks.many_slots import enlarge
from benchmarks.pages import measure_pages
from benchmarks.progress import say
from benchmarks.results import Result
from dashboards import build_boards
from exporters import OtlpClient, build_simulated_sources, replay_history
from herald.engine import GRACE_NS, Engine
from herald.web_sources import StoredSources
from model.clock import SECOND_NS, VirtualClock, format_time
from store import RollupStore, Store, connect, migrate
from web.boards import parse_board
from web.panel_queries import PanelQueries

_START_NS = 1_760_000_040 * SECOND_NS
_END_NS = _START_NS + SPAN_NS
_ALLOWED_S = 0.3
_ALLOWED_LARGE_S = 1.0


def measure_boards(folder: Path) -> Iterator[Result]:
    with embedded_server(folder) as database:
        _fill(database, folder)
        yield from measure_filled(database)


def measure_filled(database: str) -> Iterator[Result]:
    """Yield what boards take over a database of the month, and after it was made into one of 1,000 slots."""
    with closing(StoredSources(database)) as sources:
        yield from measure_queries(_fleet("", sources, database, _ALLOWED_S))
        say("  pages in a browser")
        yield from measure_pages(sources, build_boards(load_shipped_objectives()), _END_NS)
        say("  copying memory banks and slots")
        slots = enlarge(database, end=format_time(_END_NS))
        yield from measure_queries(_fleet(f", {slots:,} slots", sources, database, _ALLOWED_LARGE_S))


def _fleet(name: str, sources: StoredSources, database: str, allowed_s: float) -> Fleet:
    return Fleet(
        name=name,
        boards=[parse_board(json) for json in build_boards(load_shipped_objectives()).values()],
        queries=PanelQueries(sources, VirtualClock(_END_NS)),
        database=database,
        end_ns=_END_NS,
        allowed_s=allowed_s,
    )


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
