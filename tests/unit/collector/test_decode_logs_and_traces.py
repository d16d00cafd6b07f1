import json
import math

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from collector.decode import Decoder
from collector.decode.logs import severity_name
from collector.decode.rejections import Reason
from collector.decode.values import decode_attributes, decode_value
from tests.unit.collector.messages import TIME_NS, logs_request, traces_request

DECODER = Decoder()


def test_a_log_record_becomes_an_event():
    (event,) = DECODER.decode_request(logs_request()).batch.events
    assert (event.event, event.body, event.severity, event.time_ns) == ("test.event", "it happened", "INFO", TIME_NS)
    assert event.resource == (("service.name", "test"),)
    assert (event.trace_id, event.span_id) == (bytes(range(16)).hex(), bytes(range(8)).hex())


def test_the_observed_time_stands_in_for_a_missing_time():
    request = logs_request()
    record = request.resource_logs[0].scope_logs[0].log_records[0]
    record.time_unix_nano, record.observed_time_unix_nano = 0, TIME_NS + 1
    assert DECODER.decode_request(request).batch.events[0].time_ns == TIME_NS + 1


def test_a_log_record_without_any_time_is_rejected():
    request = logs_request()
    request.resource_logs[0].scope_logs[0].log_records[0].time_unix_nano = 0
    assert DECODER.decode_request(request).rejections.counts() == {Reason.TIME: 1}


def test_an_event_name_that_no_index_holds_is_rejected():
    request = logs_request()
    request.resource_logs[0].scope_logs[0].log_records[0].event_name = "n" * 256
    rejections = DECODER.decode_request(request).rejections
    assert rejections.counts() == {Reason.SIZE: 1}
    assert "256 characters is longer than 255" in rejections.render_message("log records")


def test_the_event_name_may_stand_in_an_attribute():
    request = logs_request()
    record = request.resource_logs[0].scope_logs[0].log_records[0]
    record.event_name = ""
    record.attributes.add(key="event.name").value.string_value = "old.event"
    assert DECODER.decode_request(request).batch.events[0].event == "old.event"


@pytest.mark.parametrize("identifier", [bytes(16), b"short"])
def test_a_log_record_with_an_invalid_trace_id_belongs_to_no_trace(identifier):
    request = logs_request()
    request.resource_logs[0].scope_logs[0].log_records[0].trace_id = identifier
    assert DECODER.decode_request(request).batch.events[0].trace_id == ""


@pytest.mark.parametrize(
    ("number", "name"), [(0, ""), (1, "TRACE"), (12, "INFO"), (13, "WARN"), (24, "FATAL"), (99, "")]
)
def test_severity_numbers_have_names(number, name):
    assert severity_name(number) == name


def test_a_span_keeps_ids_window_and_status():
    (span,) = DECODER.decode_request(traces_request()).batch.spans[0].rows()
    assert (span.name, span.status, span.start_ns, span.end_ns) == ("test.span", "error", TIME_NS, TIME_NS + 5)
    assert (span.trace_id, span.parent_span_id) == (bytes(range(16)).hex(), bytes(range(1, 9)).hex())


@pytest.mark.parametrize(
    ("field", "value", "reason", "words"),
    [
        ("trace_id", bytes(16), Reason.SPAN_ID, "trace id"),
        ("trace_id", b"short", Reason.SPAN_ID, "trace id"),
        ("span_id", b"", Reason.SPAN_ID, "span id"),
        ("parent_span_id", b"x", Reason.SPAN_ID, "parent span id"),
        ("start_time_unix_nano", 0, Reason.TIME, "start_time_unix_nano is 0"),
        ("end_time_unix_nano", 0, Reason.TIME, "end_time_unix_nano is 0"),
        ("end_time_unix_nano", TIME_NS - 1, Reason.TIME, "is after end_time_unix_nano"),
    ],
)
def test_a_bad_span_is_rejected(field, value, reason, words):
    request = traces_request()
    setattr(request.resource_spans[0].scope_spans[0].spans[0], field, value)
    rejections = DECODER.decode_request(request).rejections
    assert rejections.counts() == {reason: 1}
    assert words in rejections.render_message("spans")


@pytest.mark.parametrize(
    ("value", "decoded"),
    [
        (AnyValue(string_value="a"), "a"),
        (AnyValue(bool_value=False), False),
        (AnyValue(int_value=-(2**63)), -(2**63)),
        (AnyValue(double_value=0.5), 0.5),
        (AnyValue(double_value=math.nan), "NaN"),
        (AnyValue(double_value=-math.inf), "-Infinity"),
        (AnyValue(bytes_value=b"\xff"), '"/w=="'),
        (AnyValue(array_value=ArrayValue(values=[AnyValue(int_value=1), AnyValue()])), "[1,null]"),
        (AnyValue(string_value="nul\0"), "nul\ufffd"),
        (AnyValue(), ""),
    ],
)
def test_attribute_values(value, decoded):
    assert decode_value(value) == decoded
    assert type(decode_value(value)) is type(decoded)


def test_a_nested_map_becomes_json_with_sorted_keys():
    pairs = [KeyValue(key=key, value=AnyValue(double_value=math.inf)) for key in "ba"]
    text = decode_value(AnyValue(kvlist_value=KeyValueList(values=pairs)))
    assert text == '{"a":"Infinity","b":"Infinity"}'
    assert json.loads(str(text))


def test_of_a_key_that_comes_twice_the_last_value_counts():
    pairs = [KeyValue(key="a", value=AnyValue(int_value=value)) for value in (1, 2)]
    assert decode_attributes(pairs) == (("a", 2),)
