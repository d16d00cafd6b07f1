"""Protobuf and JSON are two roads to the same batch; whatever arrives is decoded or refused, never a crash."""

import contextlib
import json
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

import collector.decode.metrics as metrics_decoder
from collector import Decoder, Encoding, Signal
from collector.decode.outline import split
from collector.errors import UndecodableError
from tests.unit.collector.messages import gauge, logs_request, metrics_request, seen_in, to_otlp_json, traces_request

DECODER = Decoder()

texts = st.text(st.characters(codec="utf-8"), max_size=8)
uint64s = st.one_of(st.just(0), st.integers(0, 2**64 - 1), st.integers(10**18, 2 * 10**18))
counts = st.lists(st.integers(0, 50), max_size=5)


def scalar_values() -> st.SearchStrategy[AnyValue]:
    return st.one_of(
        st.just(AnyValue()),
        texts.map(lambda text: AnyValue(string_value=text)),
        st.booleans().map(lambda value: AnyValue(bool_value=value)),
        st.integers(-(2**63), 2**63 - 1).map(lambda value: AnyValue(int_value=value)),
        st.floats().map(lambda value: AnyValue(double_value=value)),
        st.binary(max_size=6).map(lambda value: AnyValue(bytes_value=value)),
    )


def _pairs(values: st.SearchStrategy[AnyValue]) -> st.SearchStrategy[list[KeyValue]]:
    return st.lists(st.builds(KeyValue, key=texts, value=values), max_size=3)


values = st.recursive(
    scalar_values(),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: AnyValue(array_value=ArrayValue(values=items))),
        _pairs(inner).map(lambda items: AnyValue(kvlist_value=KeyValueList(values=items))),
    ),
    max_leaves=5,
)
attributes = _pairs(values)


@st.composite
def metrics(draw: st.DrawFn) -> Metric:
    metric = Metric(name=draw(texts), unit=draw(texts))
    kind = draw(st.sampled_from(["gauge", "sum", "histogram", "exponential_histogram", "summary"]))
    data = getattr(metric, kind)
    data.SetInParent()
    if kind not in ("gauge", "summary"):
        data.aggregation_temporality = draw(st.sampled_from([0, 1, 2]))
    for _ in range(draw(st.integers(0, 3))):
        point = data.data_points.add(time_unix_nano=draw(uint64s), start_time_unix_nano=draw(uint64s))
        point.attributes.extend(draw(attributes))
        point.flags = draw(st.integers(0, 1))
        _fill(draw, kind, point)
    return metric


def _fill(draw: st.DrawFn, kind: str, point: Any) -> None:
    if kind in ("gauge", "sum"):
        if draw(st.booleans()):
            point.as_double = draw(st.floats())
        else:
            point.as_int = draw(st.integers(-(2**63), 2**63 - 1))
    elif kind == "histogram":
        point.bucket_counts.extend(draw(counts))
        point.explicit_bounds.extend(sorted(draw(st.lists(st.floats(allow_nan=False), max_size=4))))
        point.count = sum(point.bucket_counts)
        point.sum = draw(st.floats())
    elif kind == "exponential_histogram":
        point.positive.bucket_counts.extend(draw(counts))
        point.negative.offset = draw(st.integers(-(2**31), 2**31 - 1))
        point.negative.bucket_counts.extend(draw(counts))
        point.scale = draw(st.integers(-12, 60))
        point.count = draw(st.one_of(uint64s, st.just(sum(point.positive.bucket_counts))))


@st.composite
def metric_requests(draw: st.DrawFn) -> ExportMetricsServiceRequest:
    request = metrics_request(*draw(st.lists(metrics(), max_size=3)))
    request.resource_metrics[0].resource.attributes.extend(draw(attributes))
    return request


@st.composite
def log_requests(draw: st.DrawFn) -> ExportLogsServiceRequest:
    request = logs_request()
    record = request.resource_logs[0].scope_logs[0].log_records.add(time_unix_nano=draw(uint64s))
    record.body.CopyFrom(draw(values))
    record.attributes.extend(draw(attributes))
    record.severity_number = draw(st.integers(0, 24))  # type: ignore[assignment]
    record.trace_id, record.span_id = draw(st.binary(max_size=17)), draw(st.binary(max_size=9))
    return request


@st.composite
def trace_requests(draw: st.DrawFn) -> ExportTraceServiceRequest:
    request = traces_request()
    span = request.resource_spans[0].scope_spans[0].spans.add(name=draw(texts))
    span.trace_id = draw(st.binary(min_size=15, max_size=16))
    span.span_id = draw(st.binary(min_size=7, max_size=8))
    span.start_time_unix_nano, span.end_time_unix_nano = draw(uint64s), draw(uint64s)
    span.attributes.extend(draw(attributes))
    span.links.add(trace_id=draw(st.binary(max_size=16)))
    return request


