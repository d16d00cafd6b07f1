"""Whether a tier's rule holds at a moment, for one moment and for many by the same lines.

Every rule asks the same of both windows: is one count greater than a share of another? The counts are whole numbers
and the share is a fraction, so the edge is exact: equality does not fire. The part of a window before an entity's
first data counts as good at the entity's own rate, as after a clean past: three bad events in the first minute of a
life are no share of a budget for 28 days. Source of the rates and counts: https://sre.google/workbook/alerting-on-slos/.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from model.clock import MINUTE_NS
from slo.burn import Rule, Tier, exceeds_each
from slo.counts import Int64s, Sums
from slo.ledger import Ledger
from slo.objective import Objective

PAST_WINDOWS = 24
"""Of how many long windows an entity must have a past, before its past is a baseline: a day for one hour."""

_WIDE = 2**31
"""Counts beyond which products of two of them are computed with Python's integers."""


Numbers = Any
"""One whole number, or an array with one for each moment: the rules are the same lines for both."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a window holds: bad and all units, bad events, and its minutes since the first data, at least one.

    The units are those that the ledger counts in, as many to an event as `Objective.whole` says.
    """

    bad: Numbers
    total: Numbers
    events: Numbers
    lived: Numbers


class View(Protocol):
    """Answers what lies in a window that ends at a moment, or at each of some moments."""

    def __call__(self, length_ns: int) -> Seen:
        """Return it."""
        ...


def view_one(ledger: Ledger, at_ns: int) -> View:
    """Return what a ledger shows at one moment."""

    def look(length_ns: int) -> Seen:
        counts = ledger.counts(at_ns, length_ns)
        lived = max(1, ledger.minutes_expected(at_ns, length_ns))
        return Seen(counts.bad, counts.total, counts.bad_events, lived)

    return look


def view_each(sums: Sums, ends_ns: Int64s) -> View:
    """Return what running sums show at many moments."""

    def look(length_ns: int) -> Seen:
        counts = sums.counts(ends_ns, length_ns)
        lived = np.maximum(1, sums.minutes_expected(ends_ns, length_ns))
        return Seen(counts.bad, counts.total, counts.bad_events, lived)

    return look


def holds(objective: Objective, tier: Tier, view: View) -> Any:
    """Return whether (at which moments) the tier's rule holds in both windows, with enough bad events to count."""
    long = view(tier.long_ns)
    enough = long.events >= objective.min_bad_events * objective.whole
    if enough is False:
        return False
    return enough & _RULES[tier.rule](objective, tier, long, view(tier.short_ns), view)


def _rate(objective: Objective, tier: Tier, long: Seen, short: Seen, _: View) -> Any:
    limit = objective.bad_share_limit(tier)
    return _burns(long, tier.long_ns, limit) & _more(short.bad, short.total, limit)


def _count(objective: Objective, tier: Tier, long: Seen, short: Seen, view: View) -> Any:
    """bad(L) > p (1 - t) N_T and bad(s) > p s/L (1 - t) N_T, where N_T is the traffic that is usual in T.

    99 % over 28 d, 10 events an hour: N_T = 6720, 2 % of 67.2 bad ones are 1.344: two fire, one does not.
    """
    whole = view(objective.window_ns)
    usual = _times(whole.total, _minutes(objective.window_ns))
    share = tier.budget_share * objective.error_budget
    in_short = share * Fraction(tier.short_ns, tier.long_ns)
    over_long = _more(_times(long.bad, whole.lived), usual, share)
    return over_long & _more(_times(short.bad, whole.lived), usual, in_short)


def _remaining(objective: Objective, tier: Tier, long: Seen, short: Seen, view: View) -> Any:
    """bad(L) > p R and bad(s) > p s/L R, where R = (1 - t) N_T - bad before L is what was left when L began.

    Written without R, whose parts are counts: bad(L) + p bad before > p (1 - t) N_T. Nothing left: nothing to halve.
    """
    whole = view(objective.window_ns)
    usual = _times(whole.total, _minutes(objective.window_ns))
    before = _times(whole.bad - long.bad, whole.lived)
    left = _more(usual, before, 1 / objective.error_budget)
    shares = tier.budget_share, tier.budget_share * Fraction(tier.short_ns, tier.long_ns)
    for seen, share in zip((long, short), shares, strict=True):
        spent = _times(_times(seen.bad, whole.lived), share.denominator) + _times(before, share.numerator)
        left = left & _more(spent, usual, share.numerator * objective.error_budget)
    return left


def _baseline(objective: Objective, tier: Tier, long: Seen, short: Seen, view: View) -> Any:
    """Return where the bad share of both windows is over factor times the plan and times the own share before L."""
    whole, factor = view(objective.window_ns), tier.factor(objective.window_ns)
    before_bad, before_total = whole.bad - long.bad, whole.total - long.total
    over = _rate(objective, tier, long, short, view) & (whole.lived > PAST_WINDOWS * _minutes(tier.long_ns))
    for seen in (long, short):
        over = over & _more(_times(seen.bad, before_total), _times(before_bad, seen.total), factor)
    return over


_RULES: dict[Rule, Callable[[Objective, Tier, Seen, Seen, View], Any]] = {
    Rule.RATE: _rate,
    Rule.COUNT: _count,
    Rule.REMAINING: _remaining,
    Rule.BASELINE: _baseline,
}


def _burns(seen: Seen, length_ns: int, limit: Fraction) -> Any:
    return _more(_times(seen.bad, seen.lived), _times(seen.total, _minutes(length_ns)), limit)


def _minutes(length_ns: int) -> int:
    return length_ns // MINUTE_NS


def _more(part: Numbers, whole: Numbers, share: Fraction) -> Any:
    """Return whether (where) `part` is more than `share` of `whole`."""
    if isinstance(part, int):
        return part * share.denominator > share.numerator * whole
    return exceeds_each(part, whole, share)


def _times(counts: Numbers, others: Numbers) -> Numbers:
    """Return the products, exact whatever their size."""
    if isinstance(counts, int) or max(_largest(counts), _largest(others)) < _WIDE:
        return counts * others
    return counts.astype(object) * others


def _largest(numbers: Numbers) -> int:
    return int(np.abs(numbers).max(initial=0))
