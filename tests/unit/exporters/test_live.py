"""Live export through the OpenTelemetry SDK: what was read is what arrives, outage or not."""

import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA
from opentelemetry.sdk.metrics._internal import metric_reader_storage
from prometheus_client.parser import text_string_to_metric_families

from exporters.encode_events import derive_span_id, derive_trace_id
from exporters.live import LiveExporter
from exporters.prometheus_endpoint import PrometheusEndpoint
from model import names
from model.clock import SECOND_NS
from model.errors import InvalidInputError
from model.registry import load_registry
from tests.unit.exporters.doors import GrpcCollector, RecordingCollector
from tests.unit.exporters.stations import (
    SteadySite,
    read_metrics,
    read_records,
    read_spans,
    sum_counts,
)


def run_seconds(site: SteadySite, exporter: LiveExporter, seconds: int) -> None:
    for _ in range(seconds):
        exporter.take(site.advance(site.reached_ns + SECOND_NS))


@pytest.fixture
def site() -> SteadySite:
    return SteadySite()


@pytest.fixture
def open_exporter() -> Iterator[Callable[..., LiveExporter]]:
    opened: list[LiveExporter] = []

    def make(collector: RecordingCollector | GrpcCollector, **options: object) -> LiveExporter:
        settings = {"export_interval_s": 60.0, "say": lambda _sentence: None, **options}
        opened.append(LiveExporter("lab", collector.url, **settings))  # type: ignore[arg-type]
        return opened[-1]

    yield make
    for exporter in opened:
        exporter.shutdown(0)


@pytest.fixture
def exporter(collector: RecordingCollector, open_exporter: Callable[..., LiveExporter]) -> LiveExporter:
    return open_exporter(collector)


def test_counts_arrive_in_full_as_deltas(
    collector: RecordingCollector, exporter: LiveExporter, site: SteadySite
) -> None:
    for _ in range(4):
        run_seconds(site, exporter, 5)
        assert exporter.flush()
    bodies = collector.kept["metrics"]
    assert len(bodies) == 4
    assert sum_counts(bodies, names.METRIC_LINK_ATTEMPTS) == site.attempts == 20
    (attempts,) = [m for m in read_metrics(bodies[-1]) if m.name == names.METRIC_LINK_ATTEMPTS]
    assert attempts.sum.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA


def test_histograms_arrive_with_the_registrys_bounds_and_unit(
    collector: RecordingCollector, exporter: LiveExporter, site: SteadySite
) -> None:
    run_seconds(site, exporter, 3)
    exporter.flush()
    (fidelity,) = [m for m in read_metrics(collector.kept["metrics"][0]) if m.name == names.METRIC_MEMORY_FIDELITY]
    definition = load_registry().metrics[names.METRIC_MEMORY_FIDELITY]
    (point,) = fidelity.histogram.data_points
    assert tuple(point.explicit_bounds) == definition.bounds
    assert (fidelity.unit, fidelity.description) == (definition.unit, definition.brief)
    assert point.count == 3


