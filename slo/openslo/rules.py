"""By which rules an SLO alerts: our annotations for what OpenSLO's alert policies have no word for.

herald.dev/alert-rules: default, memory       on an SLO: names of tier sets (see `slo.tier_sets`); by default those
                                              of its domain. `count` judges rare operations by counts.
herald.dev/rule: remaining                    on an AlertCondition: rate | count | remaining | baseline. The
                                              threshold is a burn rate; with remaining, a share of the rest.
herald.dev/action: pause                      on an AlertCondition: what to do while it fires, beside telling people
"""

from dataclasses import replace
from fractions import Fraction

from slo.burn import Rule, Tier
from slo.openslo.place import Place, suggest
from slo.tier_sets import SETS, sets_of_domain, tiers_of

ALERT_RULES = "alert-rules"
RULE = "rule"
ACTION = "action"


def read_tier_sets(place: Place, domain: str, window_ns: int) -> tuple[Tier, ...]:
    """Return the tiers that the annotation `alert-rules` at `place` chooses, or those of the domain."""
    text = place.text(required=False)
    names = [name.strip() for name in text.split(",") if name.strip()] if text else list(sets_of_domain(domain))
    for name in names:
        if name not in SETS:
            place.error(f"unknown alert rules {name!r}{suggest(name, SETS)}")
    return tiers_of([name for name in names if name in SETS], window_ns)


def apply_rule(tier: Tier, rule: Rule, action: str, threshold: Fraction) -> Tier:
    """Return a condition's tier with the rule and action that its annotations name."""
    share = threshold if rule is Rule.REMAINING else tier.budget_share
    return replace(tier, rule=rule, action=action, budget_share=share)
