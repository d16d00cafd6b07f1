"""What a board is, before Grafana: one question, an audience that sets its pace, rows of panels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import attr
from grafanalib import core

from dashboards.finalize import finalize
from dashboards.variables import datasource

COLUMNS = 24
_SHARED_CROSSHAIR = 1


class Audience(Enum):
    """Who reads the board: its tag, its time range and how often it refreshes."""

    EXECUTIVE = ("executive", "now-30d", "5m")
    ON_CALL = ("on-call", "now-6h", "30s")
    DEBUG = ("debug", "now-1h", "10s")
    EVERYBODY = ("home", "now-24h", "30s")
    OWNER = ("slo", "now-28d", "1m")  # the window of the objectives
    REVIEWER = ("incident", "now-6h", "1m")
    # Snapshots are of any year, and a board's range is fixed when it is built: a shorter one would show nothing to
    # most who import one. Each backend leads to the time of its own.
    ANALYST = ("calibration", "now-10y", "15m")

    def __init__(self, tag: str, since: str, refresh: str) -> None:
        self.tag = tag
        self.since = since
        self.refresh = refresh


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A link from one board to another; it hands on what is chosen, and with `keeps_time` the time range too."""

    title: str
    uid: str
    keeps_time: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """A row at the foot of a board that is folded until somebody opens it; its panels ask nothing before."""

    id: int
    title: str
    panels: Sequence[core.Panel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One dashboard: a fixed uid, the question it answers, and its rows of panels from top to bottom."""

    uid: str
    title: str
    question: str
    audience: Audience
    rows: Sequence[Sequence[core.Panel]]
    folded: Sequence["Folded"] = ()
    domain: str = ""
    variables: Sequence[core.Template] = ()
    annotations: Sequence[dict[str, Any]] = ()
    ways: Sequence[Way] = field(default_factory=tuple)

    def render(self) -> dict[str, Any]:
        """Return the board as Grafana JSON."""
        return finalize(
            core.Dashboard(
                uid=self.uid,
                title=self.title,
                description=self.question,
                tags=["herald", self.audience.tag, *([self.domain] if self.domain else [])],
                editable=False,
                graphTooltip=_SHARED_CROSSHAIR,
                refresh=self.audience.refresh,
                time=core.Time(self.audience.since, "now"),
                timePicker=core.TimePicker(refreshIntervals=["10s", "30s", "1m", "5m", "15m", "1h"], timeOptions=[]),
                timezone="utc",
                version=1,
                templating=core.Templating(list=[datasource(), *self.variables]),
                annotations=core.Annotations(list=list(self.annotations)),
                links=[_dashboard_link(way) for way in self.ways],
                panels=[*arrange(self.rows), *self._folded_rows()],
            )
        )

    def _folded_rows(self) -> list[core.Panel]:
        """Return the folded rows below everything else; those without panels are left out."""
        below = max((panel.gridPos.y + panel.gridPos.h for panel in arrange(self.rows)), default=0)
        rows = [each for each in self.folded if each.panels]
        return [
            core.RowPanel(
                id=each.id,
                title=each.title,
                collapsed=True,
                gridPos=core.GridPos(h=1, w=COLUMNS, x=0, y=below + index),
                panels=arrange([each.panels], y=below + index + 1),
            )
            for index, each in enumerate(rows)
        ]


def arrange(rows: Iterable[Sequence[core.Panel]], *, y: int = 0) -> list[core.Panel]:
    """Return the panels placed from left to right and top to bottom; a row that is too wide goes on below."""
    placed: list[core.Panel] = []
    for row in rows:
        x, height = 0, 0
        for panel in row:
            grid = panel.gridPos
            if x + grid.w > COLUMNS:
                x, y, height = 0, y + height, 0
            placed.append(attr.evolve(panel, gridPos=core.GridPos(h=grid.h, w=grid.w, x=x, y=y)))
            x, height = x + grid.w, max(height, grid.h)
        y += height
    return placed


def _dashboard_link(way: Way) -> core.DashboardLink:
    return core.DashboardLink(
        type="link",
        title=way.title,
        uri=f"/d/{way.uid}",
        icon="dashboard",
        includeVars=True,
        keepTime=way.keeps_time,
    )
