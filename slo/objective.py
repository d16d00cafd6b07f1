"""What an objective is, once its file has been read: the words that the arithmetic computes with.

Nothing here reads a file or a database. Ratios are exact (`Decimal` as written, `Fraction` as computed), because a
burn rate is compared with a factor at the very edge.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from model.clock import MINUTE_NS
from model.queries import Group, MetricQuery
from model.windows import Window, render_duration
from slo.burn import Tier
from slo.period import CalendarPeriod

_ROLLING = "rolling"


class BudgetingMethod(StrEnum):
    """What the budget counts: events, slices of time judged as a whole, or the bad share of each slice."""

    OCCURRENCES = "Occurrences"
    TIMESLICES = "Timeslices"
    RATIO_TIMESLICES = "RatioTimeslices"


class Silence(StrEnum):
    """What a minute without telemetry means.

    `IGNORED` shows grey and pages nobody, `BAD` counts one bad event per silent minute (slice), `ALERT` raises an
    alert of its own once the entity has been silent for `slo.status.SILENT_AFTER_NS`.
    """

    IGNORED = "ignored"
    BAD = "bad"
    ALERT = "alert"


PARTS = 1_000_000_000
"""What a slice of `RatioTimeslices` counts in all: its good share is kept as so many parts of it, as a whole number.

A share with up to nine decimals is exact, any other at most half a part off, and so is the mean of many of them.
"""


class Excluded(StrEnum):
    """What becomes of the events in an excluded stretch of time: they are left out, or all count as good."""

    DROPPED = "dropped"
    GOOD = "good"


class Comparison(StrEnum):
    """How a measured value must stand to the bound to be good; the words are OpenSLO's."""

    LTE = "lte"
    GTE = "gte"
    LT = "lt"
    GT = "gt"

    def holds(self, value: float, bound: Decimal) -> bool:
        """Return whether `value` satisfies the comparison; the bound is rounded to a float as the value was."""
        return _COMPARE[self](value, float(bound))


_COMPARE: Mapping[Comparison, Callable[[float, float], bool]] = {
    Comparison.LTE: operator.le,
    Comparison.GTE: operator.ge,
    Comparison.LT: operator.lt,
    Comparison.GT: operator.gt,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioIndicator:
    """Good events over all events; exactly one of `good` and `bad` is given."""

    total: MetricQuery
    good: MetricQuery | None = None
    bad: MetricQuery | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdIndicator:
    """A number per minute that is good when it satisfies `comparison` with `bound`.

    `zero_while` names a metric that proves the entity is at work: a minute with it but without a value counts as 0.
    `divisor` makes it a number per something, e.g. busy slots per slot; a minute without a divisor above 0 is not
    judged. `absolute` judges the size of a number that may be negative, e.g. a drift.
    """

    value: MetricQuery
    comparison: Comparison
    bound: Decimal
    zero_while: MetricQuery | None = None
    divisor: MetricQuery | None = None
    absolute: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeIndicator:
    """Several indicators under one budget; each component counts with its weight."""

    components: "tuple[Component, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One indicator of a composite objective, with its own target and weight."""

    name: str
    indicator: RatioIndicator | ThresholdIndicator
    target: Decimal
    weight: Decimal = Decimal(1)
    slice_target: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A promise about one indicator, kept for each group separately.

    The budget is that of a rolling window of `window_ns`, or of the running `calendar` period, of which `window_ns`
    is then the nominal length (a month has 30 days).
    """

    name: str
    service: str
    indicator: RatioIndicator | ThresholdIndicator | CompositeIndicator
    target: Decimal  # share of good events or slices, 0 < target < 1
    window_ns: int
    calendar: CalendarPeriod | None = None
    display_name: str = ""
    description: str = ""
    method: BudgetingMethod = BudgetingMethod.OCCURRENCES
    slice_ns: int = MINUTE_NS
    slice_target: Decimal = Decimal(1)
    group_by: tuple[str, ...] = ()  # attribute names
    tiers: tuple[Tier, ...] = ()
    silence: Silence = Silence.IGNORED
    exclude: tuple[str, ...] = ()  # kinds of exclusion that apply: calibration, maintenance, incident, ...
    excluded: Excluded = Excluded.DROPPED
    min_bad_events: int = 2  # in the long window, below which nothing fires
    domain: str = ""
    catalogue_id: str = ""
    owner: str = ""
    runbook: str = ""
    dashboards: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def error_budget(self) -> Fraction:
        """Return the share of events that may be bad, e.g. 1/100 for a target of 0.99."""
        return 1 - Fraction(self.target)

    @property
    def window_name(self) -> str:
        """Return over what the budget is kept: `28d rolling`, or `calendar month`."""
        return f"{render_duration(self.window_ns)} {_ROLLING}" if self.calendar is None else self.calendar.name

    def bad_share_limit(self, tier: Tier) -> Fraction:
        """Return the share of bad events above which `tier` fires in both windows: factor times budget."""
        return tier.factor(self.window_ns) * self.error_budget

    @property
    def step_ns(self) -> int:
        """Return what one entry of a ledger stands for: a minute, or a slice."""
        return MINUTE_NS if self.method is BudgetingMethod.OCCURRENCES else self.slice_ns

    @property
    def whole(self) -> int:
        """Return what one entirely bad event, or slice, counts."""
        return PARTS if self.method is BudgetingMethod.RATIO_TIMESLICES else 1

    @property
    def lookback_ns(self) -> int:
        """Return how far the budget looks back at most."""
        return self.window_ns if self.calendar is None else max(self.window_ns, self.calendar.longest_ns)

    def budget_period(self, at_ns: int) -> Window:
        """Return the time that the budget is for: up to `at_ns`, or the calendar period that is running then."""
        if self.calendar is not None:
            return self.calendar.around(at_ns)
        return Window(start_ns=at_ns - self.window_ns, end_ns=at_ns)

    def component(self, name: str) -> "Objective":
        """Return one component of a composite as an objective of its own."""
        assert isinstance(self.indicator, CompositeIndicator)
        part = next(part for part in self.indicator.components if part.name == name)
        return replace(self, indicator=part.indicator, target=part.target, slice_target=part.slice_target)

    @property
    def keeps_components_apart(self) -> bool:
        """Return whether the events of each component are counted on their own, not slices of all together."""
        return isinstance(self.indicator, CompositeIndicator) and self.method is BudgetingMethod.OCCURRENCES


def name_windows(objectives: Iterable[Objective]) -> str:
    """Return over what budgets are kept, as far as one word is true of all.

    `28d rolling`, `rolling` where windows are of several lengths, nothing where some roll and others do not.
    """
    given = tuple(objectives)
    names = {objective.window_name for objective in given}
    if len(names) == 1:
        return names.pop()
    return _ROLLING if given and all(objective.calendar is None for objective in given) else ""


@dataclass(frozen=True, slots=True)
class SliMinute:
    """Good and total events of one group in the minute that starts at `minute_ns`."""

    group: Group
    minute_ns: int
    good: int
    total: int
