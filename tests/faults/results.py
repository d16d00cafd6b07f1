"""What repetitions of a fault came to, as a table row and as JSON."""

from dataclasses import asdict, dataclass
from typing import Any

COLUMNS = ("fault", "what", "repetitions", "points", "lost", "duplicated", "recovery s", "result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`recovery_s` runs from the end of the fault until everything acknowledged is in the database; the longest."""

    fault: str
    what: str
    repetitions: int
    points: int
    lost: int
    duplicated: int
    recovery_s: float
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    not_possible: str = ""

    @property
    def is_good(self) -> bool:
        """Return whether nothing was lost, doubled or otherwise wrong."""
        return not (self.lost or self.duplicated or self.problems)

    def row(self) -> tuple[str, ...]:
        """Return the table's row."""
        what = self.not_possible or (
            "; ".join(self.problems or self.notes[:1]) or ("ok" if self.is_good else "FAILED")
        )
        counts = (self.repetitions, self.points, self.lost, self.duplicated)
        return (self.fault, self.what, *(f"{count:,}" for count in counts), f"{self.recovery_s:.1f}", what)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object."""
        return asdict(self)
