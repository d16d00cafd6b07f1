"""The exporters before the real collector: by either door and on either road nothing is rejected, lost or doubled."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector import CollectorServer, DirectPipeline
from collector.testing import MemoryConsumer
from exporters import (
    LiveExporter,
    build_simulated_sources,
    connect,
    encode_metrics,
    import_ibm_properties,
    replay_history,
)
from exporters.delivery import Client, Delivery, Signal
from model import names
from model.clock import HOUR_NS, MINUTE_NS
from model.points import Kind, Series, Temporality
from model.recording import record_readings
from tests.unit.exporters.stations import MORNING_NS, SteadySite, some_readings

SNAPSHOT = Path(__file__).parents[1] / "unit" / "exporters" / "data" / "props_pair.json"


@pytest.fixture
def consumer() -> MemoryConsumer:
    return MemoryConsumer()


@pytest.fixture
def server(consumer: MemoryConsumer) -> Iterator[CollectorServer]:
    with CollectorServer("127.0.0.1:0", "127.0.0.1:0", DirectPipeline(consumer)) as running:
        yield running


@pytest.fixture(params=["http", "grpc"])
def url(server: CollectorServer, request: pytest.FixtureRequest) -> str:
    port = server.http_port if request.param == "http" else server.grpc_port
    return f"{request.param}://127.0.0.1:{port}"


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    made = connect(url)
    yield made
    made.close()


def series_of(consumer: MemoryConsumer) -> set[Series]:
    numbers = {series for batch in consumer.batches for series in batch.numbers.series}
    return numbers | {series for batch in consumer.batches for block in batch.histograms for series in block.series}


def attempts_in(consumer: MemoryConsumer) -> float:
    rows = (row for batch in consumer.batches for row in batch.numbers.rows())
    return sum(value for series, _, _, value in rows if series.metric == names.METRIC_LINK_ATTEMPTS)


def test_an_hour_of_the_shipped_fleet_is_accepted_in_full(client: Client, consumer: MemoryConsumer) -> None:
    answers: list[Delivery] = []
    sources = build_simulated_sources(seed=1, start_ns=MORNING_NS)
    *_, last = replay_history(
        sources, MORNING_NS, MORNING_NS + HOUR_NS, send=lambda s, b: answers.append(client.send(s, b))
    )
    assert {answer.rejected for answer in answers} == {0}
    assert last.points == sum(len(b.numbers) + sum(map(len, b.histograms)) for b in consumer.batches)


def test_a_second_replay_of_the_same_hour_stores_nothing(client: Client, consumer: MemoryConsumer) -> None:
    stored = []
    for _ in range(2):
        sources = build_simulated_sources(seed=1, start_ns=MORNING_NS)
        list(replay_history(sources, MORNING_NS, MORNING_NS + HOUR_NS, send=client.send))
        stored.append(len(consumer.values()))
    assert stored[0] == stored[1] > 0


def test_a_snapshot_imported_twice_is_stored_once(client: Client, consumer: MemoryConsumer) -> None:
    for _ in range(2):
        snapshot = import_ibm_properties(SNAPSHOT, client.send)
    assert sum(len(batch.numbers) for batch in consumer.batches) == snapshot.stored
    assert sum(len(batch.events) for batch in consumer.batches) == snapshot.flagged


def test_live_counts_are_stored_in_full(url: str, consumer: MemoryConsumer) -> None:
    site = SteadySite()
    exporter = LiveExporter("lab", url, export_interval_s=60)
    for _ in range(3):
        exporter.take(site.advance(site.reached_ns + MINUTE_NS))
        assert exporter.flush()
    assert exporter.shutdown() == 0
    assert attempts_in(consumer) == site.attempts == 180


def test_live_and_virtual_points_are_the_same_series(url: str, client: Client, consumer: MemoryConsumer) -> None:
    readings = some_readings("lab", MORNING_NS, MORNING_NS + MINUTE_NS)
    exporter = LiveExporter("lab", url, export_interval_s=60)
    exporter.take(readings)
    assert exporter.flush()
    exporter.shutdown()
    live = series_of(consumer)
    client.send(Signal.METRICS, encode_metrics([record_readings(readings)]))
    assert series_of(consumer) == live
    assert {series.temporality for series in live if series.kind is not Kind.GAUGE} == {Temporality.DELTA}
