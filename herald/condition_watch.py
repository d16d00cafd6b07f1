"""The rules without a budget inside the engine: judged each minute, what fires is kept in the database."""

from collections.abc import Sequence

from alert_rules import Change, ConditionChange, ConditionRule, describe_condition
from herald.alert_context import AlertContext
from model.clock import DAY_NS
from model.queries import Group
from model.windows import Window
from store import AlertRow, Store

CONDITION_TIER = "condition"

_LONGEST_NS = 3 * DAY_NS
"""What a rule looks back on after a gap: what was over before pages nobody, and history is the objectives'."""


class ConditionWatch:
    """Judges `rules` on the telemetry in `store`; the alerts that are open there fire already."""

    def __init__(self, store: Store, rules: Sequence[ConditionRule], context: AlertContext, *, web_url: str) -> None:
        self._store, self._context, self._web_url = store, context, web_url
        # Reminders come last: what the others conclude in the same step is news to them.
        ordered = sorted(rules, key=lambda rule: rule.is_reminder)
        self._rules = {rule.name: rule for rule in ordered}
        self._open: dict[tuple[str, Group], int] = {}

    def judges(self, alert: AlertRow) -> bool:
        """Return whether an alert in the database is one of these rules'."""
        return alert.tier == CONDITION_TIER and alert.objective in self._rules

    def resume(self, alert: AlertRow) -> None:
        """Take over an alert that fires in the database."""
        self._open[alert.objective, alert.group] = alert.alert_id

    def judge(self, window: Window) -> tuple[int, int]:
        """Return how many alerts fired and resolved in the window, all of them written down."""
        start_ns = max(window.start_ns, window.end_ns - _LONGEST_NS)
        fired = resolved = 0
        for rule in self._rules.values():
            firing = [group for name, group in self._open if name == rule.name]
            for change in rule.transitions(
                self._store, Window(start_ns=start_ns, end_ns=window.end_ns), firing=firing
            ):
                self._apply(change)
                fired += change.change is Change.FIRED
                resolved += change.change is Change.RESOLVED
        return fired, resolved

    def _apply(self, change: ConditionChange) -> None:
        key = change.rule.name, change.group
        if change.change is Change.RESOLVED:
            self._store.resolve_alert(self._open.pop(key), resolved_ns=change.at_ns)
            return
        around = self._context.around(change.group, change.at_ns, metrics=change.rule.context)
        annotations = describe_condition(change, base_url=self._web_url, around=around)
        team = {"team": change.rule.team} if change.rule.team else {}
        self._open[key] = self._store.open_alert(
            AlertRow(
                objective=change.rule.name,
                group=change.group,
                tier=CONDITION_TIER,
                severity=change.rule.severity,
                fired_ns=change.at_ns,
                threshold=0.0,
                long_window="",
                short_window="",
                annotations=annotations,
                tags={**around.tags(), **team},
            )
        )
