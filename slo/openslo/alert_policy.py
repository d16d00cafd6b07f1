"""AlertPolicy and AlertCondition: what an SLO says about its own alerts, as tiers.

A condition knows one lookback window. The short window, without which an alert goes on for hours after recovery,
is our annotation `short-window` on the condition, or a twelfth of the lookback.
"""

from dataclasses import dataclass
from fractions import Fraction

from model.clock import MINUTE_NS
from slo.burn import PAGE, TICKET, Rule, Tier
from slo.objective import Comparison
from slo.openslo.annotations import SHORT_WINDOW, annotation
from slo.openslo.durations import read_duration
from slo.openslo.place import Place
from slo.openslo.resources import Kind, Resource, Resources, read_description, read_metadata
from slo.openslo.rules import ACTION, RULE, apply_rule

_PAGING = ("page", "critical")
_TICKETING = ("ticket", "warning")
_NUMBER_OF_SHORT_WINDOWS = 12


@dataclass(frozen=True, slots=True)
class Condition:
    """A burn-rate condition that was read; the SLO's window turns the factor into a budget share."""

    name: str
    severity: str
    factor: Fraction
    long_ns: int
    short_ns: int
    rule: Rule = Rule.RATE
    action: str = ""

    def build(self, window_ns: int) -> Tier:
        """Return the tier of this condition for an SLO window."""
        tier = Tier(
            name=self.name,
            severity=self.severity,
            long_ns=self.long_ns,
            short_ns=self.short_ns,
            budget_share=self.factor * Fraction(self.long_ns, window_ns),
        )
        return apply_rule(tier, self.rule, self.action, self.factor)


@dataclass(frozen=True, slots=True)
class Policies:
    """All alert policies of one SLO."""

    conditions: tuple[Condition, ...] = ()
    alert_when_no_data: bool = False


def read_policies(policies: Place, resources: Resources) -> Policies:
    """Return the policies in `alertPolicies` of an SLO; report what is wrong."""
    found = [_resolve(item, "alertPolicyRef", Kind.ALERT_POLICY, resources) for item in policies.items()]
    present = [policy for policy in found if policy]
    conditions = [read_policy(policy, resources) for policy in present]
    return Policies(
        conditions=tuple(condition for condition in conditions if condition),
        alert_when_no_data=any((policy.spec / "alertWhenNoData").value is True for policy in present),
    )


def read_policy(policy: Resource, resources: Resources) -> Condition | None:
    """Return the condition of an AlertPolicy, under the policy's name."""
    spec = policy.spec
    read_description(spec)
    flags = ("alertWhenNoData", "alertWhenResolved", "alertWhenBreaching")
    spec.check_keys(("description", *flags, "conditions", "notificationTargets"))
    for flag in flags:
        (spec / flag).flag()
    _check_targets(spec / "notificationTargets", resources)
    items = (spec / "conditions").items()
    if len(items) != 1:
        (spec / "conditions").error(f"must have exactly one condition, not {len(items)}")
        return None
    condition = _resolve(items[0], "conditionRef", Kind.ALERT_CONDITION, resources)
    return read_condition(condition, policy.name) if condition else None


def read_condition(resource: Resource, name: str) -> Condition | None:
    """Return the burn-rate condition of an AlertCondition."""
    read_description(resource.spec)
    resource.spec.check_keys(("description", "severity", "condition"))
    severity = _read_severity(resource.spec / "severity")
    condition = resource.spec / "condition"
    if not condition.mapping():
        return None
    condition.check_keys(("kind", "op", "threshold", "lookbackWindow", "alertAfter"))
    _check_kind(condition / "kind")
    _check_op(condition / "op")
    factor = _read_factor(condition / "threshold")
    long_ns = read_duration(condition / "lookbackWindow")
    if read_duration(condition / "alertAfter", required=False, may_be_zero=True):
        (condition / "alertAfter").lint("alert-after", "is not waited for: the long window is the delay")
    if severity is None or factor is None or long_ns is None:
        return None
    short_ns = _read_short_window(resource, long_ns)
    rule = annotation(resource.metadata, RULE).word(Rule, required=False) or Rule.RATE
    if rule is Rule.REMAINING and factor >= 1:
        (condition / "threshold").error(f"{factor} is no share of what remains; it must be less than 1")
    action = annotation(resource.metadata, ACTION).text(required=False) or ""
    return Condition(name, severity, factor, long_ns, short_ns, rule, action)


def _resolve(item: Place, ref: str, kind: Kind, resources: Resources, *, needed: bool = True) -> Resource | None:
    """Return the object that stands at `item`, inline or by reference."""
    if item / ref:
        if item / "spec":
            item.error(f"needs exactly one of {ref}, an inline {kind}")
        return resources.find(kind, item / ref, needed=needed)
    if not item.mapping() or not (item / "spec"):
        item.error(f"needs {ref} or an inline {kind} with metadata and spec")
        return None
    if (item / "kind").value != kind:
        (item / "kind").lint("inline-kind", f"an inline {kind} says kind: {kind}")
    name = read_metadata(item / "metadata")
    return Resource(kind, name, item) if name is not None else None


def _check_targets(targets: Place, resources: Resources) -> None:
    if not targets.value:
        targets.lint("no-target", "an alert policy needs a notification target")
    for item in targets.items():
        target = _resolve(item, "targetRef", Kind.ALERT_NOTIFICATION_TARGET, resources, needed=False)
        if target:
            (target.spec / "target").text()


def _read_severity(place: Place) -> str | None:
    text = place.text()
    if text is not None and text.lower() not in (*_PAGING, *_TICKETING):
        place.lint("severity", f"{text!r} goes out as a ticket; {', '.join(_PAGING)} page")
    return text and (PAGE if text.lower() in _PAGING else TICKET)


def _check_kind(place: Place) -> None:
    if not place:
        place.lint("condition-kind", "is missing; only burnrate is defined")
    elif place.value != "burnrate":
        place.error(f"{place.value!r} must be burnrate")


def _check_op(place: Place) -> None:
    op = place.word(Comparison)
    if op in (Comparison.LT, Comparison.LTE):
        place.lint("burn-op", f"{op} would alert while little burns; Herald alerts on gt")
    elif op is Comparison.GTE:
        place.lint("burn-op", "Herald alerts on gt: exactly the threshold does not fire")


def _read_factor(place: Place) -> Fraction | None:
    number = place.number()
    if number is not None and number <= 0:
        place.error(f"{number} must be greater than 0")
        return None
    return Fraction(number) if number is not None else None


def _read_short_window(resource: Resource, long_ns: int) -> int:
    place = annotation(resource.metadata, SHORT_WINDOW)
    written_ns = read_duration(place, required=False)
    if written_ns is not None and written_ns >= long_ns:
        place.error("must be shorter than the lookback window")
    return written_ns or max(1, -(-long_ns // (_NUMBER_OF_SHORT_WINDOWS * MINUTE_NS))) * MINUTE_NS
