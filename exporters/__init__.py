"""Read devices and emit OpenTelemetry and Prometheus; simulated and real sources answer one Protocol.

Live readings go through the OpenTelemetry SDK (`LiveExporter`), virtual-time readings straight into OTLP
requests (`replay_history`, `encode_*`), foreign calibration files likewise (`import_ibm_properties`). Imports
`model`; `hwsim` only from `exporters.simulated`.
"""

from exporters.agent import Exporter, run_agent
from exporters.announce import build_announcement
from exporters.credentials import Credentials, TokenFile
from exporters.delivery import Client, Delivery, NotNowError, RequestRefusedError, Send, Signal
from exporters.encode import encode_metrics
from exporters.encode_events import encode_logs, encode_traces
from exporters.history import Progress, replay_history
from exporters.ibm_properties import (
    Refusal,
    Snapshot,
    encode_snapshot,
    import_ibm_properties,
    load_ibm_properties,
)
from exporters.live import LiveExporter
from exporters.outbox import Tally
from exporters.prometheus_endpoint import PrometheusEndpoint, render_prometheus_name
from exporters.push import GrpcClient, OtlpClient, connect, sends_token_in_the_clear
from exporters.simulated import build_simulated_sources
from exporters.sources import Source

__all__ = [
    "Client",
    "Credentials",
    "Delivery",
    "Exporter",
    "GrpcClient",
    "LiveExporter",
    "NotNowError",
    "OtlpClient",
    "Progress",
    "PrometheusEndpoint",
    "Refusal",
    "RequestRefusedError",
    "Send",
    "Signal",
    "Snapshot",
    "Source",
    "Tally",
    "TokenFile",
    "build_announcement",
    "build_simulated_sources",
    "connect",
    "encode_logs",
    "encode_metrics",
    "encode_snapshot",
    "encode_traces",
    "import_ibm_properties",
    "load_ibm_properties",
    "render_prometheus_name",
    "replay_history",
    "run_agent",
    "sends_token_in_the_clear",
]
