"""Telemetry as a list of numbers, and objectives to hold against it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from model import names
from model.clock import DAY_NS, MINUTE_NS
from model.queries import Group, MetricQuery, MinuteValue, Reducer
from model.windows import Window
from slo import Ledger, Ledgers, Objective, RatioIndicator

START_NS = 1_700_000_000 // 86_400 * 86_400 * 1_000_000_000
DELFT: Group = (("device", "mem-delft"),)
HAGUE: Group = (("device", "mem-hague"),)

READS = MetricQuery(metric=names.METRIC_MEMORY_READS, reducer=Reducer.SUM, group_by=(names.ATTR_DEVICE_ID,))
GOOD_READS = replace(READS, filters=((names.ATTR_OUTCOME, ("success",)),))

READ_SUCCESS = Objective(
    name="memory-read-success",
    service="quantum-memory",
    indicator=RatioIndicator(good=GOOD_READS, total=READS),
    target=Decimal("0.99"),
    window_ns=28 * DAY_NS,
    min_bad_events=1,
)


def minute(number: int) -> int:
    """The start of a minute of the test's history."""
    return START_NS + number * MINUTE_NS


def first_minutes(count: int) -> Window:
    return Window(start_ns=START_NS, end_ns=minute(count))


@dataclass
class ListedSource:
    """A MinuteSource over values that the test lists."""

    values: dict[MetricQuery, list[MinuteValue]] = field(default_factory=dict)

    def add(self, query: MetricQuery, number: int, value: float, group: Group = DELFT) -> "ListedSource":
        self.values.setdefault(query, []).append(MinuteValue(minute(number), group, value))
        return self

    def read_minutes(self, query: MetricQuery, window: Window) -> Iterable[MinuteValue]:
        return [v for v in self.values.get(query, []) if window.start_ns <= v.minute_ns < window.end_ns]


def ledger_of(
    minutes: Iterable[tuple[int, int] | None], *, window_ns: int = 28 * DAY_NS, among: Ledgers | None = None
) -> Ledger:
    """A ledger of (bad, total) per minute; None is a minute without data."""
    ledger = Ledger(window_ns, among=among)
    for number, counts in enumerate(minutes):
        if counts is not None:
            ledger.put(minute(number), counts[1] - counts[0], counts[1])
    return ledger
