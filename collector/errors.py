"""Why the collector says no: one class per answer a client can act on.

`collector.answers` alone turns them into HTTP and gRPC statuses.
"""

from model.errors import DependencyError, HeraldError, InvalidInputError


class UndecodableError(InvalidInputError):
    """The body is not the OTLP message that its path and content type promise."""


class UnsupportedContentError(InvalidInputError):
    """The content type or content encoding is none that OTLP knows."""

    remedy = "send application/x-protobuf or application/json, plain or with Content-Encoding: gzip"


class BodyTooLargeError(InvalidInputError):
    """The request is larger than the collector accepts, compressed or not."""

    remedy = "split the request into smaller batches"

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        super().__init__(f"the request body is larger than {limit_bytes} bytes")


class OutsizeError(InvalidInputError):
    """The request has more parts, or larger ones, than telemetry has."""

    remedy = "split the request into smaller batches"


class BusyError(DependencyError):
    """The collector cannot take the request now; the same request succeeds later."""

    remedy = "send it again in a second"


class SpoolFullError(BusyError):
    """The spool has no room until the database has taken what is in it."""


class OverloadedError(BusyError):
    """Too many bytes of requests are being worked on."""


class SpoolInUseError(DependencyError):
    """Another collector owns the spool directory."""

    remedy = "stop the other collector or choose another directory with --data"


class SpoolDamagedError(DependencyError):
    """The spool file of an older Herald cannot be read."""

    remedy = "move the spool directory aside and start again; keep it, it may hold telemetry"


class UnauthenticatedError(HeraldError):
    """The request does not show who sends it."""

    remedy = "send a token that is in force as `Authorization: Bearer ...`; herald token create makes one"


class TokensUnreadableError(BusyError):
    """Whether the token is good cannot be said now, because the database does not answer."""
