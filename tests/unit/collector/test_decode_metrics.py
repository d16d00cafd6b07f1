import math

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from collector.decode import Decoded, Decoder
from collector.decode.rejections import Reason
from model.names import ATTR_DEVICE_ID, METRIC_MEMORY_T1
from model.points import Kind, Temporality
from tests.unit.collector.messages import (
    CUMULATIVE,
    TIME_NS,
    counter,
    exponential,
    gauge,
    histogram,
    metrics_request,
)


@pytest.fixture
def decoder() -> Decoder:
    return Decoder()


def decode(*metrics: Metric) -> Decoded:
    return Decoder().decode_request(metrics_request(*metrics))


def test_a_gauge_keeps_value_time_and_identity():
    ((series, *rest),) = decode(gauge([0.5])).batch.numbers.rows()
    assert rest == [TIME_NS, 0, 0.5]
    assert (series.metric, series.kind, series.unit, series.scope, series.scope_version) == (
        "test.gauge",
        Kind.GAUGE,
        "1",
        "test.scope",
        "1.2",
    )
    assert series.resource == (("service.name", "test"),)


@pytest.mark.parametrize(("wire", "word"), [(1, Temporality.DELTA), (2, Temporality.CUMULATIVE)])
def test_a_sum_keeps_its_temporality_and_monotony(wire, word):
    numbers = decode(counter(3, temporality=wire)).batch.numbers
    assert (numbers.series[0].temporality, numbers.series[0].monotonic) == (word, True)
    assert (numbers.value.tolist(), numbers.start_ns.tolist()) == ([3.0], [TIME_NS])


def test_a_gauge_has_no_start():
    metric = gauge([1.0])
    metric.gauge.data_points[0].start_time_unix_nano = TIME_NS - 5
    assert decode(metric).batch.numbers.start_ns.tolist() == [0]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_values_that_are_not_finite_are_kept(value):
    assert repr(decode(gauge([value])).batch.numbers.value.tolist()) == repr([value])


def test_attributes_in_another_order_are_the_same_series():
    metric = gauge([1.0, 2.0])
    for point, keys in zip(metric.gauge.data_points, ("ab", "ba"), strict=True):
        for key in keys:
            point.attributes.add(key=key).value.string_value = key
    first, second = decode(metric).batch.numbers.series
    assert first == second


def test_a_series_is_built_once(decoder):
    numbers = [decoder.decode_request(metrics_request(gauge([1.0]))).batch.numbers for _ in range(2)]
    assert numbers[0].series[0] is numbers[1].series[0]


def test_remembered_series_are_bounded():
    decoder = Decoder(max_series=3)
    for index in range(50):
        metric = gauge([1.0])
        metric.gauge.data_points[0].attributes.add(key="i").value.int_value = index
        series = decoder.decode_request(metrics_request(metric)).batch.numbers.series[0]
        assert series.attributes == (("i", index),)
    assert len(decoder._metrics._cache) <= 3


def test_series_of_different_shape_are_kept_apart(decoder):
    metric = gauge([1.0, 2.0])
    first, second = metric.gauge.data_points
    first.attributes.add(key="a").value.int_value = 1
    second.attributes.add(key="a")
    second.attributes.add().value.int_value = 1
    one, two = decoder.decode_request(metrics_request(metric)).batch.numbers.series
    assert (one.attributes, two.attributes) == ((("a", 1),), (("", 1), ("a", "")))


def test_a_histogram_keeps_its_buckets():
    metric = histogram([1.0, 2.0], [3, 0, 1])
    metric.histogram.data_points[0].sum = 7.5
    (point,) = decode(metric).batch.histograms[0].rows()
    assert (point.bounds, point.buckets, point.count) == ((1.0, 2.0), (3, 0, 1), 4)
    assert (point.sum, point.min, point.max) == (7.5, None, None)


def test_an_exponential_histogram_keeps_its_buckets():
    (point,) = decode(exponential(scale=3, zero=1, positive=[2, 3], offset=-4)).batch.exponentials
    assert (point.scale, point.zero_count, point.positive_offset, point.positive) == (3, 1, -4, (2, 3))
    assert point.count == 6


@pytest.mark.parametrize(("bounds", "buckets"), [([], []), ([], [4]), ([0.0], [0, 0])])
def test_histograms_may_be_minimal(bounds, buckets):
    assert decode(histogram(bounds, buckets)).accepted == 1


def _no_time() -> Metric:
    return gauge([1.0], time_ns=0)


def _far_future() -> Metric:
    return gauge([1.0], time_ns=2**63)


def _no_value() -> Metric:
    metric = Metric(name="test.gauge")
    metric.gauge.data_points.add(time_unix_nano=TIME_NS)
    return metric


def _no_name() -> Metric:
    return gauge([1.0], name="")


def _summary() -> Metric:
    metric = Metric(name="test.summary")
    metric.summary.data_points.add(time_unix_nano=TIME_NS, count=1)
    return metric


def _negative_threshold() -> Metric:
    metric = exponential()
    metric.exponential_histogram.data_points[0].zero_threshold = -1.0
    return metric


@pytest.mark.parametrize("metric", [counter(1), histogram([1.0], [1, 1]), exponential()])
def test_a_point_that_starts_after_its_time_is_kept_as_starting_at_it(metric):
    points = getattr(metric, metric.WhichOneof("data")).data_points
    points[0].start_time_unix_nano = TIME_NS + 9
    decoded = decode(metric)
    batch = decoded.batch
    starts = [*batch.numbers.start_ns.tolist(), *(p.start_ns for block in batch.histograms for p in block.rows())]
    starts += [point.start_ns for point in batch.exponentials]
    assert (starts, decoded.mended_starts) == ([TIME_NS], 1)
    assert decoded.warning == "1 data points start after their own time and are kept as starting at it"


