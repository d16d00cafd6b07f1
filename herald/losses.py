"""What an incident cost: of each objective of what was hurt, the events that failed and the share of its budget.

The budget is that of a window at the traffic that is usual in it, as the rules of alerts reckon it and `herald query
budget_spent` does; see docs/decisions/0063.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herald.evidence import entity_of
from herald.standings import render_group
from reports.evidence import EvidenceSeries
from reports.postmortem import Incident
from reports.postmortem_facts import Impact
from slo import Objective
from slo.impact import find_relief_ns
from store import SliColumns, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What one objective of one entity lost, and the minutes around the incident that say so."""

    objective: Objective
    sli: SliColumns
    impact: Impact

    @property
    def share(self) -> float:
        """Return the share of the budget that was lost, 0 where it is not known."""
        return self.impact.budget_share or 0.0


def read_losses(
    store: Store, objectives: Sequence[Objective], incident: Incident, hurt: Collection[str]
) -> Iterator[Loss]:
    """Yield what the objectives of everything that was hurt lost, those that lost nothing too."""
    end_ns = _end_ns(incident)
    for objective in objectives:
        groups = [group for group in store.read_entities(objective.name) if entity_of(dict(group)) in hurt]
        usual = store.read_usual_events(objective.name, groups, window_ns=objective.window_ns, end_ns=end_ns)
        for sli in store.read_sli(objective.name, incident.window, groups=groups):
            impact = _lost(objective, sli, incident, usual.get(sli.group, 0.0))
            yield Loss(objective=objective, sli=sli, impact=impact)


def find_end_of_harm(losses: Sequence[Loss], incident: Incident) -> int:
    """Return until when the promise that lost most was broken: a cause is best seen while it works.

    Alerts resolve later, when what was silent speaks again and what was hot is cold.
    """
    end_ns = _end_ns(incident)
    worst = _find_worst(losses)
    if incident.resolved_ns is None or worst is None or worst.share <= 0.0:
        return end_ns
    sli, during = worst.sli, _during(worst.sli, incident)
    relief_ns = find_relief_ns(
        sli.minute_ns[during], sli.good[during], sli.total[during], budget=float(worst.objective.error_budget)
    )
    return min(relief_ns or end_ns, end_ns)


def chart_worst(losses: Sequence[Loss]) -> Iterator[EvidenceSeries]:
    """Yield the share of bad events by the minute of what lost the most of its budget."""
    worst = _find_worst(losses)
    if worst is None or not worst.impact.bad:
        return
    told = worst.sli.total > 0
    yield EvidenceSeries(
        entity=worst.impact.entity,
        metric=f"share of bad events, {worst.objective.name}",
        part="",
        minute_ns=worst.sli.minute_ns[told],
        value=1 - worst.sli.good[told] / worst.sli.total[told],
    )


def _find_worst(losses: Sequence[Loss]) -> Loss | None:
    return max(losses, key=lambda loss: loss.share, default=None)


def _lost(objective: Objective, sli: SliColumns, incident: Incident, usual: float) -> Impact:
    during = _during(sli, incident)
    bad, total = int((sli.total - sli.good)[during].sum()), int(sli.total[during].sum())
    allowed = float(objective.error_budget) * usual
    return Impact(
        objective=objective.name,
        entity=render_group(sli.group),
        bad=bad,
        total=total,
        budget_share=bad / allowed if allowed else None,
        owner=objective.owner,
    )


def _during(sli: SliColumns, incident: Incident) -> NDArray[np.bool_]:
    return (sli.minute_ns >= incident.impact_ns) & (sli.minute_ns < _end_ns(incident))


def _end_ns(incident: Incident) -> int:
    return incident.resolved_ns or incident.window.end_ns
