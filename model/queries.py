"""What the SLO arithmetic asks of stored telemetry, in the words of the registry.

`slo` writes these queries, `store` answers them; neither imports the other.
"""

from dataclasses import dataclass
from enum import StrEnum

Group = tuple[tuple[str, str], ...]
"""The entity a number belongs to: sorted (column, value) pairs, e.g. (("device", "mem-delft"),)."""


class Reducer(StrEnum):
    """How the points of one minute and one group become one number.

    `COUNT` of a histogram is its samples, of a gauge its points; `SUM` of a counter is its increase, of a
    histogram the sum of its samples. The others are over the points of gauges, or sum/count (MEAN) and min/max of
    histograms.
    """

    SUM = "sum"
    COUNT = "count"
    MEAN = "mean"
    MIN = "min"
    MAX = "max"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricQuery:
    """One number per minute and group of one metric.

    `filters` maps an attribute name to the values allowed (a series without the attribute has the value "").
    `above` counts histogram samples greater than a bucket bound, `at_most` those not greater; both only with
    `Reducer.COUNT`. `group_by` are attribute names; resource attributes count as attributes.
    """

    metric: str
    reducer: Reducer
    group_by: tuple[str, ...] = ()
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    above: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class MinuteValue:
    """The answer: the minute starting at `minute_ns` (windows are (start, end]), its group and its number."""

    minute_ns: int
    group: Group
    value: float
