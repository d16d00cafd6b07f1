"""The OTLP receiver: refuses bad telemetry with a reason, keeps the good durable, and hands it on exactly once."""

from collector.addresses import Address
from collector.cardinality import Caps, CardinalityLimit, Census
from collector.consumer import Consumer, Written
from collector.decode import Decoder
from collector.direct import DirectPipeline
from collector.drain import DrainSettings
from collector.exposure import find_exposures, is_local, refuse_exposure
from collector.intake import Accepted, Intake, Readiness
from collector.limits import Limits, allow_many_connections
from collector.pipeline import Pipeline
from collector.server import CollectorServer, serve
from collector.signals import Encoding, Signal
from collector.spool import Spool
from collector.telemetry import CollectorTelemetry
from collector.timeliness import TimeLimits
from collector.tls import Tls, TlsFiles, load_tls
from collector.tokens import TokenBook, TokenSettings, TokenSource

__all__ = [
    "Accepted",
    "Address",
    "Caps",
    "CardinalityLimit",
    "Census",
    "CollectorServer",
    "CollectorTelemetry",
    "Consumer",
    "Decoder",
    "DirectPipeline",
    "DrainSettings",
    "Encoding",
    "Intake",
    "Limits",
    "Pipeline",
    "Readiness",
    "Signal",
    "Spool",
    "TimeLimits",
    "Tls",
    "TlsFiles",
    "TokenBook",
    "TokenSettings",
    "TokenSource",
    "Written",
    "allow_many_connections",
    "find_exposures",
    "is_local",
    "load_tls",
    "refuse_exposure",
    "serve",
]
