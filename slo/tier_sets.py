"""The tiers that objectives get by default: those of the workbook, and each domain's own from the catalogue.

A set is chosen by its name; several are joined, and a later tier takes the place of an earlier one of the same name.
Where the catalogue gives no window, ours is the shortest in which the rule does not answer to chance.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from slo.burn import DEFAULT_TIERS, PAGE, TICKET, Rule, Tier

PAUSE = "pause"
ESCALATE = "escalate"
SHED = "shed"

DEFAULT_SET = "default"
COUNT_SET = "count"


def _default(_: int) -> tuple[Tier, ...]:
    return DEFAULT_TIERS


def _count(_: int) -> tuple[Tier, ...]:
    """Return the default windows judged by counts, for operations that are rare."""
    return tuple(replace(tier, rule=Rule.COUNT) for tier in DEFAULT_TIERS)


def _memory(_: int) -> tuple[Tier, ...]:
    """Half of the remaining budget in a short window: mitigate ahead, shape traffic (memory.burn_rate)."""
    half = Tier(
        name="half-of-rest",
        severity=PAGE,
        long_ns=6 * HOUR_NS,
        short_ns=30 * MINUTE_NS,
        budget_share=Fraction(1, 2),
        rule=Rule.REMAINING,
        action=SHED,
    )
    return (half,)


def _link(window_ns: int) -> tuple[Tier, ...]:
    """Over twice the plan in a rolling window: escalate (link.burn_rate)."""
    share = 2 * Fraction(DAY_NS, window_ns)
    tier = Tier(
        name="2x-1d", severity=TICKET, long_ns=DAY_NS, short_ns=2 * HOUR_NS, budget_share=share, action=ESCALATE
    )
    return (tier,)


def _scaleup(window_ns: int) -> tuple[Tier, ...]:
    """Over five times the plan: call somebody, pause risky experiments (scaleup.burn_rate)."""
    tier = Tier(
        name="5x-6h",
        severity=PAGE,
        long_ns=6 * HOUR_NS,
        short_ns=30 * MINUTE_NS,
        budget_share=5 * Fraction(6 * HOUR_NS, window_ns),
        action=PAUSE,
    )
    return (tier,)


def _network(window_ns: int) -> tuple[Tier, ...]:
    """Over twice the baseline within an hour: page, escalate (network.burn_rate)."""
    tier = Tier(
        name="2x-baseline",
        severity=PAGE,
        long_ns=HOUR_NS,
        short_ns=5 * MINUTE_NS,
        budget_share=2 * Fraction(HOUR_NS, window_ns),
        rule=Rule.BASELINE,
        action=ESCALATE,
    )
    return (tier,)


def _community(_: int) -> tuple[Tier, ...]:
    """1 h, 6 h and 24 h, all of which page (community.burn_rate); no factors given, so the default shares."""
    return tuple(replace(tier, severity=PAGE) for tier in DEFAULT_TIERS[:3])


SETS: Mapping[str, Callable[[int], tuple[Tier, ...]]] = {
    DEFAULT_SET: _default,
    COUNT_SET: _count,
    "memory": _memory,
    "link": _link,
    "scaleup": _scaleup,
    "network": _network,
    "community": _community,
}
"""Name -> the tiers for an objective's window in nanoseconds."""


def tiers_of(names: Iterable[str], window_ns: int) -> tuple[Tier, ...]:
    """Return the tiers of the sets with these names, joined."""
    found = {tier.name: tier for name in names for tier in SETS[name](window_ns)}
    return tuple(found.values())


def sets_of_domain(domain: str) -> tuple[str, ...]:
    """Return the names of the sets that an objective of a domain gets where it does not choose."""
    return (DEFAULT_SET, domain) if domain in SETS else (DEFAULT_SET,)
