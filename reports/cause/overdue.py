"""Ages that no longer fall back: what is renewed at intervals, and was not.

An age is a sawtooth. How high it usually gets is told by the teeth that ended, its own and those of its peers;
scatter and trend say nothing about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reports.evidence import EvidenceSeries

_LATE = 1.02
_SIGMAS_PER_CYCLE = 100.0
_CAP_SIGMAS = 1000.0
_LEAST_SIGMAS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """An age in seconds beyond what it `usual`ly reaches, and since when."""

    entity: str
    part: str
    since_ns: int
    age_s: float
    usual_s: float
    sigmas: float


def find_overdue(series: Sequence[EvidenceSeries]) -> list[Overdue]:
    """Return the series whose last age is beyond every age at which one of them was renewed."""
    renewed = [age for each in series for age in _teeth(each)]
    if not renewed:
        return []
    usual_s = max(renewed)
    found = []
    for each in series:
        age_s = float(each.value[-1])
        sigmas = min((age_s / usual_s - 1.0) * _SIGMAS_PER_CYCLE, _CAP_SIGMAS)
        if age_s > _LATE * usual_s and sigmas >= _LEAST_SIGMAS:
            late = np.flatnonzero(each.value <= usual_s)
            since = int(late[-1]) + 1 if len(late) else 0
            found.append(
                Overdue(
                    entity=each.entity,
                    part=each.part,
                    since_ns=int(each.minute_ns[since]),
                    age_s=age_s,
                    usual_s=usual_s,
                    sigmas=sigmas,
                )
            )
    return found


def _teeth(series: EvidenceSeries) -> list[float]:
    value = series.value[~np.isnan(series.value)]
    falls = np.flatnonzero(np.diff(value) < -0.5 * value[:-1])
    return [float(value[index]) for index in falls]
