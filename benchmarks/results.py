"""What a benchmark yields, as the table and the JSON file show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class UnmeasurableError(Exception):
    """A benchmark cannot run on this machine; says the reason and the remedy."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, and how much of the unit it came to."""

    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A figure and its neighbour, in the same unit."""

    name: str
    value: float
    unit: str
    beside: Figure

    @property
    def ratio(self) -> float:
        """Return value / neighbour: above 1 is faster where the unit is a rate, slower where it is a time."""
        return self.value / self.beside.value

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "beside": {"name": self.beside.name, "value": self.beside.value},
            "ratio": self.ratio,
        }


@dataclass(frozen=True, slots=True)
class Skipped:
    """A benchmark that gave no figure, and why; the exit code is 0 where that is nobody's fault."""

    name: str
    reason: str
    exit_code: int = 0


def build_document(
    machine: dict[str, Any], results: Sequence[Result], skipped: Sequence[Skipped] = ()
) -> dict[str, Any]:
    return {
        "machine": machine,
        "results": [result.to_json() for result in results],
        "skipped": [{"name": each.name, "reason": each.reason} for each in skipped],
    }


COLUMNS = ("benchmark", "value", "unit", "beside", "value", "ratio")


def build_rows(results: Sequence[Result]) -> list[tuple[str, ...]]:
    """Return the table's rows, numbers with three significant digits."""
    return [
        (r.name, render(r.value), r.unit, r.beside.name, render(r.beside.value), f"{r.ratio:.3g}") for r in results
    ]


def render(value: float) -> str:
    """Return a number for people: 123,456 or 12.3 or 0.00123."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
