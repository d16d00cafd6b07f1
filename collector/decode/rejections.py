"""What was not kept of a request: why, how often, and one example of each reason."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

LONGEST_NAME = 255
"""Characters in the name of a metric, an event, a site, a device: what OpenTelemetry allows an instrument.

https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-name-syntax; an index cannot hold thousands.
"""
_EXAMPLE_LENGTH = 200


class Reason(StrEnum):
    """Why an item is rejected; the value is a metric label, so the set stays small."""

    TIME = "time"
    TOO_OLD = "too_old"
    FUTURE = "future"
    VALUE_MISSING = "value_missing"
    TEMPORALITY = "temporality"
    UNIT = "unit"
    NAME = "name"
    SIZE = "size"
    SUMMARY = "summary"
    HISTOGRAM_SHAPE = "histogram_shape"
    SPAN_ID = "span_id"
    CARDINALITY = "cardinality"


@dataclass(slots=True)
class _Tally:
    count: int
    example: str


@dataclass(slots=True)
class Rejections:
    """Exact counts by reason, with the first example of each."""

    _tallies: dict[Reason, _Tally] = field(default_factory=dict)

    def add(self, reason: Reason, example: str, count: int = 1) -> None:
        """Count `count` items; `example` says what is wrong, and is kept if it is the first of its reason."""
        if not count:
            return
        tally = self._tallies.get(reason)
        if tally is None:
            self._tallies[reason] = _Tally(count, _shorten(example))
        else:
            tally.count += count

    @property
    def total(self) -> int:
        """The number of rejected items."""
        return sum(tally.count for tally in self._tallies.values())

    def counts(self) -> dict[Reason, int]:
        """Return the number of rejected items by reason."""
        return {reason: tally.count for reason, tally in self._tallies.items()}

    def render_message(self, items: str) -> str:
        """Return one English sentence for the client, empty if nothing was rejected."""
        if not self._tallies:
            return ""
        return f"{self.total} {items} rejected: " + "; ".join(self._render_tallies())

    def _render_tallies(self) -> Iterator[str]:
        for tally in self._tallies.values():
            yield f"{tally.count} x {tally.example}"


def _shorten(text: str) -> str:
    return text if len(text) <= _EXAMPLE_LENGTH else text[: _EXAMPLE_LENGTH - 3] + "..."