def _seen(message: Message, signal: Signal, encoding: Encoding) -> object:
    body = (
        message.SerializeToString() if encoding is Encoding.PROTOBUF else json.dumps(to_otlp_json(message)).encode()
    )
    return seen_in(DECODER.decode(signal, encoding, body))


@settings(deadline=None, max_examples=60)
@given(
    st.one_of(
        st.tuples(st.just(Signal.METRICS), metric_requests()),
        st.tuples(st.just(Signal.LOGS), log_requests()),
        st.tuples(st.just(Signal.TRACES), trace_requests()),
    )
)
def test_both_roads_lead_to_the_same_batch(case):
    signal, message = case
    assert _seen(message, signal, Encoding.JSON) == _seen(message, signal, Encoding.PROTOBUF)


@settings(deadline=None, max_examples=60)
@given(st.lists(metric_requests(), max_size=4))
def test_a_large_request_is_decoded_in_pieces_as_it_is_in_one(messages):
    body = b"".join(message.SerializeToString() for message in messages)
    whole = seen_in(DECODER.decode(Signal.METRICS, Encoding.PROTOBUF, body))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(metrics_decoder, "_PIECE_BYTES", 1)
        assert seen_in(DECODER.decode(Signal.METRICS, Encoding.PROTOBUF, body)) == whole


@pytest.mark.parametrize(("groups_at_least", "sizes"), [(0.5, [1, 1, 1]), (1.5, [2, 1]), (9, [3])])
def test_pieces_are_whole_groups_and_what_is_behind_the_last(groups_at_least, sizes):
    groups = [metrics_request(gauge([float(value)])).SerializeToString() for value in (1, 2, 3)]
    length = len(groups[0])
    *whole, last = split(b"".join(groups), round(groups_at_least * length))
    assert [len(piece) / length for piece in (*whole, last)] == sizes
    *_, with_rest = split(b"".join(groups) + b"rest", round(groups_at_least * length))
    assert with_rest.endswith(b"rest")
    assert b"".join([*whole, last]) == b"".join(groups)


@settings(deadline=None, max_examples=60)
@given(metric_requests())
def test_every_point_is_either_kept_or_accounted_for(message):
    decoded = DECODER.decode_request(message)
    sent = sum(
        len(getattr(metric, metric.WhichOneof("data")).data_points)
        for metric in message.resource_metrics[0].scope_metrics[0].metrics
    )
    assert decoded.accepted + decoded.rejections.total + decoded.no_value == sent


@settings(deadline=None)
@given(st.sampled_from(Signal), st.sampled_from(Encoding), st.binary(max_size=60))
def test_any_bytes_are_decoded_or_refused(signal, encoding, body):
    with contextlib.suppress(UndecodableError):
        DECODER.decode(signal, encoding, body)


json_trees = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["resourceMetrics", "scopeMetrics", "metrics", "gauge", "dataPoints", "traceId", "key"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(json_trees)
def test_any_json_is_decoded_or_refused(tree):
    with contextlib.suppress(UndecodableError):
        DECODER.decode(Signal.METRICS, Encoding.JSON, json.dumps(tree).encode())


def test_the_same_bytes_give_the_same_batch():
    body = metrics_request(gauge([1.0, 2.0])).SerializeToString()
    first, second = (DECODER.decode(Signal.METRICS, Encoding.PROTOBUF, body) for _ in range(2))
    assert (seen_in(first), first.batch.digest) == (seen_in(second), second.batch.digest)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "not OTLP/JSON"),
        (b"[]", "must be a JSON object"),
        (b'{"resourceMetrics": 5}', "not OTLP/JSON"),
        (b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]}', "'xyz' is not hexadecimal"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"resourceMetrics": "\xff"}', "not OTLP/JSON"),
    ],
)
def test_json_that_is_not_otlp_is_refused(body, words):
    with pytest.raises(UndecodableError, match=words):
        DECODER.decode(Signal.METRICS, Encoding.JSON, body)


def test_json_ids_are_hexadecimal_in_any_case():
    document = to_otlp_json(traces_request())
    span = document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    span["traceId"] = "5B8EFFF798038103D269B633813FC60C"
    batch = DECODER.decode(Signal.TRACES, Encoding.JSON, json.dumps(document).encode()).batch
    assert batch.spans[0].rows()[0].trace_id == "5b8efff798038103d269b633813fc60c"


def test_json_may_carry_unknown_keys_and_plain_numbers():
    document = to_otlp_json(metrics_request(gauge([1.0])))
    point = document["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["gauge"]["dataPoints"][0]
    point["timeUnixNano"], point["somethingNew"] = int(point["timeUnixNano"]), {}
    assert DECODER.decode(Signal.METRICS, Encoding.JSON, json.dumps(document).encode()).accepted == 1
