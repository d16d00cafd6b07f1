"""Charts as SVG text, drawn by matplotlib; the same input gives the same bytes."""

import io
from collections.abc import Callable
from datetime import UTC
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from model.clock import to_datetime
from reports.evidence import EvidenceSeries
from reports.report_rows import ReportRow

_STYLE: Any = {  # matplotlib types its keys one by one
    "svg.hashsalt": "herald",
    "svg.fonttype": "none",
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_LINE, _FAINT, _ALARM = "#0b6e99", "#7a8793", "#b3261e"


def draw_course(row: ReportRow) -> str:
    """Return an SVG of what was attained beside the target, and of the budget left beside an even spend."""
    times = row.history_ns.astype("datetime64[ns]")

    def paint_sli(axes: Axes) -> None:
        axes.plot(times, row.history_sli, linewidth=1.0, color=_LINE, label="attained")
        alone = _alone(row.history_sli)
        axes.plot(times[alone], row.history_sli[alone], linestyle="", marker=".", markersize=2, color=_LINE)
        axes.axhline(row.target, linewidth=0.8, linestyle="--", color=_ALARM, label="target")
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.legend(loc="lower left", frameon=False)

    def paint_budget(axes: Axes) -> None:
        axes.plot(times, even_spend(row), linestyle="--", linewidth=0.8, color=_FAINT, label="even spend")
        axes.plot(times, row.history_remaining, linewidth=1.4, color=_LINE, label="budget left")
        axes.axhline(0, linewidth=0.8, color=_ALARM)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.legend(loc="lower left", frameon=False)

    return _draw(paint_sli, paint_budget)


def _alone(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which values stand between two that are not there: no line shows them."""
    there = np.pad(~np.isnan(values), 1)
    return np.asarray(there[1:-1] & ~there[:-2] & ~there[2:])


def even_spend(row: ReportRow) -> NDArray[np.float64]:
    """Return what budget would be left at the moments of a row's history, were it spent evenly."""
    since = row.history_ns - row.history_ns[0]
    return np.asarray(1 - since / since[-1])


def draw_series(series: EvidenceSeries, *, mark_ns: int) -> str:
    """Return an SVG of one series, with a line where the impact began."""
    times = series.minute_ns.astype("datetime64[ns]")

    def paint(axes: Axes) -> None:
        axes.plot(times, series.value, linewidth=1.2, color=_LINE)
        axes.axvline(date2num(to_datetime(mark_ns)), linewidth=0.8, linestyle="--", color=_ALARM)
        axes.set_title(" ".join(filter(None, (series.metric, series.entity, series.part))), loc="left", fontsize=8)

    return _draw(paint)


def _draw(*paints: Callable[[Axes], None]) -> str:
    """Return an SVG of as many charts, side by side."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(6.4, 1.8))
        share = 1 / len(paints)
        for number, paint in enumerate(paints):
            # Fixed margins: to fit them to the labels would draw each chart several times over.
            axes = figure.add_axes((number * share + 0.09, 0.26, share - 0.1, 0.62))
            paint(axes)
            locator = AutoDateLocator(tz=UTC, minticks=3, maxticks=8 if len(paints) == 1 else 6)
            axes.xaxis.set_major_locator(locator)
            axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC))
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    return svg[svg.index("<svg") :]
