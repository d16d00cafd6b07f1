"""From telemetry to good and total events per minute and group: the only place where an SLI is counted.

Counts are kept exactly as the telemetry gives them. Where it reports more good than total events (two instruments
read at slightly different moments), the minute stays as it is, because the next one makes up for it, and
`find_anomalies` names it.
"""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from model.clock import MINUTE_NS
from model.queries import Group, MetricQuery
from model.windows import Window
from slo.objective import (
    BudgetingMethod,
    Objective,
    RatioIndicator,
    Silence,
    SliMinute,
    ThresholdIndicator,
)
from slo.sources import MinuteSource

_Key = tuple[Group, int]
_Tally = tuple[int, int]  # good, total


def compute_minutes(
    objective: Objective, source: MinuteSource, window: Window, *, expected: Iterable[Group] = ()
) -> list[SliMinute]:
    """Return the good and total events of every minute and group with data, sorted.

    The window is widened to whole slices; a slice is told at its last minute, with one event. Where silence is bad,
    every minute (slice) without data of a group that is `expected` or seen in the window counts one bad event.
    """
    window = _whole_slices(objective, window)
    tallies = _count_minutes(objective, source, window)
    if objective.method is BudgetingMethod.TIMESLICES:
        tallies = _judge_slices(objective, tallies)
    if objective.silence is Silence.BAD:
        tallies = _count_silence(objective, tallies, window, expected)
    return [SliMinute(group, minute, *tally) for (group, minute), tally in sorted(tallies.items())]


def find_anomalies(minutes: Iterable[SliMinute]) -> list[SliMinute]:
    """Return the minutes that cannot be true alone: more good than total events, or fewer than none."""
    return [m for m in minutes if m.good > m.total or m.good < 0]


def _count_minutes(objective: Objective, source: MinuteSource, window: Window) -> dict[_Key, _Tally]:
    indicator = objective.indicator
    if isinstance(indicator, RatioIndicator):
        return _count_ratio(indicator, source, window)
    return _count_threshold(indicator, source, window)


def _count_ratio(indicator: RatioIndicator, source: MinuteSource, window: Window) -> dict[_Key, _Tally]:
    total = _read_counts(source, indicator.total, window)
    if indicator.good is not None:
        good = _read_counts(source, indicator.good, window)
        return {key: (good.get(key, 0), total.get(key, 0)) for key in total.keys() | good.keys()}
    bad = _read_counts(source, indicator.bad, window) if indicator.bad else {}
    return {key: (total.get(key, 0) - bad.get(key, 0), total.get(key, 0)) for key in total.keys() | bad.keys()}


def _count_threshold(indicator: ThresholdIndicator, source: MinuteSource, window: Window) -> dict[_Key, _Tally]:
    values = dict.fromkeys(_read(source, indicator.zero_while, window), 0.0) if indicator.zero_while else {}
    values |= _read(source, indicator.value, window)
    if indicator.divisor is not None:
        divisors = _read(source, indicator.divisor, window)
        values = {key: value / divisors[key] for key, value in values.items() if divisors.get(key, 0.0) > 0}
    if indicator.absolute:
        values = {key: abs(value) for key, value in values.items()}
    return {key: (int(indicator.comparison.holds(value, indicator.bound)), 1) for key, value in values.items()}


def _judge_slices(objective: Objective, tallies: dict[_Key, _Tally]) -> dict[_Key, _Tally]:
    slices: dict[_Key, list[_Tally]] = defaultdict(list)
    for (group, minute), tally in tallies.items():
        slices[group, _slice_start(objective, minute)].append(tally)
    last_minute = objective.slice_ns - MINUTE_NS
    return {(group, start + last_minute): _judge_slice(objective, parts) for (group, start), parts in slices.items()}


def _judge_slice(objective: Objective, parts: list[_Tally]) -> _Tally:
    """Return one good or bad event; none where the slice has telemetry but nothing to judge."""
    good, total = sum(part[0] for part in parts), sum(part[1] for part in parts)
    if total <= 0:
        return 0, 0
    return int(good >= Fraction(objective.slice_target) * total), 1


def _count_silence(
    objective: Objective, tallies: dict[_Key, _Tally], window: Window, expected: Iterable[Group]
) -> dict[_Key, _Tally]:
    step = objective.slice_ns if objective.method is BudgetingMethod.TIMESLICES else MINUTE_NS
    groups = {group for group, _ in tallies} | set(expected)
    ends = range(window.start_ns + step, window.end_ns + 1, step)
    silent = {(group, end - MINUTE_NS): (0, 1) for group in groups for end in ends}
    return silent | tallies


def _read_counts(source: MinuteSource, query: MetricQuery, window: Window) -> dict[_Key, int]:
    return {key: round(value) for key, value in _read(source, query, window).items()}


def _read(source: MinuteSource, query: MetricQuery, window: Window) -> dict[_Key, float]:
    return {(v.group, v.minute_ns): v.value for v in source.read_minutes(query, window)}


def _whole_slices(objective: Objective, window: Window) -> Window:
    """Return the smallest window of whole slices (aligned to 1970-01-01 UTC) around `window`."""
    step = objective.slice_ns if objective.method is BudgetingMethod.TIMESLICES else MINUTE_NS
    return Window(start_ns=window.start_ns // step * step, end_ns=-(-window.end_ns // step) * step)


def _slice_start(objective: Objective, minute_ns: int) -> int:
    return minute_ns // objective.slice_ns * objective.slice_ns
