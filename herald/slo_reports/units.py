"""In which unit the counts of an objective are told."""

from fractions import Fraction

from model.clock import SECOND_NS
from reports.amounts import EVENTS, SECOND, SHARE, CountUnit
from slo import PARTS, BudgetingMethod, Objective


def unit_of(objective: Objective) -> CountUnit:
    """Return what the counts of an objective stand for: events, time in slices, or shares of all that is promised."""
    if objective.keeps_components_apart:
        return CountUnit(SHARE, Fraction(1, PARTS))
    if objective.method is BudgetingMethod.OCCURRENCES:
        return EVENTS
    return CountUnit(SECOND, Fraction(objective.slice_ns, SECOND_NS * objective.whole))
