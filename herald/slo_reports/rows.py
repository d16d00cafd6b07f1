"""The rows of a report: what each objective counted for each entity, and what that did to its budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herald.slo_reports.corrections import Counted
from herald.slo_reports.coverage import coverage_in
from herald.slo_reports.units import unit_of
from herald.standings import Standing, count_excluded
from model.clock import HOUR_NS
from model.queries import Group
from model.windows import Window
from reports.report_facts import Month
from reports.report_rows import ReportRow
from slo import Exclusion
from slo.counts import Int64s
from slo.status import budget_remaining, state_of

_POINTS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What rows say beside the standings themselves."""

    window: Window
    exclusions: Sequence[Exclusion]
    without: Counted
    before: Counted
    months: Mapping[tuple[str, Group], tuple[Month, ...]]


def build_row(standing: Standing, around: Around) -> ReportRow:
    """Return the row of a standing."""
    window = around.window
    objective, ledger = standing.objective, standing.ledger
    key = objective.name, standing.group
    counts = ledger.counts(window.end_ns, window.length_ns)
    remaining = budget_remaining(counts, objective.error_budget)
    times = _moments(standing, window)
    worst_ns, worst_bad = _worst_hour(standing, window)
    return ReportRow(
        objective=objective.name,
        display_name=objective.display_name or objective.name,
        domain=objective.domain,
        owner=objective.owner,
        catalogue_id=objective.catalogue_id,
        entity=standing.entity,
        target=float(objective.target),
        good=counts.good,
        total=counts.total,
        unit=unit_of(objective),
        coverage=coverage_in(standing, window),
        remaining=None if remaining is None else float(remaining),
        state=state_of(remaining).value,
        history_ns=times,
        history_sli=_attained(standing, times),
        history_remaining=_burn_down(standing, times, window),
        excluded_minutes=count_excluded(around.exclusions, objective, standing.group, window),
        without_exclusions=around.without.get(key),
        before=around.before.get(key),
        months=around.months.get(key, ()),
        worst_hour_ns=worst_ns,
        worst_hour_bad=worst_bad,
    )


def spent_share(standing: Standing, stretch: Window, window: Window) -> float | None:
    """Return the share of a window's budget that went in a stretch of it, None where there is no budget.

    What a composite counts is a share of the time asked about, however long; of the window it is as much less.
    """
    ledger, objective = standing.ledger, standing.objective
    budget = float(objective.error_budget) * ledger.counts(window.end_ns, window.length_ns).total
    if not budget:
        return None
    bad = ledger.counts(stretch.end_ns, stretch.length_ns).bad
    return bad / budget * (stretch.length_ns / window.length_ns if objective.keeps_components_apart else 1.0)


def _moments(standing: Standing, window: Window) -> Int64s:
    """Return the moments that a row's course is told at; none where nothing was counted."""
    if not standing.ledger.counts(window.end_ns, window.length_ns).total:
        return np.zeros(0, dtype=np.int64)
    step_ns = max(HOUR_NS, window.length_ns // _POINTS // HOUR_NS * HOUR_NS)
    return np.append(np.arange(window.start_ns, window.end_ns, step_ns, dtype=np.int64), window.end_ns)


def _attained(standing: Standing, times: Int64s) -> NDArray[np.float64]:
    """Return good of all events between each moment and the one before, not a number where there were none."""
    attained = np.full(times.size, np.nan)
    counts = standing.ledger.sums().counts(times[1:], np.diff(times))
    np.divide(counts.good, counts.total, out=attained[1:], where=counts.total > 0)
    return attained


def _burn_down(standing: Standing, times: Int64s, window: Window) -> NDArray[np.float64]:
    """Return the share of the window's budget that was left at each moment."""
    objective, ledger = standing.objective, standing.ledger
    lengths = times - window.start_ns
    bad = ledger.sums().counts(times, lengths).bad
    spent = bad / (float(objective.error_budget) * ledger.counts(window.end_ns, window.length_ns).total or 1.0)
    # As in `spent_share`: a composite tells the share of the time so far.
    return 1 - (spent * lengths / window.length_ns if objective.keeps_components_apart else spent)


def _worst_hour(standing: Standing, window: Window) -> tuple[int | None, int]:
    """Return the start of the hour in which most events failed, and how many; None where none did.

    Hours run from the start of the window; the last may be cut short by its end.
    """
    starts = np.arange(window.start_ns, window.end_ns, HOUR_NS, dtype=np.int64)
    ends = np.minimum(starts + HOUR_NS, window.end_ns)
    bad = standing.ledger.sums().counts(ends, ends - starts).bad
    index = int(np.argmax(bad))
    return (int(starts[index]), int(bad[index])) if bad[index] else (None, 0)
