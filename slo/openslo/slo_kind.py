"""The kind SLO, from its place in a file to objectives.

One item of `objectives` is one objective under the SLO's own name. Several items on one indicator are an objective
each, called `<slo>-<displayName>`, or `<slo>-<number>` where the display names do not tell them apart. Items with
indicators of their own are the parts of one composite objective.
"""

from collections.abc import Callable
from dataclasses import replace

from model.queries import MetricQuery
from model.registry import Registry
from model.windows import render_duration
from slo.burn import Tier, fit_tiers, is_feasible
from slo.objective import BudgetingMethod, Objective, Silence
from slo.openslo.alert_policy import read_policies
from slo.openslo.annotations import annotation, read_slo_annotations
from slo.openslo.composite import build_composite
from slo.openslo.indicator import Draft, read_indicator_of
from slo.openslo.judged import Judged, build_judged
from slo.openslo.place import Place
from slo.openslo.promise import Promise, name_promises, read_promises
from slo.openslo.resources import Kind, Resource, Resources, read_description
from slo.openslo.rules import ALERT_RULES, read_tier_sets
from slo.openslo.time_window import read_time_window

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


def read_slo(resource: Resource, resources: Resources, registry: Registry) -> list[Objective]:
    """Return the objectives of an SLO; none after reporting what is wrong."""
    spec = resource.spec
    spec.check_keys(_FIELDS)
    service = _read_service(spec / "service", resources)
    method = _read_method(spec / "budgetingMethod")
    window = read_time_window(spec / "timeWindow")
    promises = read_promises(spec / "objectives", method)
    drafts = _read_drafts(spec, promises, lambda place: read_indicator_of(place, resources, registry))
    policies = read_policies(spec / "alertPolicies", resources)
    notes = read_slo_annotations(resource.metadata, _queries(drafts), registry)
    judged = _build_judged(spec, promises, drafts, method, notes.group_by) if method else []
    if service is None or method is None or window is None:
        return []
    objectives = [
        Objective(
            name=name,
            display_name=display_name,
            description=read_description(spec),
            service=service,
            indicator=promised.indicator,
            target=promised.target,
            window_ns=window.length_ns,
            calendar=window.calendar,
            method=method,
            slice_ns=promised.slice_ns,
            slice_target=promised.slice_target,
            group_by=notes.group_by,
            silence=Silence.ALERT if policies.alert_when_no_data else notes.silence,
            exclude=notes.exclude,
            excluded=notes.excluded,
            min_bad_events=notes.min_bad_events,
            domain=notes.domain,
            catalogue_id=notes.catalogue_id,
            owner=notes.owner,
            runbook=notes.runbook,
            dashboards=notes.dashboards,
            labels=_read_labels(resource.metadata / "labels"),
        )
        for name, display_name, promised in _name(resource, promises, judged)
    ]
    chosen = read_tier_sets(annotation(resource.metadata, ALERT_RULES), notes.domain, window.length_ns)
    tiers = tuple(condition.build(window.length_ns) for condition in policies.conditions) or chosen
    return [_with_tiers(objective, tiers, spec) for objective in objectives]


def _read_service(place: Place, resources: Resources) -> str | None:
    """Return the service; where the files hold services, it should be one of them."""
    name = place.text()
    if name is not None and resources.has(Kind.SERVICE):
        resources.find(Kind.SERVICE, place, needed=False)
    return name


def _read_drafts(spec: Place, promises: list[Promise], read: Callable[[Place], Draft | None]) -> list[Draft | None]:
    """Return the indicator of each objective: the one of the spec, or each its own."""
    if not any(promise.has_indicator for promise in promises):
        return [read(spec)] * max(len(promises), 1)
    if spec / "indicator" or spec / "indicatorRef":
        spec.error("an indicator stands either in spec or in each of spec.objectives[*], not in both")
    return [read(promise.place) for promise in promises]


def _queries(drafts: list[Draft | None]) -> list[MetricQuery]:
    return [query for draft in drafts if draft for query in draft.queries]


def _build_judged(
    spec: Place,
    promises: list[Promise],
    drafts: list[Draft | None],
    method: BudgetingMethod,
    group_by: tuple[str, ...],
) -> list[Judged]:
    """Return what is judged against which target: one per objective, or one composite; none if one is wrong."""
    composite = any(promise.has_indicator for promise in promises)
    judged = [
        build_judged(promise, draft, method, group_by, composite=composite)
        for promise, draft in zip(promises, drafts, strict=False)
    ]
    fine = [one for one in judged if one is not None]
    if len(fine) < len(promises):
        return []
    return build_composite(spec / "objectives", fine, name_promises(promises)) if composite else fine


def _name(resource: Resource, promises: list[Promise], judged: list[Judged]) -> list[tuple[str, str, Judged]]:
    """Return name and display name of each objective."""
    title = (resource.metadata / "displayName").text(required=False) or resource.name
    if len(judged) == 1:
        return [(resource.name, title, judged[0])]
    names = name_promises(promises, f"{resource.name}-")
    return [
        (name, f"{title}: {(promise.place / 'displayName').value or name}", one)
        for name, promise, one in zip(names, promises, judged, strict=False)
    ]


def _read_method(place: Place) -> BudgetingMethod | None:
    if not place:
        place.lint("budgeting-method", "is missing; Occurrences is assumed")
        return BudgetingMethod.OCCURRENCES
    return place.word(BudgetingMethod)


def _read_labels(labels: Place) -> dict[str, str]:
    values = {key: (labels / key).value for key in labels.keys}
    return {key: ",".join(map(str, v)) if isinstance(v, list) else str(v) for key, v in values.items()}


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
