"""The OTLP receiver: refuses bad telemetry with a reason, keeps the good durable, and hands it on exactly once."""

from collector.consumer import Consumer, Written
from collector.decode import Decoder
from collector.direct import DirectPipeline
from collector.drain import DrainSettings
from collector.intake import Accepted, Intake, Readiness
from collector.pipeline import Pipeline
from collector.server import CollectorServer, serve
from collector.signals import Encoding, Signal
from collector.spool import Spool
from collector.telemetry import CollectorTelemetry
from collector.timeliness import TimeLimits

__all__ = [
    "Accepted",
    "CollectorServer",
    "CollectorTelemetry",
    "Consumer",
    "Decoder",
    "DirectPipeline",
    "DrainSettings",
    "Encoding",
    "Intake",
    "Pipeline",
    "Readiness",
    "Signal",
    "Spool",
    "TimeLimits",
    "Written",
    "serve",
]
