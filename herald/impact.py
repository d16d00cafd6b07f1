"""When an alert's impact began, from the stored minutes of what it is about."""

from model.clock import DAY_NS
from model.windows import Window
from reports.impact import find_impact_ns
from slo import Objective
from store import AlertRow, Store


def impact_of(store: Store, objective: Objective, alert: AlertRow) -> int:
    """Return the start of the first bad minute of the run that led to an alert, at most a day before it fired."""
    looked_back = Window(start_ns=alert.fired_ns - DAY_NS, end_ns=alert.fired_ns)
    budget = float(objective.error_budget)
    for sli in store.read_sli(objective.name, looked_back, groups=[alert.group]):
        return find_impact_ns(sli.minute_ns, sli.good, sli.total, budget=budget, fired_ns=alert.fired_ns)
    return alert.fired_ns
