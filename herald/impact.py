"""When an alert's impact began, from the stored minutes of what it is about."""

from alert_rules import ConditionRule
from model.clock import DAY_NS
from model.windows import Window
from slo import Objective
from slo.impact import find_impact_ns
from store import AlertRow, Store


def impact_of(store: Store, watched: Objective | ConditionRule, alert: AlertRow) -> int:
    """Return the start of the first bad minute of the run that led to an alert, at most a day before it fired.

    A rule without a budget calls those minutes bad that are, each by itself, as its signals say.
    """
    if isinstance(watched, ConditionRule):
        return watched.began_ns(store, alert.group, alert.fired_ns)
    looked_back = Window(start_ns=alert.fired_ns - DAY_NS, end_ns=alert.fired_ns)
    budget = float(watched.error_budget)
    for sli in store.read_sli(watched.name, looked_back, groups=[alert.group]):
        return find_impact_ns(sli.minute_ns, sli.good, sli.total, budget=budget, fired_ns=alert.fired_ns)
    return alert.fired_ns
