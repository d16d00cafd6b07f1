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
from numpy.typing import NDArray

from model.clock import to_datetime
from reports.evidence import EvidenceSeries
from reports.slo_report import ReportRow

_STYLE: Any = {  # matplotlib types its keys one by one
    "svg.hashsalt": "herald",
    "svg.fonttype": "none",
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_LINE, _FAINT, _ALARM = "#0b6e99", "#7a8793", "#b3261e"


def draw_budget(row: ReportRow) -> str:
    """Return an SVG of the budget left over the window, with the course of an even spend and the zero line."""
    times = row.history_ns.astype("datetime64[ns]")
    even = even_spend(row)

    def paint(axes: Axes) -> None:
        axes.plot(times, even, linestyle="--", linewidth=0.8, color=_FAINT, label="even spend")
        axes.plot(times, row.history_remaining, linewidth=1.4, color=_LINE, label="budget left")
        axes.axhline(0, linewidth=0.8, color=_ALARM)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.legend(loc="lower left", frameon=False)

    return _draw(paint)


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


def _draw(paint: Callable[[Axes], None]) -> str:
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(6.4, 1.8))
        # Fixed margins: to fit them to the labels would draw each chart several times over.
        axes = figure.add_axes((0.09, 0.26, 0.9, 0.62))
        paint(axes)
        locator = AutoDateLocator(tz=UTC, minticks=3, maxticks=8)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC))
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    return svg[svg.index("<svg") :]
