"""The same telemetry in PostgreSQL and in TimescaleDB gives the same minutes, budgets and alerts, to the last event.

And both say what counting straight from the simulator's readings says: no exporter, collector or database between.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from alert_rules import load_shipped_objectives, replay
from collector import Encoding, Pipeline, Spool
from collector import Signal as CollectedSignal
from exporters import Signal, replay_history
from herald.book import Book
from herald.engine import GRACE_NS, Engine
from herald.gameday.plan import START_NS
from herald.gameday.witness import Witness
from herald.ground_truth import RecordedSource
from hwsim import MEMORY_F7, FaultSchedule, Injection, build_sites, load_fleet
from model.clock import HOUR_NS, to_ns
from model.queries import Group
from model.recording import Recording
from model.registry import load_registry
from model.windows import Window
from slo import Counts, compute_minutes
from store import Store, Writer
from store.database import connect
from tests.services.databases import MigratedDatabases

HISTORY = Window(start_ns=START_NS, end_ns=START_NS + 5 * HOUR_NS)
COOLING_FAILS = Injection(
    fault_id=MEMORY_F7,
    entity_id="cryo-delft",
    start_ns=START_NS + 2 * HOUR_NS,
    end_ns=START_NS + 3 * HOUR_NS,
    magnitude=18.0,
)
OBJECTIVES = load_shipped_objectives()
TABLES = {
    "sli": """select objective, labels::text, minute, good, total
                from sli join entity on id = entity_id order by 1, 2, 3""",
    "budget": """select objective, labels::text, time, good, total, coverage, sli, remaining, burn_5m, burn_30m,
                        burn_1h, burn_2h, burn_6h, burn_1d, burn_3d, state
                   from budget join entity on id = entity_id order by 1, 2, 3""",
    "alert": """select objective, labels::text, tier, fired_at, resolved_at, severity, burn_long, burn_short,
                       threshold, annotations::text
                  from alert order by 1, 2, 3, 4""",
}

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the simulated fleet said: as recordings, and as the requests that they became."""

    recordings: list[Recording]
    requests: list[tuple[Signal, bytes]]


@pytest.fixture(scope="module")
def told() -> Told:
    sites = build_sites(load_fleet(), seed=3, start_ns=HISTORY.start_ns, faults=FaultSchedule([COOLING_FAILS]))
    witnesses = [Witness(site) for site in sites]
    requests: list[tuple[Signal, bytes]] = []
    for _ in replay_history(
        witnesses, HISTORY.start_ns, HISTORY.end_ns, send=lambda signal, body: requests.append((signal, body))
    ):
        pass
    return Told(recordings=[r for witness in witnesses for r in witness.recordings], requests=requests)


@contextmanager
def evaluated(databases: MigratedDatabases, server_url: str, told: Told, folder: Path) -> Iterator[str]:
    """Yield a database into which a collector has stored what was told, and in which an engine has judged it."""
    with databases.on(server_url) as url:
        with closing(Spool(folder)) as spool, closing(Writer(url)) as writer, Pipeline(spool, writer) as pipeline:
            for signal, body in told.requests:
                pipeline.accept(CollectedSignal(signal.value), Encoding.PROTOBUF, body)
            assert pipeline.flush()
        with Store(url) as store:
            engine = Engine(store, OBJECTIVES, web_url="http://herald", now_ns=HISTORY.start_ns)
            engine.step(HISTORY.end_ns + GRACE_NS)
        yield url


def read_tables(url: str) -> dict[str, Rows]:
    with connect(url) as connection:
        return {name: connection.execute(statement.encode()).fetchall() for name, statement in TABLES.items()}


@pytest.fixture(scope="module")
def plain(
    databases: MigratedDatabases, embedded_server_url: str, told: Told, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Rows]:
    with evaluated(databases, embedded_server_url, told, tmp_path_factory.mktemp("plain")) as url:
        return read_tables(url)


@pytest.fixture(scope="module")
def timescale(
    databases: MigratedDatabases, timescale_server_url: str, told: Told, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Rows]:
    with evaluated(databases, timescale_server_url, told, tmp_path_factory.mktemp("timescale")) as url:
        return read_tables(url)


@pytest.mark.parametrize("table", TABLES)
def test_both_databases_hold_the_same_rows(plain: Mapping[str, Rows], timescale: Mapping[str, Rows], table: str):
    assert len(plain[table]) > 5
    assert plain[table] == timescale[table]


def count_from_recordings(recordings: Sequence[Recording]) -> Book:
    """Return the ledgers that the simulator's own recordings fill."""
    truth, book = RecordedSource(load_registry()), Book(OBJECTIVES)
    for recording in recordings:
        truth.add(recording)
    for objective in OBJECTIVES:
        book.put(objective.name, compute_minutes(objective, truth, HISTORY))
    return book


def test_stored_minutes_are_those_of_the_readings(plain: Mapping[str, Rows], told: Told):
    truth = RecordedSource(load_registry())
    for recording in told.recordings:
        truth.add(recording)
    counted = [
        (objective.name, minute.group, minute.minute_ns, minute.good, minute.total)
        for objective in OBJECTIVES
        for minute in compute_minutes(objective, truth, HISTORY)
    ]
    stored = [(name, group(labels), to_ns(start), good, total) for name, labels, start, good, total in plain["sli"]]
    assert sorted(stored) == sorted(counted)


def test_stored_budgets_are_those_of_the_readings(plain: Mapping[str, Rows], told: Told):
    ledgers = {
        (entity.objective, entity.group): ledger for entity, _, ledger in count_from_recordings(told.recordings)
    }
    windows = {objective.name: objective.window_ns for objective in OBJECTIVES}
    for name, labels, time, good, total, *_ in plain["budget"]:
        ledger = ledgers.get((name, group(labels)))  # none: expected by the inventory, but never heard of
        counts = ledger.counts(to_ns(time), windows[name]) if ledger else Counts(0, 0)
        assert (good, total) == (counts.good, counts.total), (name, labels, time)


def test_stored_alerts_are_those_of_the_readings(plain: Mapping[str, Rows], told: Told):
    fired = {
        (entity.objective, entity.group, alert.tier.name, alert.fired_ns, alert.resolved_ns)
        for entity, objective, ledger in count_from_recordings(told.recordings)
        for alert in replay(objective, ledger, HISTORY)
    }
    stored = {
        (name, group(labels), tier, to_ns(fired_at), resolved_at and to_ns(resolved_at))
        for name, labels, tier, fired_at, resolved_at, *_ in plain["alert"]
    }
    assert stored == fired


def group(labels: str) -> Group:
    """Return a group from its JSON text."""
    return tuple(sorted(json.loads(labels).items()))
