"""The three OTLP signals and the two encodings of their messages."""

from enum import StrEnum

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

ExportRequest = ExportMetricsServiceRequest | ExportLogsServiceRequest | ExportTraceServiceRequest
ExportResponse = ExportMetricsServiceResponse | ExportLogsServiceResponse | ExportTraceServiceResponse


class Signal(StrEnum):
    """What a request carries; the value is the last part of its HTTP path."""

    METRICS = "metrics"
    LOGS = "logs"
    TRACES = "traces"

    @property
    def items(self) -> str:
        """What one item of the signal is called in messages, in the plural."""
        return {"metrics": "data points", "logs": "log records", "traces": "spans"}[self.value]


class Encoding(StrEnum):
    """How an OTLP message is written; the value is its content type."""

    PROTOBUF = "application/x-protobuf"
    JSON = "application/json"


REQUESTS: dict[Signal, type[ExportRequest]] = {
    Signal.METRICS: ExportMetricsServiceRequest,
    Signal.LOGS: ExportLogsServiceRequest,
    Signal.TRACES: ExportTraceServiceRequest,
}


def build_response(signal: Signal, rejected: int, message: str) -> ExportResponse:
    """Return the answer to a decoded request; `partial_success` stays unset where all is well."""
    if not rejected and not message:
        return _RESPONSES[signal]()
    match signal:
        case Signal.METRICS:
            metrics = ExportMetricsServiceResponse()
            metrics.partial_success.rejected_data_points = rejected
            metrics.partial_success.error_message = message
            return metrics
        case Signal.LOGS:
            logs = ExportLogsServiceResponse()
            logs.partial_success.rejected_log_records = rejected
            logs.partial_success.error_message = message
            return logs
        case Signal.TRACES:
            traces = ExportTraceServiceResponse()
            traces.partial_success.rejected_spans = rejected
            traces.partial_success.error_message = message
            return traces


_RESPONSES: dict[Signal, type[ExportResponse]] = {
    Signal.METRICS: ExportMetricsServiceResponse,
    Signal.LOGS: ExportLogsServiceResponse,
    Signal.TRACES: ExportTraceServiceResponse,
}