def test_no_point_starts_after_its_time_if_told_first_while_a_collection_runs(
    collector: RecordingCollector, exporter: LiveExporter, site: SteadySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun_ns = time.time_ns()  # the SDK takes the time, and only then the lock that measurements wait for
    monkeypatch.setattr(metric_reader_storage, "time_ns", lambda: begun_ns)
    run_seconds(site, exporter, 3)
    exporter.flush()
    (fidelity,) = [m for m in read_metrics(collector.kept["metrics"][0]) if m.name == names.METRIC_MEMORY_FIDELITY]
    (point,) = fidelity.histogram.data_points
    assert (point.start_time_unix_nano, point.time_unix_nano, point.count) == (begun_ns, begun_ns, 3)


def test_a_gauge_that_was_not_set_again_is_not_sent_again(
    collector: RecordingCollector, exporter: LiveExporter, site: SteadySite
) -> None:
    run_seconds(site, exporter, 1)
    exporter.flush()
    exporter.flush()
    sent = [m.name for body in collector.kept["metrics"] for m in read_metrics(body)]
    assert sent.count(names.METRIC_MEMORY_T1) == 1


def test_happenings_arrive_with_their_own_time(
    collector: RecordingCollector, exporter: LiveExporter, site: SteadySite
) -> None:
    readings = site.advance(site.reached_ns + SECOND_NS)
    exporter.take(readings)
    exporter.flush()
    (record,) = [record for body in collector.kept["logs"] for record in read_records(body)]
    assert record.event_name == names.EVENT_CALIBRATION
    assert record.time_unix_nano == readings.happenings[0].time_ns


def test_stages_arrive_as_the_spans_that_virtual_time_would_give(
    collector: RecordingCollector, exporter: LiveExporter, site: SteadySite
) -> None:
    readings = site.advance(site.reached_ns + SECOND_NS)
    exporter.take(readings)
    exporter.flush()
    job, read = [span for body in collector.kept["traces"] for span in read_spans(body)]
    trace = readings.stages[0].trace
    assert job.trace_id == read.trace_id == derive_trace_id("lab", trace)
    assert job.span_id == read.parent_span_id == derive_span_id("lab", trace, names.SPAN_MEMORY_JOB)
    assert (job.start_time_unix_nano, job.end_time_unix_nano) == (
        readings.stages[0].start_ns,
        readings.stages[0].end_ns,
    )


def test_a_collector_that_goes_away_and_comes_back_misses_nothing(
    collector: RecordingCollector, exporter: LiveExporter, site: SteadySite
) -> None:
    run_seconds(site, exporter, 5)
    exporter.flush()
    collector.stop()
    for _ in range(3):
        run_seconds(site, exporter, 5)
        assert not exporter.flush(0.1)
    with RecordingCollector(collector.port) as restarted:
        assert exporter.flush(10)
        kept = collector.kept["metrics"] + restarted.kept["metrics"]
    assert sum_counts(kept, names.METRIC_LINK_ATTEMPTS) == site.attempts == 20


def test_a_grpc_collector_that_restarts_misses_nothing(
    open_exporter: Callable[..., LiveExporter], site: SteadySite
) -> None:
    first = GrpcCollector()
    exporter = open_exporter(first)
    run_seconds(site, exporter, 5)
    assert exporter.flush(10)
    first.stop()
    run_seconds(site, exporter, 5)
    assert not exporter.flush(0.1)
    second = GrpcCollector(first.port)
    assert exporter.flush(10)
    second.stop()
    bodies = [body for method, body in first.calls + second.calls if "MetricsService" in method]
    assert sum_counts(bodies, names.METRIC_LINK_ATTEMPTS) == site.attempts == 10


def test_lost_answers_double_nothing(collector: RecordingCollector, exporter: LiveExporter, site: SteadySite) -> None:
    answers = iter([None, None, (503, {"Retry-After": "0"}, b"")])
    collector.answer = lambda _path, _body: next(answers, (200, {}, b""))
    run_seconds(site, exporter, 5)
    assert exporter.flush(10)
    assert max(collector.count_posts().values()) > 1
    assert sum_counts(collector.kept["metrics"], names.METRIC_LINK_ATTEMPTS) == 5


def test_shutting_down_delivers_what_is_left(
    collector: RecordingCollector, open_exporter: Callable[..., LiveExporter], site: SteadySite
) -> None:
    exporter = open_exporter(collector)
    run_seconds(site, exporter, 7)
    assert exporter.shutdown(10) == 0
    assert sum_counts(collector.kept["metrics"], names.METRIC_LINK_ATTEMPTS) == 7
    assert len(collector.kept["logs"]) == len(collector.kept["traces"]) == 1


def test_the_prometheus_endpoint_shows_the_sums_that_were_sent(
    collector: RecordingCollector, open_exporter: Callable[..., LiveExporter], site: SteadySite
) -> None:
    endpoint = PrometheusEndpoint(0)
    exporter = open_exporter(collector, prometheus=endpoint)
    for _ in range(3):
        run_seconds(site, exporter, 4)
        exporter.flush()
    shown = scrape(endpoint)
    endpoint.close()
    sent = sum_counts(collector.kept["metrics"], names.METRIC_LINK_ATTEMPTS)
    assert shown["quantum_link_attempts_total"] == sent == 12
    assert shown["quantum_memory_fidelity_count"] == 12
    assert shown["quantum_memory_t1_seconds"] == 0.25


def test_readings_of_another_site_are_refused(exporter: LiveExporter) -> None:
    with pytest.raises(InvalidInputError, match="exporter of site lab was handed readings of delft"):
        exporter.take(SteadySite("delft").advance(SteadySite().reached_ns + SECOND_NS))


def scrape(endpoint: PrometheusEndpoint) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{endpoint.port}/metrics") as response:
        text = response.read().decode()
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "le" not in sample.labels
    }
