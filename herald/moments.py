"""Moments as people write them on the command line."""

from datetime import UTC, datetime

from model.clock import to_ns
from model.errors import InvalidInputError
from model.windows import parse_duration


def parse_moment(text: str, now_ns: int) -> int:
    """Return `now`, `now-6h` or an ISO 8601 time (UTC where it names no zone) in nanoseconds."""
    if text == "now":
        return now_ns
    if text.startswith("now-"):
        return now_ns - parse_duration(text.removeprefix("now-"))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise InvalidInputError(f"{text!r} is not a time", remedy="write e.g. 2026-11-20T08:00Z or now-6h") from exc
    return to_ns(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
