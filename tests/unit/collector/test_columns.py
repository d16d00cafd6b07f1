"""Points read in columns and points read one by one are the same points, and are rejected for the same reasons."""

import hypothesis
import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint, Metric, NumberDataPoint

from collector import Decoder, Encoding, Signal
from collector.decode import parse_request
from collector.decode.lru import LruCache, RecentCache
from collector.errors import UndecodableError
from model import names
from tests.unit.collector.messages import TIME_NS, counter, gauge, histogram, metrics_request, seen_in
from tests.unit.collector.test_roads import attributes, counts, texts

REMEMBERING = Decoder()

times = st.one_of(st.sampled_from([0, TIME_NS, TIME_NS + 1, 2**63 - 1, 2**63, 2**64 - 1]), st.integers(0, 2**64 - 1))
long_identity = KeyValue(key=names.ATTR_DEVICE_ID, value=AnyValue(string_value="x" * 256))
few_attributes: st.SearchStrategy[list[KeyValue]] = st.one_of(st.just([]), attributes, st.just([long_identity]))
integers = st.one_of(st.sampled_from([0, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63)]), st.integers(-5, 5))


@st.composite
def numbers(draw: st.DrawFn) -> NumberDataPoint:
    point = NumberDataPoint(time_unix_nano=draw(times), start_time_unix_nano=draw(times))
    point.attributes.extend(draw(few_attributes))
    kind = draw(st.sampled_from(["double", "double", "int", "int", "none"]))
    if kind == "double":
        point.as_double = draw(st.floats())
    elif kind == "int":
        point.as_int = draw(integers)
    point.flags = draw(st.sampled_from([0, 0, 0, 1, 2]))
    if draw(st.integers(0, 9)) == 0:
        point.exemplars.add(time_unix_nano=5, as_double=1.0)
    return point


@st.composite
def histograms(draw: st.DrawFn) -> HistogramDataPoint:
    point = HistogramDataPoint(time_unix_nano=draw(times), start_time_unix_nano=draw(times))
    point.attributes.extend(draw(few_attributes))
    point.bucket_counts.extend(draw(st.one_of(counts, st.just([2**63, 2**63, 1]), st.just([1] * 20))))
    wanted = len(point.bucket_counts) - draw(st.sampled_from([1, 1, 1, 1, 0]))
    point.explicit_bounds.extend(
        draw(st.one_of(st.just(list(range(max(wanted, 0)))), st.lists(st.floats(), max_size=3)))
    )
    point.count = min(sum(point.bucket_counts) + draw(st.sampled_from([0, 0, 0, 0, 1])), 2**64 - 1)
    for name in ("sum", "min", "max"):
        if draw(st.booleans()):
            setattr(point, name, draw(st.floats()))
    point.flags = draw(st.sampled_from([0, 0, 0, 1]))
    if draw(st.integers(0, 9)) == 0:
        point.exemplars.add(time_unix_nano=5, as_double=1.0)
    return point


@st.composite
def metrics(draw: st.DrawFn) -> Metric:
    metric = Metric(name=draw(texts), unit=draw(texts))
    kind = draw(st.sampled_from(["gauge", "sum", "histogram", "histogram", "summary", "exponential_histogram"]))
    data = getattr(metric, kind)
    data.SetInParent()
    if kind in ("sum", "histogram", "exponential_histogram"):
        data.aggregation_temporality = draw(st.sampled_from([0, 1, 2, 2, 3]))
    if kind in ("gauge", "sum"):
        data.data_points.extend(draw(st.lists(numbers(), max_size=5)))
    elif kind == "histogram":
        data.data_points.extend(draw(st.lists(histograms(), max_size=5)))
    else:
        data.data_points.add(time_unix_nano=draw(times))
    return metric


def both_roads(decoder: Decoder, body: bytes) -> tuple[object, object]:
    """Return what the columns and the ordinary classes make of a request."""
    ordinary = decoder.decode_request(parse_request(Signal.METRICS, Encoding.PROTOBUF, body))
    return seen_in(decoder.decode(Signal.METRICS, Encoding.PROTOBUF, body)), seen_in(ordinary)


@settings(max_examples=300, suppress_health_check=[hypothesis.HealthCheck.too_slow])
@given(st.lists(metrics(), max_size=4))
def test_columns_give_the_same_points_and_rejections(sent):
    body = metrics_request(*sent).SerializeToString()
    for decoder in (Decoder(), REMEMBERING, REMEMBERING):
        columns, ordinary = both_roads(decoder, body)
        assert columns == ordinary


