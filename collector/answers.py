"""What a client is told when its request is not taken: the one table from errors to HTTP and gRPC statuses.

Temporary refusals are 503 and UNAVAILABLE, never 429: released OpenTelemetry exporters drop the data on a 429.
The told delay is one second, because they give up at once when it exceeds what is left of their ten.
"""

import logging
from dataclasses import dataclass

from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2  # type: ignore[import-untyped]

from collector.errors import BodyTooLargeError, OutsizeError, UnauthenticatedError, UnsupportedContentError
from model.errors import DependencyError, HeraldError, InvalidInputError

RETRY_AFTER_S = 1

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The statuses of a refusal; `retry_after_s` is set where sending it again can help."""

    http_status: int
    grpc_code: int  # google.rpc.Code
    retry_after_s: int | None = None


NO_SUCH_PATH = Answer(http_status=404, grpc_code=code_pb2.UNIMPLEMENTED)


def answer_to(error: Exception) -> Answer:
    """Return how a request that ended in `error` is answered."""
    match error:
        case UnauthenticatedError():
            return Answer(http_status=401, grpc_code=code_pb2.UNAUTHENTICATED)
        case UnsupportedContentError():
            return Answer(http_status=415, grpc_code=code_pb2.INVALID_ARGUMENT)
        case BodyTooLargeError() | OutsizeError():
            return Answer(http_status=413, grpc_code=code_pb2.RESOURCE_EXHAUSTED)
        case InvalidInputError():
            return Answer(http_status=400, grpc_code=code_pb2.INVALID_ARGUMENT)
        case DependencyError():
            return Answer(http_status=503, grpc_code=code_pb2.UNAVAILABLE, retry_after_s=RETRY_AFTER_S)
        case _:
            return Answer(http_status=500, grpc_code=code_pb2.INTERNAL)


def build_status(answer: Answer, message: str) -> Message:
    """Return the google.rpc.Status of a refusal, with RetryInfo where a retry can help."""
    status = status_pb2.Status(code=answer.grpc_code, message=message)
    if answer.retry_after_s is not None:
        status.details.add().Pack(build_retry_info(answer.retry_after_s))
    return _as_message(status)


def build_retry_info(delay_s: int) -> Message:
    """Return the google.rpc.RetryInfo that asks for a delay."""
    info = error_details_pb2.RetryInfo()
    info.retry_delay.seconds = delay_s
    return _as_message(info)


def render_error(error: Exception) -> str:
    """Return one sentence for the client; what we did not expect is logged and not shown."""
    if isinstance(error, HeraldError):
        return str(error)
    _log.error("a request ended in an unexpected error", exc_info=error)
    return "the collector failed on this request; its log says why"


def _as_message(message: Message) -> Message:
    return message
