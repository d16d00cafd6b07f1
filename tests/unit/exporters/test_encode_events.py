"""Happenings are log records with a name and a time; stages are spans of their job's trace."""

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from exporters.encode_events import derive_trace_id, encode_logs, encode_traces
from model import names
from model.readings import Readings
from model.recording import record_readings
from tests.unit.exporters.stations import MORNING_NS, read_records, read_spans, some_readings

RECORDING = record_readings(some_readings("lab", MORNING_NS, MORNING_NS + 1_000_000_000))


def test_a_happening_is_a_log_record_with_its_event_name_and_its_own_time() -> None:
    (record,) = read_records(encode_logs([RECORDING]))
    assert record.event_name == names.EVENT_CALIBRATION
    assert record.time_unix_nano == RECORDING.happenings[0].time_ns
    assert (record.severity_text, record.severity_number) == ("INFO", 9)
    assert record.body.string_value == "T1 refitted"


def test_the_stages_of_a_job_are_one_trace() -> None:
    job, read = read_spans(encode_traces([RECORDING]))
    assert job.trace_id == read.trace_id == derive_trace_id("lab", RECORDING.stages[0].trace)
    assert (job.parent_span_id, read.parent_span_id) == (b"", job.span_id)


def test_a_span_has_the_stages_times_and_outcome() -> None:
    job, read = read_spans(encode_traces([RECORDING]))
    stage = RECORDING.stages[0]
    assert (job.start_time_unix_nano, job.end_time_unix_nano) == (stage.start_ns, stage.end_ns)
    assert (job.status.code, read.status.code) == (Status.STATUS_CODE_UNSET, Status.STATUS_CODE_ERROR)


def test_spans_are_the_bytes_that_protobuf_writes() -> None:
    encoded = encode_traces([RECORDING])
    assert ExportTraceServiceRequest.FromString(encoded).SerializeToString(deterministic=True) == encoded


def test_equal_job_names_at_two_sites_are_two_traces() -> None:
    assert derive_trace_id("delft", "job-1") != derive_trace_id("hague", "job-1")


def test_the_same_readings_give_the_same_bytes() -> None:
    assert encode_traces([RECORDING]) == encode_traces([RECORDING])
    assert encode_logs([RECORDING]) == encode_logs([RECORDING])


def test_nothing_said_is_no_request() -> None:
    quiet = record_readings(Readings(site="lab", start_ns=0, end_ns=1))
    assert encode_logs([quiet]) == encode_traces([quiet]) == b""
