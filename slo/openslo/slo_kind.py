"""The kind SLO, from its place in a file to an `Objective`."""

from dataclasses import dataclass, replace
from decimal import Decimal

from model.clock import MINUTE_NS
from model.registry import Registry
from model.windows import render_duration
from slo.burn import Tier, fit_tiers, is_feasible
from slo.objective import (
    BudgetingMethod,
    Comparison,
    Objective,
    RatioIndicator,
    Silence,
    ThresholdIndicator,
)
from slo.openslo.alert_policy import Policies, read_policies
from slo.openslo.annotations import annotation, read_slo_annotations
from slo.openslo.durations import read_duration, read_window
from slo.openslo.indicator import RatioDraft, ThresholdDraft, read_indicator
from slo.openslo.place import Place
from slo.openslo.resources import Kind, Resource, Resources, read_description, read_metadata
from slo.openslo.rules import ALERT_RULES, read_tier_sets

_FIELDS = (
    "description",
    "service",
    "indicator",
    "indicatorRef",
    "budgetingMethod",
    "timeWindow",
    "objectives",
    "alertPolicies",
)
_OBJECTIVE_FIELDS = (
    "displayName",
    "op",
    "value",
    "target",
    "targetPercent",
    "timeSliceTarget",
    "timeSliceWindow",
    "indicator",
    "indicatorRef",
    "compositeWeight",
)
_NOT_EVALUATED = "RatioTimeslices"


@dataclass(frozen=True, slots=True)
class _Slices:
    length_ns: int = MINUTE_NS
    target: Decimal = Decimal(1)


def read_slo(resource: Resource, resources: Resources, registry: Registry) -> Objective | None:
    """Return the objective of an SLO; None after reporting what is wrong."""
    spec = resource.spec
    spec.check_keys(_FIELDS)
    service = (spec / "service").text()
    promise = _the_objective(spec / "objectives")
    draft = _read_draft(spec, resources, registry)
    method = _read_method(spec / "budgetingMethod")
    window_ns = _read_time_window(spec / "timeWindow")
    target = _read_target(promise) if promise else None
    policies = read_policies(spec / "alertPolicies", resources)
    slices = _read_slices(promise, method) if promise and method else _Slices()
    notes = read_slo_annotations(resource.metadata, draft.queries if draft else [], registry)
    indicator = _build_indicator(draft, promise, notes.group_by) if draft and promise else None
    if indicator is None or service is None or method is None or window_ns is None or target is None:
        return None
    objective = Objective(
        name=resource.name,
        display_name=(resource.metadata / "displayName").text(required=False) or resource.name,
        description=read_description(spec),
        service=service,
        indicator=indicator,
        target=target,
        window_ns=window_ns,
        method=method,
        slice_ns=slices.length_ns,
        slice_target=slices.target,
        group_by=notes.group_by,
        silence=Silence.ALERT if policies.alert_when_no_data else notes.silence,
        min_bad_events=notes.min_bad_events,
        domain=notes.domain,
        catalogue_id=notes.catalogue_id,
        owner=notes.owner,
        runbook=notes.runbook,
        dashboards=notes.dashboards,
        labels=_read_labels(resource.metadata / "labels"),
    )
    chosen = read_tier_sets(annotation(resource.metadata, ALERT_RULES), notes.domain, window_ns)
    return _with_tiers(objective, _tiers(policies, window_ns) or chosen, spec)


def _the_objective(objectives: Place) -> Place | None:
    if not objectives:
        objectives.error("is missing")
        return None
    items = objectives.items()
    if len(items) != 1:
        objectives.error(f"must have exactly one objective, not {len(items)}; write one SLO for each")
        return None
    promise = items[0]
    promise.check_keys(_OBJECTIVE_FIELDS)
    if promise / "indicator" or promise / "indicatorRef":
        promise.error("composite objectives are not evaluated; give the indicator at spec level")
    return promise if promise.mapping() else None


def _read_draft(spec: Place, resources: Resources, registry: Registry) -> RatioDraft | ThresholdDraft | None:
    match spec.exactly_one("indicator", "indicatorRef"):
        case "indicator":
            indicator = spec / "indicator"
            read_metadata(indicator / "metadata")
            return read_indicator(indicator / "spec", resources, registry) if (indicator / "spec").mapping() else None
        case "indicatorRef":
            sli = resources.find(Kind.SLI, spec / "indicatorRef")
            return read_indicator(sli.spec, resources, registry) if sli else None
    return None


