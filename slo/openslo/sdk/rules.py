"""The reference SDK's validation of each kind, rule by rule and with its paths."""

from collections.abc import Callable, Iterable

from slo.openslo.place import Place
from slo.openslo.sdk.checks import (
    REQUIRED,
    at_most_one,
    check_below,
    check_description,
    check_dns_label,
    check_duration,
    check_metadata,
    exactly_one,
    is_start_time,
    is_time_zone,
    number_of,
    one_of,
    required,
)
from slo.openslo.sdk.node import Node
from slo.openslo.sdk.shapes import KINDS

_METHODS = ("Occurrences", "Timeslices", "RatioTimeslices")
_OPERATORS = ("gt", "lt", "gte", "lte")


def check_object(place: Place) -> None:
    """Report what the SDK refuses in an object of OpenSLO v1 whose kind is known."""
    kind = str(place.named("kind").value)
    node = Node(place, KINDS[kind])
    node.check_types()
    check_metadata(node / "metadata")
    _CHECKS[kind](node / "spec")


def _service(spec: Node) -> None:
    check_description(spec)


def _data_source(spec: Node) -> None:
    check_description(spec)
    required(spec / "type")
    if not spec.has("connectionDetails"):
        (spec / "connectionDetails").refuse(REQUIRED)


def _notification_target(spec: Node) -> None:
    check_description(spec)
    required(spec / "target")


def _alert_condition(spec: Node) -> None:
    if not required(spec):
        return
    check_description(spec)
    required(spec / "severity")
    condition = spec / "condition"
    if required(condition) and one_of(condition / "kind", ("burnrate",)):
        one_of(condition / "op", _OPERATORS)
        required(condition / "threshold")
        check_duration(condition / "lookbackWindow")
        if (condition / "alertAfter").is_set:
            check_duration(condition / "alertAfter")


def _alert_policy(spec: Node) -> None:
    check_description(spec)
    conditions, targets = spec / "conditions", spec / "notificationTargets"
    if len(conditions.items) != 1:
        conditions.refuse(f"must have exactly one condition, not {len(conditions.items)}")
    for condition in conditions.items:
        _inline_or_ref(condition, "conditionRef", "AlertCondition", _alert_condition)
    if not targets.items:
        targets.refuse("needs at least one notification target")
    for target in targets.items:
        _inline_or_ref(target, "targetRef", "AlertNotificationTarget", _notification_target)


def _sli(spec: Node) -> None:
    check_description(spec)
    exactly_one(spec, "thresholdMetric", "ratioMetric")
    if (spec / "thresholdMetric").is_set:
        _metric(spec / "thresholdMetric")
    if (spec / "ratioMetric").is_set:
        _ratio(spec / "ratioMetric")


def _ratio(ratio: Node) -> None:
    """Check a ratio; unlike elsewhere, the SDK stops at the first thing that is wrong with it."""
    if not exactly_one(ratio, "total", "raw") or not at_most_one(ratio, "raw", "good", "bad"):
        return
    if (ratio / "raw").is_set:
        _metric(ratio / "raw")
        one_of(ratio / "rawType", ("success", "failure"))
    elif exactly_one(ratio, "good", "bad") and _metric(ratio / "total"):
        _metric(ratio / ("good" if (ratio / "good").is_set else "bad"))


def _metric(metric: Node) -> bool:
    source = metric / "metricSource"
    if not required(source):
        return False
    reference, spec = source / "metricSourceRef", source / "spec"
    fine = reference.is_zero or check_dns_label(reference)
    if not required(spec):
        return False
    if not spec.value:
        spec.refuse("must have at least one key")
    return fine and bool(spec.value)


def _slo(spec: Node) -> None:
    if not required(spec):
        return
    check_description(spec)
    required(spec / "service")
    one_of(spec / "budgetingMethod", _METHODS)
    objectives = (spec / "objectives").items
    _indicators(spec, objectives)
    windows = spec / "timeWindow"
    if len(windows.items) != 1:
        windows.refuse(f"must have exactly one window, not {len(windows.items)}")
    for window in windows.items:
        _time_window(window)
    for policy in (spec / "alertPolicies").items:
        _inline_or_ref(policy, "alertPolicyRef", "AlertPolicy", _alert_policy)
    for objective in objectives:
        _objective(objective, spec)