@settings(max_examples=200)
@given(message=st.one_of(numbers(), histograms()), data=st.data())
def test_bytes_that_no_exporter_writes_mean_the_same(message: Message, data: st.DataObject):
    """Fields in another order, twice, or unknown, and points cut off anywhere."""
    parts = [message.SerializeToString(), *data.draw(st.lists(odd_fields, max_size=3))]
    joined = b"".join(data.draw(st.permutations(parts)))
    point = joined[: data.draw(st.sampled_from([len(joined)] * 3 + list(range(len(joined)))))] if joined else joined
    kind = b"\x4a" if isinstance(message, HistogramDataPoint) else b"\x3a"  # the fields histogram and sum of a metric
    metric = b"\x0a\x01m" + kind + delimited(b"\x0a" + delimited(point) + b"\x10\x01")
    body = b"\x0a" + delimited(b"\x12" + delimited(b"\x12" + delimited(metric)))
    try:
        columns, ordinary = both_roads(REMEMBERING, body)
    except UndecodableError:
        with pytest.raises(UndecodableError):
            REMEMBERING.decode(Signal.METRICS, Encoding.PROTOBUF, body)
    else:
        assert columns == ordinary


def delimited(content: bytes) -> bytes:
    """Return the content behind its length as a varint."""
    length, head = len(content), bytearray()
    while length >= 0x80:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes([*head, length]) + content


odd_fields = st.sampled_from(
    [
        b"\x19" + TIME_NS.to_bytes(8, "little"),
        b"\x21" + bytes(8),
        b"\x31" + bytes([1] + [0] * 7),
        b"\x40\x01",
        b"\x50\x81\x00",
        b"\x3a\x00",
        b"\x4a\x80\x00",
        b"\x3a\x05\x0a\x01k\x12\x00",
        b"\x4a\x05\x0a\x01k\x12\x00",
        b"\xf8\x07\x01",
    ]
)


def test_the_series_of_a_repeated_request_are_the_same_object():
    """Which is how the writer knows that it need not look them up again."""
    first, second = (
        REMEMBERING.decode(Signal.METRICS, Encoding.PROTOBUF, body).batch.numbers
        for body in (metrics_request(gauge([1.0, 2.0], time_ns=TIME_NS + i)).SerializeToString() for i in range(2))
    )
    assert first.series is second.series
    assert first.time_ns.tolist() != second.time_ns.tolist()


def test_integers_beyond_a_double_are_exact():
    sent = [2**53 + 1, -(2**63), 2**63 - 1, 2**53, 7]
    batch = REMEMBERING.decode(
        Signal.METRICS, Encoding.PROTOBUF, metrics_request(counter(*sent)).SerializeToString()
    ).batch
    assert [row[3] for row in batch.numbers.rows()] == sent


def test_histograms_with_the_same_bounds_are_one_block():
    sent = metrics_request(
        histogram([1.0, 2.0], [1, 2, 3]), histogram([1.0, 2.0], [4, 5, 6]), histogram([1.0], [1, 2])
    )
    blocks = REMEMBERING.decode(Signal.METRICS, Encoding.PROTOBUF, sent.SerializeToString()).batch.histograms
    assert sorted((block.bounds, block.buckets.tolist()) for block in blocks) == [
        ((1.0,), [[1, 2]]),
        ((1.0, 2.0), [[1, 2, 3], [4, 5, 6]]),
    ]


def test_what_was_used_least_recently_is_forgotten():
    cache: LruCache[str, int] = LruCache(2)
    for key in "abac":
        cache.put(key, ord(key))
    assert (cache.get("a"), cache.get("b"), cache.get("c"), cache.cost) == (ord("a"), None, ord("c"), 2)


def test_what_costs_more_than_everything_is_not_kept():
    cache: LruCache[str, int] = LruCache(2)
    cache.put("a", 1)
    cache.put("b", 2, cost=3)
    assert (cache.get("a"), cache.get("b")) == (1, None)


def test_a_cache_of_two_generations_forgets_what_was_not_asked_for():
    cache: RecentCache[int, int] = RecentCache(3)
    for key in range(1, 20):
        cache.put(key, 10 * key)
        assert cache.get(1) == 10
    assert (cache.get(2), cache.get(19), len(cache) <= 6) == (None, 190, True)


def test_a_request_without_metrics_is_nothing():
    body = ExportMetricsServiceRequest().SerializeToString()
    assert REMEMBERING.decode(Signal.METRICS, Encoding.PROTOBUF, body).accepted == 0