@pytest.mark.parametrize("metric", [gauge([1.0]), histogram([1.0], [1, 1]), exponential()])
def test_a_point_whose_identity_no_index_holds_is_rejected(metric):
    (point,) = getattr(metric, metric.WhichOneof("data")).data_points
    point.attributes.add(key=ATTR_DEVICE_ID).value.string_value = "x" * 256
    decoded = decode(metric)
    assert (decoded.accepted, decoded.rejections.counts()) == (0, {Reason.SIZE: 1})
    assert "more than 255 characters" in decoded.rejections.render_message("data points")


@pytest.mark.parametrize(
    ("metric", "reason", "words"),
    [
        (_no_time(), Reason.TIME, "test.gauge: time_unix_nano is 0"),
        (_far_future(), Reason.TIME, "beyond the year 2262"),
        (_no_value(), Reason.VALUE_MISSING, "a point has no value"),
        (_no_name(), Reason.NAME, "a metric has no name"),
        (gauge([1.0], name="n" * 256), Reason.SIZE, "a name of 256 characters is longer than 255"),
        (_summary(), Reason.SUMMARY, "send a histogram"),
        (counter(1, temporality=0), Reason.TEMPORALITY, "temporality is not specified"),
        (counter(1, temporality=7), Reason.TEMPORALITY, "temporality is not specified"),
        (gauge([1.0], name=METRIC_MEMORY_T1, unit="ms"), Reason.UNIT, "the unit must be 's', not 'ms'"),
        (histogram([1.0], [1]), Reason.HISTOGRAM_SHAPE, "1 buckets do not fit 1 bounds"),
        (histogram([1.0], []), Reason.HISTOGRAM_SHAPE, "0 buckets do not fit 1 bounds"),
        (histogram([1.0, 1.0], [1, 1, 1]), Reason.HISTOGRAM_SHAPE, "do not increase"),
        (histogram([1.0, math.inf], [1, 1, 1]), Reason.HISTOGRAM_SHAPE, "not finite"),
        (histogram([math.nan], [1, 1]), Reason.HISTOGRAM_SHAPE, "not finite"),
        (histogram([1.0], [1, 1], count=3), Reason.HISTOGRAM_SHAPE, "hold 2 values, the count says 3"),
        (histogram([], [], count=2**63), Reason.HISTOGRAM_SHAPE, "63 bits"),
        (exponential(scale=60), Reason.HISTOGRAM_SHAPE, "scale 60"),
        (exponential(offset=5000), Reason.HISTOGRAM_SHAPE, "beyond the range of doubles"),
        (_negative_threshold(), Reason.HISTOGRAM_SHAPE, "zero threshold -1.0"),
        (exponential(offset=-5000), Reason.HISTOGRAM_SHAPE, "beyond the range of doubles"),
    ],
)
def test_a_bad_point_is_rejected_with_its_reason_and_the_good_one_kept(metric, reason, words):
    decoded = decode(metric, gauge([1.0]))
    assert decoded.rejections.counts() == {reason: 1}
    assert words in decoded.rejections.render_message("data points")
    assert decoded.accepted == 1


def test_an_exponential_count_must_match_its_buckets():
    metric = exponential()
    metric.exponential_histogram.data_points[0].count += 1
    assert decode(metric).rejections.counts() == {Reason.HISTOGRAM_SHAPE: 1}


def test_rejections_are_counted_exactly_with_one_example_each():
    decoded = decode(gauge([1.0, 2.0], time_ns=2**63), _summary(), gauge([1.0] * 10))
    assert decoded.accepted == 10
    assert decoded.rejections.render_message("data points") == (
        f"3 data points rejected: 2 x test.gauge: time_unix_nano {2**63} is beyond the year 2262;"
        " 1 x test.summary: summaries cannot be merged; send a histogram"
    )


def test_every_point_of_a_metric_in_a_wrong_unit_is_rejected():
    assert decode(gauge([1.0] * 7, name=METRIC_MEMORY_T1, unit="ms")).rejections.total == 7


def test_a_metric_outside_the_registry_is_accepted():
    assert decode(gauge([1.0], name="anything.else", unit="furlong")).accepted == 1


@pytest.mark.parametrize("kind", ["gauge", "histogram", "exponential_histogram"])
def test_points_without_recorded_value_are_dropped_and_counted(kind):
    metric = {"gauge": gauge([1.0]), "histogram": histogram([], []), "exponential_histogram": exponential()}[kind]
    getattr(metric, kind).data_points[0].flags = 1
    decoded = decode(metric)
    assert (decoded.accepted, decoded.rejections.total, decoded.no_value) == (0, 0, 1)


def test_a_metric_without_data_is_nothing():
    decoded = decode(Metric(name="test.empty"))
    assert (decoded.accepted, decoded.rejections.total) == (0, 0)


def test_cumulative_and_delta_are_different_series():
    series = decode(counter(1), counter(1, temporality=CUMULATIVE)).batch.numbers.series
    assert len(set(series)) == 2


def test_an_empty_request_is_fine(decoder):
    assert decoder.decode_request(ExportMetricsServiceRequest()).accepted == 0
