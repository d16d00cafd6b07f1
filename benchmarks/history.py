"""Loading history: simulate the shipped fleet, encode, send, spool, decode, commit; beside simulating alone.

Both end at the same virtual moment from the same seed. The road is timed until the last point is committed.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.collecting import running_collector
from benchmarks.databases import embedded_server
from benchmarks.results import Figure, Result
from benchmarks.rounds import time_in_turn
from exporters import OtlpClient, build_simulated_sources, replay_history
from hwsim import SiteSimulation
from model.clock import HOUR_NS, MINUTE_NS, SECOND_NS
from store import migrate, throwaway_database

_START_NS = 1_760_000_040 * SECOND_NS
_HOURS = 12
_ROUNDS = 3


def measure_history(folder: Path) -> Iterator[Result]:
    with embedded_server(folder) as server:
        loading_s, simulating_s = time_in_turn(lambda: _load(server, folder), _simulate, rounds=_ROUNDS)
    simulated_s = _HOURS * HOUR_NS / SECOND_NS
    yield Result(
        name="history",
        value=simulated_s / loading_s,
        unit="simulated s/s",
        beside=Figure("simulation alone", simulated_s / simulating_s),
    )


def _load(server: str, folder: Path) -> None:
    with throwaway_database(server) as database:
        migrate(database)
        with running_collector(database, folder) as collector, closing(OtlpClient(collector.url)) as client:
            for _ in replay_history(_sources(), _START_NS, _START_NS + _HOURS * HOUR_NS, send=client.send):
                pass
            collector.wait_until_stored()


def _simulate() -> None:
    for source in _sources():
        for hours in range(2, _HOURS + 1, 2):
            source.record(_START_NS + hours * HOUR_NS, MINUTE_NS)


def _sources() -> Sequence[SiteSimulation]:
    return build_simulated_sources(seed=1, start_ns=_START_NS)
