"""What is encoded in virtual time is what OpenTelemetry's own classes read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA

from exporters.encode import encode_metrics
from model import names
from model.attributes import attributes
from model.errors import InvalidInputError
from model.readings import Count, Level, Readings, Samples
from model.recording import Recording, record_readings
from model.registry import load_registry
from tests.unit.exporters.stations import LINK, MORNING_NS, SLOT, read_metrics, some_readings

MINUTE = 60_000_000_000


def minutes(count: int, site: str = "lab") -> list[Recording]:
    return [
        record_readings(some_readings(site, MORNING_NS + i * MINUTE, MORNING_NS + (i + 1) * MINUTE, attempts=i + 1))
        for i in range(count)
    ]


def only(**readings: list[object]) -> Recording:
    said = Readings(site="lab", start_ns=MORNING_NS, end_ns=MORNING_NS + MINUTE, **readings)  # type: ignore[arg-type]
    return record_readings(said)


def test_a_count_becomes_a_monotonic_delta_over_its_window() -> None:
    (metric,) = [m for m in read_metrics(encode_metrics(minutes(2))) if m.name == names.METRIC_LINK_ATTEMPTS]
    assert metric.sum.is_monotonic
    assert metric.sum.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA
    assert [(p.start_time_unix_nano, p.time_unix_nano, p.as_int) for p in metric.sum.data_points] == [
        (MORNING_NS, MORNING_NS + MINUTE, 1),
        (MORNING_NS + MINUTE, MORNING_NS + 2 * MINUTE, 2),
    ]


def test_a_level_becomes_a_gauge_at_the_time_it_was_measured() -> None:
    level = Level(metric=names.METRIC_MEMORY_T1, attributes=SLOT, value=0.125, measured_at_ns=MORNING_NS + 7)
    (metric,) = read_metrics(encode_metrics([only(levels=[level])]))
    (point,) = metric.gauge.data_points
    assert (point.time_unix_nano, point.as_double) == (MORNING_NS + 7, 0.125)
    assert {(a.key, a.value.string_value) for a in point.attributes} == set(SLOT)


def test_samples_become_a_delta_histogram_with_the_registrys_bounds() -> None:
    samples = Samples(metric=names.METRIC_MEMORY_FIDELITY, attributes=SLOT, values=np.array([0.9, 0.95, 0.951]))
    (metric,) = read_metrics(encode_metrics([only(samples=[samples])]))
    (point,) = metric.histogram.data_points
    bounds = load_registry().metrics[names.METRIC_MEMORY_FIDELITY].bounds
    assert metric.histogram.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA
    assert tuple(point.explicit_bounds) == bounds
    assert {bounds[i]: n for i, n in enumerate(point.bucket_counts) if n} == {0.9: 1, 0.95: 1, 0.96: 1}
    assert (point.count, point.min, point.max) == (3, 0.9, 0.951)
    assert point.sum == pytest.approx(0.9 + 0.95 + 0.951)


def test_unit_and_description_come_from_the_registry() -> None:
    for metric in read_metrics(encode_metrics(minutes(1))):
        definition = load_registry().metrics[metric.name]
        assert (metric.unit, metric.description) == (definition.unit, definition.brief)


def test_the_resource_is_the_sites_agent() -> None:
    request = ExportMetricsServiceRequest.FromString(encode_metrics(minutes(1, site="delft")))
    resource = {a.key: a.value.string_value for a in request.resource_metrics[0].resource.attributes}
    assert resource == {
        "service.name": "herald-agent",
        "service.instance.id": "delft",
        names.ATTR_SITE_ID: "delft",
    }
    assert request.resource_metrics[0].scope_metrics[0].scope.name == "herald.exporters"


@given(
    integers=st.lists(st.integers(0, 2**62), max_size=5),
    floats=st.lists(st.floats(allow_nan=False), max_size=5),
    labels=st.dictionaries(
        st.text(min_size=1, max_size=300), st.text() | st.integers(-(2**63), 2**63 - 1) | st.booleans()
    ),
)
def test_the_bytes_are_those_that_protobuf_would_write(
    integers: list[int], floats: list[float], labels: dict[str, str]
) -> None:
    described = attributes(labels)
    values = [*integers, *floats]
    reading = only(
        counts=[Count(metric=names.METRIC_LINK_ATTEMPTS, attributes=described, value=v) for v in values],
        samples=[
            Samples(
                metric=names.METRIC_LINK_FIDELITY, attributes=described, values=np.array([0.5, 0.25]) * len(values)
            )
        ],
    )
    body = encode_metrics([reading])
    assert ExportMetricsServiceRequest.FromString(body).SerializeToString(deterministic=True) == body


def test_the_same_readings_give_the_same_bytes() -> None:
    assert encode_metrics(minutes(3)) == encode_metrics(minutes(3))


def test_a_numpy_integer_is_a_whole_count() -> None:
    count = Count(metric=names.METRIC_LINK_ATTEMPTS, attributes=LINK, value=np.int64(5))  # type: ignore[arg-type]
    (metric,) = read_metrics(encode_metrics([only(counts=[count])]))
    assert metric.sum.data_points[0].as_int == 5


def test_nothing_said_is_no_request() -> None:
    empty = Samples(metric=names.METRIC_LINK_FIDELITY, attributes=LINK, values=np.array([]))
    assert encode_metrics([only(samples=[empty])]) == b""


@pytest.mark.parametrize(
    ("reading", "sentence"),
    [
        (
            only(counts=[Count(metric="quantum.magic", attributes=LINK, value=1)]),
            "'quantum.magic' is not in the metric registry",
        ),
        (
            only(counts=[Count(metric=names.METRIC_MEMORY_T1, attributes=SLOT, value=1)]),
            "quantum.memory.t1 is a gauge, not a counter",
        ),
        (
            only(
                samples=[Samples(metric=names.METRIC_LINK_FIDELITY, attributes=LINK, values=np.array([0.5, np.nan]))]
            ),
            "quantum.link.fidelity: a sample is not finite",
        ),
    ],
)
def test_readings_that_contradict_the_registry_are_refused(reading: Recording, sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        encode_metrics([reading])


def test_one_request_speaks_for_one_site() -> None:
    with pytest.raises(InvalidInputError, match="not for delft, hague"):
        encode_metrics([*minutes(1, site="hague"), *minutes(1, site="delft")])
