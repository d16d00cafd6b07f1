"""What the two doors (HTTP and gRPC) ask of whoever takes the requests: `Pipeline` or `DirectPipeline`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from collector.decode import Decoded, Reason
from collector.signals import Encoding, ExportResponse, Signal, build_response
from collector.telemetry import CollectorTelemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A request that is safe: how much of it will be stored, and what was rejected with which reason."""

    signal: Signal
    accepted: int
    rejected: Mapping[Reason, int] = field(default_factory=dict)
    message: str = ""

    @property
    def rejected_total(self) -> int:
        """The number of rejected items."""
        return sum(self.rejected.values())

    def to_response(self) -> ExportResponse:
        """Return the OTLP answer."""
        return build_response(self.signal, self.rejected_total, self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether requests can be taken, and whether the database takes them on; `None` is not known yet."""

    taking_requests: bool
    database_taking_data: bool | None
    trouble: str = ""
    spool_bytes: int = 0
    spool_limit_bytes: int = 0


class Intake(Protocol):
    """Takes requests and counts them."""

    @property
    def telemetry(self) -> CollectorTelemetry:
        """The numbers that the doors add to and show."""
        ...

    def accept(self, signal: Signal, encoding: Encoding, body: bytes) -> Accepted:
        """Decode a decompressed body, make it safe and say what became of it.

        Raises UndecodableError for a body that is no OTLP message, DependencyError when it cannot be kept now.
        """
        ...

    def check_readiness(self) -> Readiness:
        """Prove that requests can be taken; never raises."""
        ...


def build_accepted(signal: Signal, decoded: Decoded, *, warning: str = "") -> Accepted:
    """Return the answer to a decoded request; a warning is told though nothing was rejected."""
    return Accepted(
        signal=signal,
        accepted=decoded.accepted,
        rejected=decoded.rejections.counts(),
        message="; ".join(filter(None, [decoded.rejections.render_message(signal.items), decoded.warning, warning])),
    )