def _indicators(spec: Node, objectives: Iterable[Node]) -> None:
    own = [objective for objective in objectives if _has_indicator(objective)]
    where = "an indicator or indicatorRef stands either in spec or in spec.objectives[*]"
    if not own and not _has_indicator(spec):
        spec.refuse(f"{where}; there is none")
    if own and _has_indicator(spec):
        spec.refuse(f"{where}, not in both")
    for node in (spec, *own):
        _indicator(node)


def _has_indicator(node: Node) -> bool:
    return (node / "indicator").is_set or (node / "indicatorRef").is_set


def _indicator(node: Node) -> None:
    if not at_most_one(node, "indicator", "indicatorRef"):
        return
    if (node / "indicator").is_set:
        check_metadata(node / "indicator" / "metadata")
        _sli(node / "indicator" / "spec")
    if (node / "indicatorRef").is_set:
        check_dns_label(node / "indicatorRef")


def _time_window(window: Node) -> None:
    calendar, rolls = window / "calendar", (window / "isRolling").value is True
    if rolls and calendar.is_set:
        window.refuse("has a calendar and isRolling: true; a window has one or the other")
    if not rolls and not calendar.is_set:
        window.refuse("needs isRolling: true or a calendar")
    check_duration(window / "duration")
    if calendar.is_set:
        start, zone = calendar / "startTime", calendar / "timeZone"
        if not is_start_time(str(start.value or "")):
            start.refuse("must be a date and time such as 2026-01-31 00:00:00, without a zone")
        if not is_time_zone(str(zone.value or "")):
            zone.refuse("must be a time zone of the IANA database such as Europe/Amsterdam")


def _objective(objective: Node, spec: Node) -> None:
    exactly_one(objective, "target", "targetPercent")
    check_below(objective / "target", 1)
    check_below(objective / "targetPercent", 100)
    inline = spec / "indicator" / "spec"
    if (spec / "indicator").is_set and (inline / "ratioMetric").is_set:
        for name in ("value", "op"):
            if not (objective / name).is_zero:
                (objective / name).refuse("is forbidden with a ratio metric")
    if (spec / "indicator").is_set and (inline / "thresholdMetric").is_set:
        required(objective / "value")
        one_of(objective / "op", _OPERATORS)
    _slices(objective, str((spec / "budgetingMethod").value))
    weight = objective / "compositeWeight"
    composite = any(_has_indicator(other) for other in (spec / "objectives").items)
    if composite and weight.is_set and (number_of(weight) or 0) <= 0:
        weight.refuse("must be greater than 0")


def _slices(objective: Node, method: str) -> None:
    share = objective / "timeSliceTarget"
    if method == "Timeslices" and required(share) and not 0 < (number_of(share) or 0) <= 1:
        share.refuse("must be greater than 0 and at most 1")
    if method in ("Timeslices", "RatioTimeslices"):
        check_duration(objective / "timeSliceWindow")


def _inline_or_ref(node: Node, reference: str, kind: str, check: Callable[[Node], None]) -> None:
    has_reference, has_inline = node.has(reference), node.has("kind", "metadata", "spec")
    if has_reference == has_inline:
        node.refuse(f"needs exactly one of {reference} and an inline {kind} (spec)")
    elif has_reference:
        if required(node / reference):
            check_dns_label(node / reference)
    else:
        if required(node / "kind") and (node / "kind").value != kind:
            (node / "kind").refuse(f"must be {kind}")
        check_metadata(node / "metadata")
        if required(node / "spec"):
            check(node / "spec")


_CHECKS: dict[str, Callable[[Node], None]] = {
    "Service": _service,
    "DataSource": _data_source,
    "SLI": _sli,
    "SLO": _slo,
    "AlertPolicy": _alert_policy,
    "AlertCondition": _alert_condition,
    "AlertNotificationTarget": _notification_target,
}
