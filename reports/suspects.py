"""Rank what most likely caused an incident.

A suspect is a hardware or load series that left its own past before or while the objective broke, or a change made
shortly before, on an entity that acts on the one that hurts. The score multiplies three parts, each shown with the
suspect so that a reader can disagree:

* size: how far the series moved, in robust standard deviations of its own past, on a logarithmic scale 0..1;
* order: 1 for an onset before the impact, falling with every minute after it;
* place: 1 for the entity itself, more for what acts on it (a cause lies upstream of its effects).

Series whose registry role is `outcome` are effects by definition and are never suspects.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.clock import HOUR_NS, MINUTE_NS, format_time
from model.registry import MetricDefinition, Registry
from model.units import ZERO_CELSIUS_K
from model.windows import Window
from reports.evidence import ChangeEvent, Evidence, EvidenceSeries

PAST_NS = 6 * HOUR_NS
"""How much of a series' own past is its normal."""
SEARCH_NS = HOUR_NS
"""How long before the impact an onset may lie."""
CHANGE_SEARCH_NS = 2 * HOUR_NS

_MOVED_SIGMAS = 6.0
_LASTING_POINTS = 3
_SIZE_CAP_SIGMAS = 1000.0
_MAD_TO_SIGMA = 1.4826
_RELATIVE_NOISE_FLOOR = 1e-3
_ORDER_DECAY_MINUTES = 10.0
_CHANGE_DECAY_MINUTES = 30.0
_CHANGE_WEIGHT = 0.4
_UPSTREAM_BONUS = 0.5
_LOAD_WEIGHT = 0.6
_LOWEST_SCORE = 0.1
"""Below this it is not enough evidence to name anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One possible cause; `kind` is hardware, load or change, `size` in sigmas of its own past (0: a change)."""

    kind: str
    entity: str
    metric: str
    part: str
    onset_ns: int
    score: float
    size: float
    order: float
    place: float
    text: str

    def as_dict(self, rank: int) -> dict[str, Any]:
        """Return the suspect as JSON output shows it, at its place in the ranking."""
        return {
            "rank": rank,
            "kind": self.kind,
            "entity": self.entity,
            "metric": self.metric,
            "onset": format_time(self.onset_ns),
            "score": round(self.score, 6),
            "parts": {"size": self.size, "order": self.order, "place": self.place},
            "text": self.text,
        }


def rank_suspects(
    evidence: Evidence, registry: Registry, *, entity: str, impact_ns: int, end_ns: int
) -> list[Suspect]:
    """Return the suspects for an incident on `entity` that began to hurt at `impact_ns`, best first.

    `end_ns` closes the evidence: the moment of asking, or the end of the incident. Series are compared with the
    `PAST_NS` before the search for an onset begins, an hour before the impact.
    """
    distances = evidence.read_topology().distances_upstream(entity)
    window = Window(start_ns=impact_ns - SEARCH_NS - PAST_NS, end_ns=end_ns)
    found = [
        suspect
        for metric in registry.metrics.values()
        if metric.role in ("hardware", "load")
        for series in evidence.read_evidence(metric.name, window)
        if series.entity in distances
        and (suspect := _judge_series(series, metric, distances[series.entity], impact_ns))
    ]
    changes = evidence.read_changes(Window(start_ns=impact_ns - CHANGE_SEARCH_NS, end_ns=impact_ns))
    found += [_judge_change(c, distances[c.entity], impact_ns) for c in changes if c.entity in distances]
    return _best_per_entity_and_metric(s for s in found if s.score >= _LOWEST_SCORE)


def _judge_series(
    series: EvidenceSeries, definition: MetricDefinition, distance: int, impact_ns: int
) -> Suspect | None:
    values = _on_absolute_scale(series.value, definition.unit)
    past = series.minute_ns < impact_ns - SEARCH_NS
    if np.count_nonzero(past) < _LASTING_POINTS:
        return None
    center, sigma = _center_and_sigma(values[past])
    deviation = (values[~past] - center) / sigma
    onset = _first_lasting(np.abs(deviation) > _MOVED_SIGMAS)
    if onset is None:
        return None
    onset_ns = int(series.minute_ns[~past][onset])
    moved = float(np.median(deviation[onset:]))
    size, order, place = _size(moved), _order(onset_ns, impact_ns), 1 + _UPSTREAM_BONUS * distance
    now = float(np.median(values[~past][onset:]))
    return Suspect(
        kind=definition.role,
        entity=series.entity,
        metric=series.metric,
        part=series.part,
        onset_ns=onset_ns,
        score=size * order * place * (_LOAD_WEIGHT if definition.role == "load" else 1.0),
        size=moved,
        order=order,
        place=place,
        text=f"{series.metric} of {series.entity} went from {center:.4g} to {now:.4g}",
    )


def _judge_change(change: ChangeEvent, distance: int, impact_ns: int) -> Suspect:
    order = float(np.exp(-(impact_ns - change.time_ns) / MINUTE_NS / _CHANGE_DECAY_MINUTES))
    place = 1 + _UPSTREAM_BONUS * distance
    return Suspect(
        kind="change",
        entity=change.entity,
        metric=change.event,
        part="",
        onset_ns=change.time_ns,
        score=_CHANGE_WEIGHT * order * place,
        size=0.0,
        order=order,
        place=place,
        text=change.text or f"{change.event} on {change.entity}",
    )


def _on_absolute_scale(values: NDArray[np.float64], unit: str) -> NDArray[np.float64]:
    """Return values whose zero means none: a relative noise floor is nonsense in degrees Celsius."""
    return values + ZERO_CELSIUS_K if unit == "Cel" else values


def _center_and_sigma(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return median and robust sigma; a series that never moves still has a thousandth of its size as noise."""
    center = float(np.median(values))
    spread = float(np.median(np.abs(values - center))) * _MAD_TO_SIGMA
    return center, max(spread, abs(center) * _RELATIVE_NOISE_FLOOR, float(np.finfo(np.float64).tiny))


def _first_lasting(moved: NDArray[np.bool_]) -> int | None:
    """Return the first index from which most of the next few points have moved; a single outlier is no onset."""
    for index in np.flatnonzero(moved):
        following = moved[index : index + _LASTING_POINTS]
        if 2 * np.count_nonzero(following) > len(following):
            return int(index)
    return None


def _size(moved_sigmas: float) -> float:
    """Return 0..1: logarithmic, since ten times the movement is not ten times the suspicion."""
    capped = min(abs(moved_sigmas), _SIZE_CAP_SIGMAS)
    return float(np.log1p(capped) / np.log1p(_SIZE_CAP_SIGMAS))


def _order(onset_ns: int, impact_ns: int) -> float:
    late_minutes = max(0.0, (onset_ns - impact_ns) / MINUTE_NS)
    return float(np.exp(-late_minutes / _ORDER_DECAY_MINUTES))


def _best_per_entity_and_metric(found: Iterable[Suspect]) -> list[Suspect]:
    best: dict[tuple[str, str], Suspect] = {}
    for suspect in found:
        key = (suspect.entity, suspect.metric)
        if key not in best or best[key].score < suspect.score:
            best[key] = suspect
    return sorted(best.values(), key=lambda s: (-s.score, s.onset_ns, s.entity, s.metric))
