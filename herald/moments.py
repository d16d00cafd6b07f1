"""Moments as people write them on the command line."""

from datetime import UTC, datetime

from model.clock import to_ns
from model.errors import InvalidInputError
from model.windows import parse_duration

_FIRST_NS = 0
_LAST_NS = to_ns(datetime(2200, 1, 1, tzinfo=UTC))


def parse_moment(text: str, now_ns: int) -> int:
    """Return `now`, `now-6h` or an ISO 8601 time (UTC where it names no zone) in nanoseconds.

    Raises InvalidInputError for what is no time, or one that no telemetry can have.
    """
    when_ns = _parse(text, now_ns)
    if not _FIRST_NS <= when_ns < _LAST_NS:
        raise InvalidInputError(
            f"{text!r} is before 1970 or after 2199", remedy="write a time that telemetry can have"
        )
    return when_ns


def _parse(text: str, now_ns: int) -> int:
    if text == "now":
        return now_ns
    if text.startswith("now-"):
        return now_ns - parse_duration(text.removeprefix("now-"))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise InvalidInputError(f"{text!r} is not a time", remedy="write e.g. 2026-11-20T08:00Z or now-6h") from exc
    return to_ns(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
