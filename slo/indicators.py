"""From telemetry to good and total events per minute and group: the only place where an SLI is counted.

Counts are kept exactly as the telemetry gives them. Where it reports more good than total events (two instruments
read at slightly different moments), the minute stays as it is, because the next one makes up for it, and
`find_anomalies` names it. Excluded minutes are applied before slices are judged: the rest of a slice still counts.
"""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from model.clock import MINUTE_NS
from model.queries import Group, MetricQuery
from model.windows import Window
from slo.composite import join_component
from slo.exclusions import ExcludedMinutes
from slo.objective import (
    PARTS,
    BudgetingMethod,
    CompositeIndicator,
    Excluded,
    Objective,
    RatioIndicator,
    Silence,
    SliMinute,
    ThresholdIndicator,
)
from slo.sources import MinuteSource

_Key = tuple[Group, int]
_Tally = tuple[int, int]  # good, total
_Tallies = dict[_Key, _Tally]


def compute_minutes(
    objective: Objective,
    source: MinuteSource,
    window: Window,
    *,
    expected: Iterable[Group] = (),
    excluded: ExcludedMinutes | None = None,
) -> list[SliMinute]:
    """Return the good and total events of every minute and group with data, sorted.

    The window is widened to whole slices; a slice is told at its last minute, as one event or `PARTS` parts. Where
    silence is bad, every minute (slice) without data of a group that is `expected` or seen in the window counts one
    bad event. The groups of a composite whose components are kept apart name the component.
    """
    window = _whole_steps(objective, window)
    tallies = _count(objective, source, window, excluded)
    if objective.silence is Silence.BAD:
        tallies = _count_silence(objective, tallies, window, expected)
    return [SliMinute(group, minute, *tally) for (group, minute), tally in sorted(tallies.items())]


def find_anomalies(minutes: Iterable[SliMinute]) -> list[SliMinute]:
    """Return the minutes that cannot be true alone: more good than total events, or fewer than none."""
    return [m for m in minutes if m.good > m.total or m.good < 0]


def _count(objective: Objective, source: MinuteSource, window: Window, excluded: ExcludedMinutes | None) -> _Tallies:
    if isinstance(objective.indicator, CompositeIndicator):
        return _count_composite(objective, objective.indicator, source, window, excluded)
    tallies = _count_minutes(objective.indicator, source, window)
    if excluded:
        tallies = {key: _exclude(excluded, key, tally) for key, tally in tallies.items()}
    return tallies if objective.method is BudgetingMethod.OCCURRENCES else _judge_slices(objective, tallies)


def _exclude(excluded: ExcludedMinutes, key: _Key, tally: _Tally) -> _Tally:
    mode = excluded.of(key[0]).get(key[1])
    if mode is None:
        return tally
    return (0, 0) if mode is Excluded.DROPPED else (tally[1], tally[1])


def _count_composite(
    objective: Objective,
    indicator: CompositeIndicator,
    source: MinuteSource,
    window: Window,
    excluded: ExcludedMinutes | None,
) -> _Tallies:
    parts = {
        part.name: _count(objective.component(part.name), source, window, excluded) for part in indicator.components
    }
    if objective.keeps_components_apart:
        return {
            (join_component(group, name), minute): tally
            for name, tallies in parts.items()
            for (group, minute), tally in tallies.items()
        }
    weights = {part.name: Fraction(part.weight) for part in indicator.components}
    missing: dict[_Key, Fraction] = defaultdict(Fraction)
    known: dict[_Key, bool] = defaultdict(bool)
    for name, tallies in parts.items():
        for key, (good, total) in tallies.items():
            known[key] |= total > 0
            missing[key] += weights[name] * (total - good)
    return {key: _put_together(objective, missing[key]) if judged else (0, 0) for key, judged in known.items()}


def _put_together(objective: Objective, missing: Fraction) -> _Tally:
    """Return a composite slice: bad if any component is, or good but for the weighted missing parts of all."""
    if objective.method is BudgetingMethod.TIMESLICES:
        return int(missing == 0), 1
    return PARTS - min(PARTS, round(missing)), PARTS


def _count_minutes(indicator: RatioIndicator | ThresholdIndicator, source: MinuteSource, window: Window) -> _Tallies:
    if isinstance(indicator, RatioIndicator):
        return _count_ratio(indicator, source, window)
    return _count_threshold(indicator, source, window)


def _count_ratio(indicator: RatioIndicator, source: MinuteSource, window: Window) -> _Tallies:
    total = _read_counts(source, indicator.total, window)
    if indicator.good is not None:
        good = _read_counts(source, indicator.good, window)
        return {key: (good.get(key, 0), total.get(key, 0)) for key in total.keys() | good.keys()}
    bad = _read_counts(source, indicator.bad, window) if indicator.bad else {}
    return {key: (total.get(key, 0) - bad.get(key, 0), total.get(key, 0)) for key in total.keys() | bad.keys()}


def _count_threshold(indicator: ThresholdIndicator, source: MinuteSource, window: Window) -> _Tallies:
    values = dict.fromkeys(_read(source, indicator.zero_while, window), 0.0) if indicator.zero_while else {}
    values |= _read(source, indicator.value, window)
    if indicator.divisor is not None:
        divisors = _read(source, indicator.divisor, window)
        values = {key: value / divisors[key] for key, value in values.items() if divisors.get(key, 0.0) > 0}
    if indicator.absolute:
        values = {key: abs(value) for key, value in values.items()}
    return {key: (int(indicator.comparison.holds(value, indicator.bound)), 1) for key, value in values.items()}


def _judge_slices(objective: Objective, tallies: _Tallies) -> _Tallies:
    slices: dict[_Key, list[_Tally]] = defaultdict(list)
    for (group, minute), tally in tallies.items():
        slices[group, minute // objective.slice_ns * objective.slice_ns].append(tally)
    last_minute = objective.slice_ns - MINUTE_NS
    return {(group, start + last_minute): _judge_slice(objective, parts) for (group, start), parts in slices.items()}


def _judge_slice(objective: Objective, parts: list[_Tally]) -> _Tally:
    """Return what a slice counts; nothing where it has telemetry but nothing to judge."""
    good, total = sum(part[0] for part in parts), sum(part[1] for part in parts)
    if total <= 0:
        return 0, 0
    if objective.method is BudgetingMethod.RATIO_TIMESLICES:
        return round(Fraction(PARTS * min(max(good, 0), total), total)), PARTS
    return int(good >= Fraction(objective.slice_target) * total), 1


def _count_silence(objective: Objective, tallies: _Tallies, window: Window, expected: Iterable[Group]) -> _Tallies:
    groups = {group for group, _ in tallies} | set(expected)
    ends = range(window.start_ns + objective.step_ns, window.end_ns + 1, objective.step_ns)
    silent = {(group, end - MINUTE_NS): (0, objective.whole) for group in groups for end in ends}
    return silent | tallies


def _read_counts(source: MinuteSource, query: MetricQuery, window: Window) -> dict[_Key, int]:
    return {key: round(value) for key, value in _read(source, query, window).items()}


def _read(source: MinuteSource, query: MetricQuery, window: Window) -> dict[_Key, float]:
    return {(v.group, v.minute_ns): v.value for v in source.read_minutes(query, window)}


def _whole_steps(objective: Objective, window: Window) -> Window:
    """Return the smallest window of whole minutes, or slices (aligned to 1970-01-01 UTC), around `window`."""
    step = objective.step_ns
    return Window(start_ns=window.start_ns // step * step, end_ns=-(-window.end_ns // step) * step)
