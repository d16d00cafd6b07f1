"""Charts as SVG text, drawn by matplotlib; the same input gives the same bytes."""

import io
from datetime import UTC
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from reports.slo_report import ReportRow

_STYLE: Any = {  # matplotlib types its keys one by one
    "svg.hashsalt": "herald",
    "svg.fonttype": "none",
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def draw_budget(row: ReportRow) -> str:
    """Return an SVG of the budget left over the window, with the course of an even spend and the zero line."""
    times = row.history_ns.astype("datetime64[ns]")
    even = np.linspace(1, 0, len(times))
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(6.4, 1.8), layout="constrained")
        axes = figure.subplots()
        axes.plot(times, even, linestyle="--", linewidth=0.8, color="#7a8793", label="even spend")
        axes.plot(times, row.history_remaining, linewidth=1.4, color="#0b6e99", label="budget left")
        axes.axhline(0, linewidth=0.8, color="#b3261e")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        locator = AutoDateLocator(tz=UTC, maxticks=8)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC))
        axes.legend(loc="lower left", frameon=False)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    return svg[svg.index("<svg") :]
