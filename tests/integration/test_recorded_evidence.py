"""Evidence from recordings in memory is what the database gives back after the whole road through OTLP."""

from contextlib import closing
from functools import partial

import numpy as np
import pytest

from collector import DirectPipeline, Encoding
from collector import Signal as CollectedSignal
from exporters import Signal, replay_history
from herald.evidence import StoredEvidence
from herald.gameday.witness import Witness
from herald.recorded_evidence import RecordedEvidence
from hwsim import FaultSchedule, build_sites, load_fleet
from hwsim.fleet import FLEETS
from model.clock import HOUR_NS, SECOND_NS
from model.names import (
    METRIC_CONTROL_ROUND_TRIP_DURATION,
    METRIC_HW_TEMPERATURE,
    METRIC_MEMORY_FIDELITY,
    METRIC_MEMORY_READOUTS,
    METRIC_MEMORY_T2,
)
from model.registry import load_registry
from model.windows import Window
from store import Store, Writer
from tests.services.databases import MigratedDatabases

START_NS = 1_772_416_800 * SECOND_NS  # 02:00, so that calibrations fall into the hours
WINDOW = Window(start_ns=START_NS, end_ns=START_NS + 2 * HOUR_NS)
METRICS = [
    METRIC_MEMORY_FIDELITY,
    METRIC_MEMORY_READOUTS,
    METRIC_MEMORY_T2,
    METRIC_HW_TEMPERATURE,
    METRIC_CONTROL_ROUND_TRIP_DURATION,
]


def accept(pipeline: DirectPipeline, signal: Signal, body: bytes) -> None:
    pipeline.accept(CollectedSignal(signal.value), Encoding.PROTOBUF, body)


@pytest.fixture(scope="module")
def roads(databases: MigratedDatabases, embedded_server_url: str):
    """The same two hours of a small fleet, stored and remembered."""
    registry = load_registry()
    sites = build_sites(load_fleet(FLEETS / "memory.yaml"), seed=5, start_ns=START_NS, faults=FaultSchedule())
    witnesses = [Witness(site) for site in sites]
    with databases.on(embedded_server_url) as url, closing(Writer(url)) as writer, Store(url) as store:
        send = partial(accept, DirectPipeline(writer))
        for _ in replay_history(witnesses, START_NS, WINDOW.end_ns, 60, send=send, chunk_ns=HOUR_NS):
            pass
        recordings = [r for w in witnesses for r in w.recordings]
        yield (
            StoredEvidence(store, registry),
            RecordedEvidence(registry, recordings, [w.topology for w in witnesses]),
        )


@pytest.mark.parametrize("metric", METRICS)
def test_series_are_the_same_on_both_roads(roads, metric):
    stored, recorded = (
        {(s.entity, s.part): s for _, found in road.read_evidence([metric], WINDOW) for s in found} for road in roads
    )
    assert stored.keys() == recorded.keys()
    for key, series in stored.items():
        np.testing.assert_array_equal(series.minute_ns, recorded[key].minute_ns)
        np.testing.assert_allclose(series.value, recorded[key].value, rtol=1e-9)


def test_changes_are_the_same_on_both_roads(roads):
    stored, recorded = (sorted(road.read_changes(WINDOW), key=lambda c: (c.time_ns, c.entity)) for road in roads)
    assert stored == recorded


def test_what_acts_on_what_is_the_same_on_both_roads(roads):
    stored, recorded = (set(road.read_topology().edges) for road in roads)
    assert stored == recorded
