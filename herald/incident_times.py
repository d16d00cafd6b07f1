"""What an incident tells as telemetry when it is over for good: how long recovery and repair took.

One histogram point an incident and metric, stored with the row that notes the incident as settled: neither a crash
nor another engine tells it twice. See docs/decisions/0029.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from model.attributes import attributes
from model.clock import SECOND_NS
from model.names import (
    ATTR_HERALD_DOMAIN,
    METRIC_HERALD_INCIDENT_TIME_TO_RECOVER,
    METRIC_HERALD_INCIDENT_TIME_TO_REPAIR,
)
from model.points import HistogramPoint, Kind, Series, Temporality
from model.registry import Registry
from store import IncidentRow

_METRICS = {"recover": METRIC_HERALD_INCIDENT_TIME_TO_RECOVER, "repair": METRIC_HERALD_INCIDENT_TIME_TO_REPAIR}
_RESOURCE = attributes({"service.name": "herald-engine"})


def telling_points(settled: Iterable[IncidentRow], registry: Registry, *, at_ns: int) -> Iterator[HistogramPoint]:
    """Yield what resolved incidents tell that settle at the same moment, one point for each domain and metric."""
    took: dict[tuple[str, str], list[float]] = {}
    for row in settled:
        if row.domain and row.resolved_ns is not None:
            for what, metric in _METRICS.items():
                if (took_s := row.seconds_to[what]) is not None:
                    took.setdefault((metric, row.domain), []).append(took_s)
    for (metric, domain), seconds in sorted(took.items()):
        yield _point(registry, metric, domain, seconds, at_ns)


def _point(registry: Registry, metric: str, domain: str, seconds: list[float], at_ns: int) -> HistogramPoint:
    bounds = registry.metrics[metric].bounds
    buckets = np.bincount(np.searchsorted(bounds, seconds), minlength=len(bounds) + 1)
    return HistogramPoint(
        series=Series(
            metric=metric,
            kind=Kind.HISTOGRAM,
            unit=registry.metrics[metric].unit,
            temporality=Temporality.DELTA,
            monotonic=False,
            resource=_RESOURCE,
            scope="herald.incidents",
            scope_version="1",
            attributes=attributes({ATTR_HERALD_DOMAIN: domain}),
        ),
        time_ns=at_ns,
        start_ns=at_ns - SECOND_NS,
        count=len(seconds),
        sum=sum(seconds),
        min=min(seconds),
        max=max(seconds),
        bounds=bounds,
        buckets=tuple(buckets.tolist()),
    )
