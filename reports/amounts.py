"""What the counts of an objective stand for, and how people read them.

An objective counts events, slices of time, or parts of a whole. Counts stay whole numbers, as they are stored; only
what is shown is an amount in the unit that people know.
"""

from dataclasses import dataclass
from fractions import Fraction

from reports.numbers import render_count, render_ratio, render_span

EVENT, SECOND, SHARE = "{event}", "s", "1"


@dataclass(frozen=True, slots=True)
class CountUnit:
    """The unit (UCUM) of an amount, and how much of it each count is."""

    symbol: str = EVENT
    per_count: Fraction = Fraction(1)

    def amount(self, count: float | Fraction) -> float:
        """Return so many counts in the unit.

        >>> CountUnit("s", Fraction(300, 10**9)).amount(2_500_000_000)
        750.0
        """
        return float(Fraction(count) * self.per_count)

    def render(self, count: float | Fraction) -> str:
        """Return so many counts for people: `2,016` events, `1h 41m` of time, `0.53 %` of all.

        >>> CountUnit("s", Fraction(60)).render(101)
        '1h 41m'
        """
        amount = self.amount(count)
        if self.symbol == SECOND:
            return render_span(amount)
        return render_ratio(amount, 2) if self.symbol == SHARE else render_count(amount)


EVENTS = CountUnit()
