"""What an alert says: its labels, which are its identity, and its annotations, which are for people.

The annotations are written once, when the alert fires, and kept with it; the labels follow from what is stored. So an
alert looks the same before and after a restart of the engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import isnan
from urllib.parse import quote, urlencode

from alert_rules.conditions import ConditionChange, ConditionRule
from alert_rules.policy import NO_DATA_TIER, Transition
from alert_rules.surroundings import Surroundings
from model.clock import HOUR_NS
from model.queries import Group
from model.windows import render_duration
from slo import Objective, Rule, Status, time_to_exhaustion_ns

BURN_ALERT = "ErrorBudgetBurn"
NO_DATA_ALERT = "TelemetrySilent"
CALIBRATING_ALERT = "DeviceCalibrating"
MAINTENANCE_ALERT = "MaintenanceWindow"
INFO = "info"
"""The severity of what mutes others and reaches nobody."""

_RULES = {
    Rule.RATE: "",
    Rule.COUNT: "counted against the usual traffic",
    Rule.REMAINING: "that share of what was left of the budget",
    Rule.BASELINE: "against its own past",
}

_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert that fires or has resolved."""

    labels: Mapping[str, str]
    fired_ns: int
    resolved_ns: int | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    generator_url: str = ""


def burn_alert(
    *,
    objective: str,
    service: str,
    group: Mapping[str, str],
    tier: str,
    severity: str,
    fired_ns: int,
    resolved_ns: int | None = None,
    annotations: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Alert:
    """Return the alert of one objective, entity and tier, from what the database keeps of it."""
    annotations = annotations or {}
    labels = {
        "alertname": NO_DATA_ALERT if tier == NO_DATA_TIER.name else BURN_ALERT,
        "severity": severity,
        "slo": objective,
        "service": service,
        "burn_tier": tier,
        **(tags or {}),
        **group,
    }
    return Alert(
        labels=labels,
        annotations=annotations,
        fired_ns=fired_ns,
        resolved_ns=resolved_ns,
        generator_url=annotations.get("slo_url", ""),
    )


def condition_alert(
    rule: ConditionRule,
    *,
    group: Mapping[str, str],
    fired_ns: int,
    resolved_ns: int | None = None,
    annotations: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Alert:
    """Return the alert of a rule without a budget and one entity, from what the database keeps of it."""
    labels = {
        "alertname": rule.alertname,
        "severity": rule.severity,
        "rule": rule.name,
        "domain": rule.domain,
        **(tags or {}),
        **group,
    }
    return Alert(labels=labels, annotations=annotations or {}, fired_ns=fired_ns, resolved_ns=resolved_ns)


def maintenance_alert(group: Group, *, why: str, fired_ns: int, resolved_ns: int | None) -> Alert:
    """Return the alert that mutes those of an entity while somebody works on it."""
    entity = ", ".join(value for _, value in group)
    return Alert(
        labels={"alertname": MAINTENANCE_ALERT, "severity": INFO, **dict(group)},
        annotations={"summary": f"{entity} is being maintained: {why}"},
        fired_ns=fired_ns,
        resolved_ns=resolved_ns,
    )


def describe(
    objective: Objective,
    group: Group,
    transition: Transition,
    status: Status,
    *,
    base_url: str,
    around: Surroundings | None = None,
) -> dict[str, str]:
    """Return the annotations of an alert that fires now: both burns, the budget left, and where to go.

    `base_url` is where Herald's web pages live, e.g. https://herald.example.org; `around` is what else is known.
    """
    return {
        "summary": _summary(objective, group, transition, status),
        **_numbers(objective, transition, status),
        **(around or Surroundings()).annotations(),
        "target": str(objective.target),
        "window": render_duration(objective.window_ns),
        "catalogue_id": objective.catalogue_id,
        "owner": objective.owner,
        "runbook_url": runbook_url(objective, base_url),
        "dashboard_url": _dashboard_url(objective, group, transition, base_url),
        "slo_url": f"{base_url}/slo/{quote(objective.name)}?{urlencode(group)}",
    }


def runbook_url(objective: Objective, base_url: str) -> str:
    """Return where what to do is said: on the objective's page, unless its runbook is an address of its own."""
    if "://" in objective.runbook:
        return objective.runbook
    return f"{base_url}/slo/{quote(objective.name)}#runbook" if objective.runbook else ""


def describe_condition(
    change: ConditionChange, *, base_url: str, around: Surroundings | None = None
) -> dict[str, str]:
    """Return the annotations of an alert without a budget that fires now."""
    rule = change.rule
    entity = ", ".join(value for _, value in change.group) or rule.domain
    number = "" if isnan(change.value) else f" ({change.value:.4g})"
    title = rule.title.format(entity=entity)
    return {
        "summary": f"{title[:1].upper()}{title[1:]}{number}.",
        "value": number.strip(" ()"),
        "catalogue_id": ", ".join(rule.catalogue),
        "runbook": rule.runbook,
        "runbook_url": f"{base_url}/runbook/{quote(rule.runbook)}" if rule.runbook else "",
        "dashboard_url": f"{base_url}/d/herald-{rule.domain}-on-call",
        **(around or Surroundings()).annotations(),
    }


def _numbers(objective: Objective, transition: Transition, status: Status) -> dict[str, str]:
    tier = transition.tier
    exhausted_in_ns = _exhausted_in(objective, transition, status)
    return {
        "burn_long": _render(transition.burn_long),
        "burn_short": _render(transition.burn_short),
        "burn_threshold": _render(tier.factor(objective.window_ns)),
        "long_window": render_duration(tier.long_ns),
        "short_window": render_duration(tier.short_ns),
        "burn_rule": _RULES[tier.rule],
        "action": tier.action,
        "budget_remaining": _render(status.budget_remaining),
        "time_to_exhaustion": _render_rough(exhausted_in_ns) if exhausted_in_ns is not None else "",
    }


def _summary(objective: Objective, group: Group, transition: Transition, status: Status) -> str:
    entity = ", ".join(value for _, value in group) or objective.service
    what = objective.display_name or objective.name
    if transition.tier == NO_DATA_TIER:
        return f"{entity} sends no telemetry for {what!r} any more."
    left = status.budget_remaining or Fraction(0)
    exhausted_in_ns = _exhausted_in(objective, transition, status)
    rule = "" if transition.tier.rule is Rule.RATE else f" ({_RULES[transition.tier.rule]})"
    rest = (
        "none is left"
        if left <= 0 or exhausted_in_ns is None
        else f"{float(left):.0%} is left and lasts {_render_rough(exhausted_in_ns)}"
    )
    return (
        f"{entity} spends the error budget of {what!r} {_render(transition.burn_long)} times faster than planned "
        f"over {render_duration(transition.tier.long_ns)} ({_render(transition.burn_short)} times over "
        f"{render_duration(transition.tier.short_ns)}){rule}; {rest}."
    )


def _exhausted_in(objective: Objective, transition: Transition, status: Status) -> int | None:
    if status.budget_remaining is None or transition.burn_long is None:
        return None
    return time_to_exhaustion_ns(objective, status.budget_remaining, transition.burn_long)


def _dashboard_url(objective: Objective, group: Group, transition: Transition, base_url: str) -> str:
    if not objective.dashboards:
        return ""
    since_ns = transition.at_ns - max(transition.tier.long_ns, HOUR_NS)
    query = [(f"var-{column}", value) for column, value in group]
    query += [("from", str(since_ns // _NS_PER_MS)), ("to", "now")]
    return f"{base_url}/d/{quote(objective.dashboards[0])}?{urlencode(query)}"


def _render(number: Fraction | None) -> str:
    return f"{float(number):.4g}" if number is not None else ""


def _render_rough(length_ns: int) -> str:
    """Return a duration in its largest unit that is at least 1, rounded down."""
    for unit in ("1d", "1h", "1m"):
        if length_ns >= _ROUGH_NS[unit]:
            return f"{length_ns // _ROUGH_NS[unit]} {unit[-1]}"
    return "less than a minute"


_ROUGH_NS = {"1d": 24 * HOUR_NS, "1h": HOUR_NS, "1m": HOUR_NS // 60}
