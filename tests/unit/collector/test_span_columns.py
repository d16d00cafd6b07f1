"""Spans read in columns and spans read one by one are the same spans, and are rejected for the same reasons."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector import Decoder, Encoding, Signal
from collector.decode import parse_request
from collector.errors import UndecodableError
from tests.unit.collector.messages import TIME_NS, seen_in
from tests.unit.collector.test_columns import delimited
from tests.unit.collector.test_roads import attributes, texts

REMEMBERING = Decoder()

times = st.sampled_from([TIME_NS] * 6 + [TIME_NS + 1, 0, 2**63 - 1, 2**63])
alike = st.fixed_dictionaries({key: st.one_of(texts, st.just("x" * 200)) for key in ("b", "a")})


@st.composite
def spans(draw: st.DrawFn) -> Span:
    span = Span(name=draw(texts), start_time_unix_nano=TIME_NS, end_time_unix_nano=draw(times))
    span.trace_id = draw(st.sampled_from([b"t" * 16] * 6 + [bytes(16), b"short"]))
    span.span_id = draw(st.binary(min_size=8, max_size=8))
    span.parent_span_id = draw(st.sampled_from([b"", b"p" * 8, bytes(8), b"p"]))
    span.kind = draw(st.integers(0, 5))  # type: ignore[assignment]
    if draw(st.booleans()):
        for key, value in draw(alike).items():
            span.attributes.add(key=key).value.string_value = value
    else:
        span.attributes.extend(draw(attributes))
    span.flags = draw(st.sampled_from([0, 0x101]))
    match draw(st.integers(0, 9)):
        case 0:
            span.events.add(name="happened")
        case 1:
            span.status.message = "broken"
        case 2:
            span.trace_state = "a=b"
        case 3:
            span.status.SetInParent()
        case _:
            span.status.code = draw(st.integers(0, 2))  # type: ignore[assignment]
    return span


def both_roads(decoder: Decoder, body: bytes) -> tuple[object, object]:
    """Return what the columns and the ordinary classes make of a request."""
    ordinary = decoder.decode_request(parse_request(Signal.TRACES, Encoding.PROTOBUF, body))
    return seen_in(decoder.decode(Signal.TRACES, Encoding.PROTOBUF, body)), seen_in(ordinary)


def request_of(*messages: bytes) -> bytes:
    """Return a request of serialized spans, of a resource with one attribute."""
    resource = b"\x0a" + delimited(b"\x0a" + delimited(b"\x0a\x01r\x12\x03\x0a\x01x"))
    scope = b"\x12" + delimited(b"".join(b"\x12" + delimited(message) for message in messages))
    return b"\x0a" + delimited(resource + scope)


@settings(max_examples=80)
@given(st.lists(spans(), min_size=9, max_size=20))
def test_columns_give_the_same_spans_and_rejections(sent):
    body = request_of(*[span.SerializeToString() for span in sent])
    for decoder in (Decoder(), REMEMBERING, REMEMBERING):
        columns, ordinary = both_roads(decoder, body)
        assert columns == ordinary


odd_fields = st.sampled_from(
    [b"\x0a\x10" + b"u" * 16, b"\x22\x00", b"\x2a\x01\xff", b"\x30\x81\x00", b"\x39" + bytes(8), b"\x4a\x00",
     b"\x4a\x80\x00", b"\x4a\x09\x0a\x01k\x12\x04\x0a\x02\xff\xff", b"\x7a\x02\x18\x02", b"\x7a\x03\x18\x82\x00",
     b"\x85\x01" + bytes(4), b"\xf8\x07\x01"]
)  # fmt: skip


@settings(max_examples=120)
@given(span=spans(), data=st.data())
def test_bytes_that_no_exporter_writes_mean_the_same(span: Span, data: st.DataObject):
    """Fields in another order, twice, or unknown, and spans cut off anywhere."""
    parts = [span.SerializeToString(), *data.draw(st.lists(odd_fields, max_size=3))]
    joined = b"".join(data.draw(st.permutations(parts)))
    odd = joined[: data.draw(st.sampled_from([len(joined)] * 3 + list(range(len(joined)))))]
    body = request_of(*[span.SerializeToString()] * 9, odd)
    try:
        columns, ordinary = both_roads(REMEMBERING, body)
    except UndecodableError:
        with pytest.raises(UndecodableError):
            REMEMBERING.decode(Signal.TRACES, Encoding.PROTOBUF, body)
    else:
        assert columns == ordinary


def test_spans_as_exporters_write_them_are_one_block():
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add().scope_spans.add()
    for number in range(20):
        span = group.spans.add(
            trace_id=b"t" * 16, span_id=bytes([number + 1]) * 8, name="read", kind=1, flags=0x101,
            start_time_unix_nano=TIME_NS, end_time_unix_nano=TIME_NS + number,
        )  # fmt: skip
        span.attributes.add(key="number").value.int_value = number
        span.status.code = 1  # type: ignore[assignment]
    (block,) = REMEMBERING.decode(Signal.TRACES, Encoding.PROTOBUF, request.SerializeToString()).batch.spans
    assert block.attribute_names == ("number",)
    assert list(block.attribute_values[0]) == list(range(20))
    assert set(block.status) == {"ok"}


def test_spans_of_other_attributes_are_another_block():
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add().scope_spans.add()
    for number in range(20):
        span = group.spans.add(
            trace_id=b"t" * 16, span_id=bytes([number + 1]) * 8, name=f"read {number}",
            start_time_unix_nano=TIME_NS, end_time_unix_nano=TIME_NS + number,
        )  # fmt: skip
        for key in ("b", "a") if number % 2 else ("a", "b", "c"):
            span.attributes.add(key=key).value.string_value = f"{key} of {number}"
    two, three = REMEMBERING.decode(Signal.TRACES, Encoding.PROTOBUF, request.SerializeToString()).batch.spans
    assert (three.attribute_names, two.attribute_names) == (("a", "b", "c"), ("a", "b"))
    assert three.rows()[1].attributes == (("a", "a of 2"), ("b", "b of 2"), ("c", "c of 2"))
    assert two.rows()[1].attributes == (("a", "a of 3"), ("b", "b of 3"))
