"""Maintenance that is going on, told as alerts that mute those of what is maintained.

The list of exclusions is the one place where maintenance is announced: a budget is spared by it, and nobody is woken.
Only what names a device, link or backend mutes; Alertmanager knows no wider "everything but".
"""

from collections.abc import Iterable

from alert_rules import Alert
from alert_rules.alertmanager import RESOLVED_FOR_NS
from alert_rules.alerts import maintenance_alert
from alert_rules.routes import MACHINES
from model.clock import DAY_NS, MINUTE_NS
from model.queries import Group
from model.windows import Window
from slo import Exclusion

MAINTENANCE = "maintenance"


def maintenance_alerts(exclusions: Iterable[Exclusion], now_ns: int) -> list[Alert]:
    """Return an alert for each entity that is being maintained, or was until a short while ago."""
    within = Window(start_ns=now_ns - DAY_NS, end_ns=now_ns + MINUTE_NS)
    latest: dict[Group, tuple[int, int, str]] = {}
    for exclusion in exclusions:
        if exclusion.kind == MAINTENANCE and _mutes(exclusion.matchers):
            for window in exclusion.windows(within):
                if window.start_ns <= now_ns < window.end_ns + RESOLVED_FOR_NS:
                    start_ns = window.start_ns if exclusion.rule else exclusion.start_ns
                    told = (window.end_ns, start_ns, exclusion.why)
                    latest[exclusion.matchers] = max(told, latest.get(exclusion.matchers, told))
    return [
        maintenance_alert(group, why=why, fired_ns=start_ns, resolved_ns=end_ns if end_ns <= now_ns else None)
        for group, (end_ns, start_ns, why) in sorted(latest.items())
    ]


def _mutes(matchers: Group) -> bool:
    return bool(matchers) and all(column in MACHINES for column, _ in matchers)
