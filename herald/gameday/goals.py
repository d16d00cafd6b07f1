"""What game days are asked to show, what the documents claim, and whether the figures refute a claim.

A claim is refuted when the whole 95 % interval of the measured share (Wilson 1927) lies on its wrong side: few cases
refute little, but of a claim of all or none a single miss suffices.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from reports.report_tables import Table

_Z95 = 1.96
_SHORT = "less than asked, as documented"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A share of cases that should be high, or low if `at_most`: as asked for, and as docs/explanation claims it.

    Nothing may be claimed: then nothing is refuted, and what is missing is told all the same.
    """

    text: str
    asked: float
    claimed: float | None
    at_most: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How often a goal's condition held; nothing is known of it without tries."""

    goal: Goal
    hits: int
    tries: int

    @property
    def refuted(self) -> bool:
        """Return whether the claim cannot be true."""
        low, high = wilson(self.hits, self.tries)
        claimed = self.goal.claimed
        return claimed is not None and (low > claimed if self.goal.at_most else high < claimed)

    @property
    def verdict(self) -> str:
        """Return how the figures stand to what is asked and claimed, in words."""
        if not self.tries:
            return "not measured"
        if self.refuted:
            return "MISSED"
        share = self.hits / self.tries
        met = share <= self.goal.asked if self.goal.at_most else share >= self.goal.asked
        return "met" if met else _SHORT


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share (Wilson 1927).

    >>> [round(bound, 3) for bound in wilson(9, 10)]
    [0.596, 0.982]
    """
    if not tries:
        return 0.0, 1.0
    share, spread = hits / tries, _Z95**2 / tries
    center = (share + spread / 2) / (1 + spread)
    half = _Z95 * math.sqrt(share * (1 - share) / tries + spread / (4 * tries)) / (1 + spread)
    return center - half if hits else 0.0, center + half if hits < tries else 1.0


def render_interval(hits: int, tries: int) -> str:
    """Return Wilson's 95 % interval for people."""
    low, high = wilson(hits, tries)
    return f"{100 * low:.0f}-{100 * high:.0f} %"


def tabulate_results(results: Iterable[Result]) -> Table:
    """Return a table of goals, worst first."""
    order = ["MISSED", _SHORT, "not measured", "met"]
    return Table(
        title="Goals",
        columns=("Goal", "Asked", "Claimed", "Measured", "95 %", "Verdict"),
        numbers=frozenset({"Asked", "Claimed", "Measured"}),
        rows=[_row(result) for result in sorted(results, key=lambda each: order.index(each.verdict))],
    )


def _row(result: Result) -> tuple[str, ...]:
    goal = result.goal
    return (
        goal.text,
        f"at {'most' if goal.at_most else 'least'} {100 * goal.asked:g} %",
        "nothing" if goal.claimed is None else f"{100 * goal.claimed:g} %",
        f"{result.hits} of {result.tries}",
        render_interval(result.hits, result.tries),
        result.verdict,
    )