def _read_method(place: Place) -> BudgetingMethod | None:
    if not place:
        place.refuse_if_strict("budgeting-method", "is missing; Occurrences is assumed")
        return BudgetingMethod.OCCURRENCES
    if place.value == _NOT_EVALUATED:
        place.error("RatioTimeslices is not evaluated, because its budget is no count; use Timeslices")
        return None
    return place.word(BudgetingMethod)


def _read_time_window(place: Place) -> int | None:
    if not place:
        place.error("is missing; give one rolling window, e.g. 28d")
        return None
    items = place.items()
    if len(items) != 1:
        place.error(f"must have exactly one window, not {len(items)}")
        return None
    window = items[0]
    window.check_keys(("duration", "isRolling", "calendar"))
    if window / "calendar":
        (window / "calendar").error("calendar windows are not evaluated; write isRolling: true")
    elif (window / "isRolling").flag(required=True) is False:
        (window / "isRolling").error("a window that does not roll needs a calendar, which is not evaluated")
    return read_window(window / "duration")


def _read_target(promise: Place) -> Decimal | None:
    present = promise.exactly_one("target", "targetPercent")
    place = promise / (present or "")
    number = place.number() if present else None
    if number is None:
        return None
    whole = Decimal(1) if present == "target" else Decimal(100)
    if number >= whole:
        hint = "; write targetPercent for a percentage" if whole == 1 and number > 1 else ""
        place.error(f"{number} leaves no error budget; it must be less than {whole}{hint}")
    elif number <= 0:
        place.error(f"{number} promises nothing; it must be greater than 0")
    else:
        return number / whole
    return None


def _read_slices(promise: Place, method: BudgetingMethod) -> _Slices:
    window, target = promise / "timeSliceWindow", promise / "timeSliceTarget"
    if method is not BudgetingMethod.TIMESLICES:
        for place in (window, target):
            if place:
                place.lint("unused-slice", f"has no meaning with {method}")
        return _Slices()
    length_ns, share = read_duration(window), target.number()
    if share is not None and not 0 < share <= 1:
        target.error(f"{share} must be greater than 0 and at most 1")
    return _Slices(length_ns or MINUTE_NS, share if share is not None else Decimal(1))


def _build_indicator(
    draft: RatioDraft | ThresholdDraft, promise: Place, group_by: tuple[str, ...]
) -> RatioIndicator | ThresholdIndicator | None:
    if isinstance(draft, RatioDraft):
        for key in ("op", "value"):
            if promise / key:
                (promise / key).error("has a meaning for threshold metrics only")
        return draft.build(group_by)
    comparison, bound = (promise / "op").word(Comparison), (promise / "value").number()
    if comparison is None or bound is None:
        return None
    return draft.build(group_by, comparison, bound)


def _read_labels(labels: Place) -> dict[str, str]:
    values = {key: (labels / key).value for key in labels.keys}
    return {key: ",".join(map(str, v)) if isinstance(v, list) else str(v) for key, v in values.items()}


def _tiers(policies: Policies, window_ns: int) -> tuple[Tier, ...]:
    return tuple(condition.build(window_ns) for condition in policies.conditions)


def _with_tiers(objective: Objective, tiers: tuple[Tier, ...], spec: Place) -> Objective:
    """Return the objective with tiers that can fire, saying aloud which ones had to change."""
    budget, window_ns = objective.error_budget, objective.window_ns
    place = spec / "objectives"
    for tier in tiers:
        if tier.long_ns > window_ns:
            place.lint("tier-too-long", f"tier {tier.name} looks back further than the window and is left out")
        elif not is_feasible(tier, window_ns, budget):
            fitted = fit_tiers([tier], window_ns, budget)[0].factor(window_ns)
            place.lint(
                "infeasible-tier",
                f"tier {tier.name} asks for a burn rate above {float(tier.factor(window_ns)):g}, but at a target of "
                f"{objective.target} even a total outage reaches only {float(1 / budget):g}; it fires above "
                f"{float(fitted):g} over {render_duration(tier.long_ns)} instead",
            )
    return replace(objective, tiers=fit_tiers(tiers, window_ns, budget))
