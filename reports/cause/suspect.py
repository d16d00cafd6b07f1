"""One possible cause with everything that speaks for it, and what would speak against it."""

from dataclasses import dataclass, field
from typing import Any

from model.clock import format_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One possible cause; `kind` is hardware, load, silence or change.

    `parts` are the factors of the score, each 0..1 but `place`; `size` is in sigmas of the series' own past (0: a
    change). `confidence` is high, medium or low. A `lead` is worth a look and no evidence: chance may have done it.
    """

    kind: str
    entity: str
    metric: str
    part: str
    onset_ns: int
    score: float
    size: float
    parts: dict[str, float] = field(default_factory=dict)
    text: str
    refutation: str = ""
    confidence: str = "low"
    lead: bool = False

    def as_dict(self, rank: int) -> dict[str, Any]:
        """Return the suspect as JSON output shows it, at its place in the ranking."""
        return {
            "rank": rank,
            "kind": self.kind,
            "entity": self.entity,
            "metric": self.metric,
            "onset": format_time(self.onset_ns),
            "score": round(self.score, 6),
            "confidence": self.confidence,
            "lead": self.lead,
            "sigmas": round(self.size, 3),
            "parts": {name: round(value, 6) for name, value in self.parts.items()},
            "text": self.text,
            "refuted_by": self.refutation,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Suspects, best first, leads last; where all are leads, `reason` says that there is not enough evidence."""

    suspects: tuple[Suspect, ...]
    reason: str = ""
