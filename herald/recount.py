"""What an objective must count again when telemetry has touched some minutes, and how the engine counts it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from model.clock import DAY_NS, MINUTE_NS
from model.queries import Group, MetricQuery
from model.windows import Window, floor_minute
from slo import (
    LOOKBACK_MARGIN_NS,
    CompositeIndicator,
    ExcludedMinutes,
    MinuteSource,
    Objective,
    RatioIndicator,
    Silence,
    SliMinute,
    ThresholdIndicator,
    compute_minutes,
    split_component,
)

_MERGE_GAP_NS = 10 * MINUTE_NS
_LONGEST_NS = 3 * DAY_NS


def queries_of(objective: Objective) -> list[MetricQuery]:
    """Return every query that the objective's indicator asks."""
    indicator = objective.indicator
    parts = (
        [part.indicator for part in indicator.components]
        if isinstance(indicator, CompositeIndicator)
        else [indicator]
    )
    return [query for part in parts for query in _asked(part) if query is not None]


def admits(objective: Objective, group: Group) -> bool:
    """Return whether the objective's own filters leave room for an entity that is known by one attribute.

    Who promises something for one critical link expects nothing of all the others.
    """
    return all(
        group[0][1] in values
        for query in queries_of(objective)
        for name, values in query.filters
        if (name,) == tuple(objective.group_by)
    )


def metrics_of(objective: Objective) -> set[str]:
    """Return the metrics that the objective counts."""
    return {query.metric for query in queries_of(objective)}


def _asked(indicator: RatioIndicator | ThresholdIndicator) -> tuple[MetricQuery | None, ...]:
    if isinstance(indicator, RatioIndicator):
        return indicator.total, indicator.good, indicator.bad
    return indicator.value, indicator.zero_while, indicator.divisor


def render_counting(objective: Objective) -> str:
    """Return a text that changes when the objective would count the same telemetry differently."""
    rules: list[object] = [
        *(objective.indicator, objective.method, objective.slice_ns, objective.slice_target),
        *(objective.group_by, objective.silence),
    ]
    if objective.exclude:
        rules += [objective.exclude, objective.excluded]
    return hashlib.blake2b(repr(tuple(rules)).encode(), digest_size=8).hexdigest()


def lookback(objective: Objective, now_ns: int) -> range:
    """Return the minutes (starts) that the objective looks back on."""
    first_ns = floor_minute(now_ns - objective.lookback_ns - LOOKBACK_MARGIN_NS)
    return range(first_ns, floor_minute(now_ns), MINUTE_NS)


def due_windows(
    objective: Objective, dirty: Mapping[str, Sequence[int]], also: Sequence[int] = ()
) -> Iterator[Window]:
    """Yield windows of whole slices that cover the dirty minutes of the objective's metrics, ascending and apart.

    `dirty` maps a metric to the starts of its minutes; `also` are minutes that are due whatever the metric. Minutes
    less than ten apart are counted together, and nothing longer than about three days at once.
    """
    step_ns = objective.step_ns
    minutes = [*(dirty.get(metric, ()) for metric in metrics_of(objective)), also]
    starts = np.unique(np.concatenate([np.asarray(some, dtype=np.int64) for some in minutes]) // step_ns * step_ns)
    for run in np.split(starts, np.flatnonzero(np.diff(starts) > step_ns + _MERGE_GAP_NS) + 1):
        while run.size:
            size = int(np.searchsorted(run, run[0] + _LONGEST_NS))
            yield Window(start_ns=int(run[0]), end_ns=int(run[size - 1]) + step_ns)
            run = run[size:]  # noqa: PLW2901


def dirty_minutes(objective: Objective, dirty: Mapping[str, Sequence[int]]) -> Iterator[int]:
    """Yield the dirty minutes of the metrics that the objective counts."""
    for metric in metrics_of(objective):
        yield from dirty.get(metric, ())


def count_minutes(
    objective: Objective,
    source: MinuteSource,
    window: Window,
    *,
    born_ns: Mapping[Group, int],
    closed_ns: int,
    excluded: ExcludedMinutes | None = None,
) -> list[SliMinute]:
    """Return the counts of every minute with data, and what silence counts in the others where it counts.

    An entity cannot be silent before its first data, and no minute is silent that has not closed. `born_ns` holds the
    first minutes of known groups, `closed_ns` the end of the last closed minute; the window is whole slices. Silence
    counts nothing where it is `excluded`, so that it is known, and something bad where silence is bad.
    """
    counted = compute_minutes(replace(objective, silence=Silence.IGNORED), source, window, excluded=excluded)
    if objective.silence is not Silence.BAD and not excluded:
        return counted
    born = dict(born_ns)
    for minute in counted:
        born[minute.group] = min(born.get(minute.group, minute.minute_ns), minute.minute_ns)
    told = {(minute.group, minute.minute_ns) for minute in counted}
    step_ns = objective.step_ns
    lasts = range(window.start_ns + step_ns - MINUTE_NS, min(window.end_ns, closed_ns), step_ns)
    silent = (
        SliMinute(group, last, 0, total)
        for group, since_ns in born.items()
        for last in lasts
        if last > since_ns
        and (group, last) not in told
        and (total := _silence_counts(objective, group, last, excluded)) is not None
    )
    return [*counted, *silent]


def _silence_counts(objective: Objective, group: Group, last_ns: int, excluded: ExcludedMinutes | None) -> int | None:
    """Return what a silent step of a group counts in all, none of it good; None where it is just not known."""
    minutes = range(last_ns + MINUTE_NS - objective.step_ns, last_ns + MINUTE_NS, MINUTE_NS)
    of_group = excluded.of(split_component(group)[0]) if excluded else {}
    if all(minute in of_group for minute in minutes):
        return 0
    return objective.whole if objective.silence is Silence.BAD else None
