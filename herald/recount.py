"""Which stretches of time an objective must count again when telemetry has touched some minutes of some metrics."""

from collections.abc import Iterator, Mapping, Sequence

from model.clock import DAY_NS, MINUTE_NS
from model.queries import MetricQuery
from model.windows import Window
from slo import BudgetingMethod, Objective, RatioIndicator

_MERGE_GAP_NS = 10 * MINUTE_NS
_LONGEST_NS = 3 * DAY_NS


def queries_of(objective: Objective) -> list[MetricQuery]:
    """Return every query that the objective's indicator asks."""
    indicator = objective.indicator
    asked = (
        (indicator.total, indicator.good, indicator.bad)
        if isinstance(indicator, RatioIndicator)
        else (indicator.value, indicator.zero_while)
    )
    return [query for query in asked if query is not None]


def due_windows(objective: Objective, dirty: Mapping[str, Sequence[int]]) -> Iterator[Window]:
    """Yield windows of whole slices that cover the dirty minutes of the objective's metrics, ascending and apart.

    `dirty` maps a metric to the starts of its minutes. Minutes less than ten apart are counted together, and nothing
    longer than about three days at once.
    """
    metrics = {query.metric for query in queries_of(objective)}
    step_ns = objective.slice_ns if objective.method is BudgetingMethod.TIMESLICES else MINUTE_NS
    starts = sorted({minute // step_ns * step_ns for metric in metrics for minute in dirty.get(metric, ())})
    begin = end = None
    for start in starts:
        if end is not None and begin is not None and (start - end > _MERGE_GAP_NS or end - begin >= _LONGEST_NS):
            yield Window(start_ns=begin, end_ns=end)
            begin = None
        begin = start if begin is None else begin
        end = start + step_ns
    if begin is not None and end is not None:
        yield Window(start_ns=begin, end_ns=end)
