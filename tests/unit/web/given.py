"""What the tests of the web application are about: one board with every panel, one objective, made-up answers."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS, VirtualClock, to_ns
from model.errors import InvalidInputError
from model.names import METRIC_MEMORY_READS
from model.queries import MetricQuery, Reducer
from model.topology import Edge, Entity, Relation, Topology
from slo import DEFAULT_TIERS, Objective, RatioIndicator, Rule, Tier
from web import AlertRecord, BudgetPoint, Column, ColumnKind, EntityStatus, Heard, Table
from web.testing import MemorySources

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NOW_NS = to_ns(NOW)
NOW_MS = NOW_NS // 1_000_000
UID = "every-panel"
OF_REST = Tier(
    name="of-rest", severity="page", long_ns=DAY_NS, short_ns=HOUR_NS, budget_share=Fraction(1, 100),
    rule=Rule.REMAINING,
)  # fmt: skip
"""A tier that follows what is left of the budget: taken for a burn rate it would be as low as 0.28."""

_TIME = Column("time", ColumnKind.TIME)
_VALUE = Column("Value", ColumnKind.NUMBER)
_DEVICE = Column("device", ColumnKind.STRING)
_STEPS = [
    {"color": "#D55E00", "value": None},
    {"color": "#E69F00", "value": 0.9},
    {"color": "#009E73", "value": 0.95},
]


def a_clock() -> VirtualClock:
    return VirtualClock(NOW_NS)


def minutes(count: int) -> list[datetime]:
    return [NOW - timedelta(minutes=count - index) for index in range(count)]


def fidelity_table() -> Table:
    rows = [
        (when, device, 0.93 + 0.05 * ((index * step) % 7) / 7)
        for index, when in enumerate(minutes(60))
        for step, device in enumerate(("mem-delft", "mem-hague"), start=1)
    ]
    return Table(columns=(_TIME, _DEVICE, _VALUE), rows=rows)


def state_table() -> Table:
    rows = [(when, device, code) for when, device, code in zip(minutes(6), "aababb", (1, 1, 2, 3, 1, 2), strict=True)]
    return Table(columns=(_TIME, _DEVICE, _VALUE), rows=rows)


def reads_table() -> Table:
    return Table(
        columns=(
            Column("Device", ColumnKind.STRING),
            Column("Reads", ColumnKind.NUMBER),
            Column("SLI", ColumnKind.NUMBER),
            Column("Seen", ColumnKind.TIME),
        ),
        rows=[
            ("mem-delft", 2016, 0.993, NOW),
            ("mem-<b>hague</b>", 12, 0.91, NOW),
            ("mem-lund", 300, Decimal("0.97"), None),
        ],
    )


def devices_table() -> Table:
    return Table(
        columns=(Column("__text", ColumnKind.STRING), Column("__value", ColumnKind.STRING)),
        rows=[("Delft", "mem-delft"), ("The Hague", "mem-hague"), ("O'Brien", "O'Brien")],
    )


def calibrations_table() -> Table:
    return Table(
        columns=(
            _TIME,
            Column("timeend", ColumnKind.TIME),
            Column("text", ColumnKind.STRING),
            Column("tags", ColumnKind.STRING),
        ),
        rows=[(NOW - timedelta(minutes=20), NOW - timedelta(minutes=12), "recalibrated <slot>", "calibration,delft")],
    )


def panel(number: int, kind: str, sql: str = "", *, form: str = "time_series", **more: Any) -> dict[str, Any]:
    place = number - 1
    made: dict[str, Any] = {
        "id": number,
        "type": kind,
        "title": f"{kind} {number}",
        "gridPos": {"x": place % 2 * 12, "y": place // 2 * 8, "w": 12, "h": 8},
        "fieldConfig": {"defaults": {}, "overrides": []},
        "options": {},
    }
    if sql:
        made["targets"] = [{"refId": "A", "format": form, "rawSql": sql, "datasource": {"uid": "herald-pg"}}]
    return made | more


def config(
    unit: str = "percentunit", overrides: list[dict[str, Any]] | None = None, **defaults: Any
) -> dict[str, Any]:
    thresholds = {"mode": "absolute", "steps": _STEPS}
    return {"defaults": {"unit": unit, "thresholds": thresholds, **defaults}, "overrides": overrides or []}


def override(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [{"id": key.replace("__", "."), "value": value} for key, value in properties.items()],
    }


FIDELITY = (
    'SELECT $__timeGroupAlias(ts, $__interval), device, avg(fidelity) AS "Value" FROM fidelity '
    "WHERE $__timeFilter(ts) AND device IN (${device:sqlstring}) GROUP BY 1, 2 ORDER BY 1"
)
READS = "SELECT * FROM reads"
STATES = "SELECT * FROM states"


def every_panel_board() -> dict[str, Any]:
    return {
        "uid": UID,
        "title": "Every panel",
        "description": "One panel of each type.",
        "tags": ["herald", "test"],
        "time": {"from": "now-1h", "to": "now"},
        "refresh": "",
        "links": [{"type": "link", "title": "Other", "url": "/d/other", "keepTime": True, "includeVars": True}],
        "annotations": {"list": [_CALIBRATIONS]},
        "templating": {"list": [_DEVICE_VARIABLE]},
        "panels": [*_drawn_panels(), *_troubled_panels(), _folded_row()],
    }


def repeating_board() -> dict[str, Any]:
    """A panel that is repeated beside itself above another, and a row that is repeated with its panel."""
    row = {
        "id": 5,
        "type": "row",
        "title": "Row of $device",
        "repeat": "device",
        "gridPos": {"x": 0, "y": 8, "w": 24},
    }
    return every_panel_board() | {
        "uid": "repeating",
        "panels": [
            panel(1, "stat", FIDELITY, title="of $device", repeat="device", maxPerRow=2, gridPos=_at(0, 0, 24, 4)),
            panel(2, "table", READS, form="table", gridPos=_at(0, 4, 12, 4)),
            row,
            panel(6, "timeseries", FIDELITY, title="Fidelity", gridPos=_at(0, 9, 12, 8)),
        ],
    }


def _at(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": width, "h": height}


_CALIBRATIONS = {
    "name": "Calibrations",
    "iconColor": "purple",
    "target": {"rawSql": "SELECT * FROM calibrations"},
}
_DEVICE_VARIABLE = {
    "name": "device",
    "type": "query",
    "label": "Device",
    "multi": True,
    "includeAll": True,
    "query": "SELECT * FROM devices",
    "current": {"text": ["All"], "value": ["$__all"]},
}
_STATE_MAPPINGS = [
    {
        "type": "value",
        "options": {
            "1": {"text": "OK", "color": "#009E73"},
            "2": {"text": "AT RISK", "color": "#E69F00"},
            "3": {"text": "EXHAUSTED", "color": "#D55E00"},
        },
    }
]
_CONTENT = "## Read me\n\n**${device}** and <script>alert(1)</script> [bad](javascript:alert) [good](/alerts)"


def _drawn_panels() -> list[dict[str, Any]]:
    lines = config(custom={"lineWidth": 2, "thresholdsStyle": {"mode": "dashed"}}, min=0.9, max=1)
    sparkline = {"reduceOptions": {"calcs": ["mean"]}, "graphMode": "area", "colorMode": "value"}
    legend = {"legend": {"showLegend": True, "calcs": ["min"]}}
    states = {"defaults": {"mappings": _STATE_MAPPINGS}, "overrides": []}
    last = {"reduceOptions": {"calcs": ["lastNotNull"]}}
    return [
        panel(1, "stat", FIDELITY, description="How close.", fieldConfig=config(), options=sparkline),
        panel(2, "timeseries", FIDELITY, fieldConfig=lines, options=legend),
        panel(3, "table", READS, form="table", fieldConfig=config("", _columns())),
        panel(4, "bargauge", FIDELITY, fieldConfig=config(min=0, max=1), options=last),
        panel(5, "state-timeline", STATES, fieldConfig=states),
        panel(6, "heatmap", FIDELITY, options={"cellValues": {"unit": "percentunit"}}),
        panel(7, "text", options={"mode": "markdown", "content": _CONTENT}),
    ]


def _columns() -> list[dict[str, Any]]:
    link = [{"title": "Open", "url": "/d/other?var-device=${__data.fields.Device}&${__url_time_range}"}]
    return [
        override("SLI", unit="percentunit", decimals=2, custom__cellOptions={"type": "color-text"}),
        override("Device", links=link),
        override("Reads", custom__cellOptions={"type": "gauge", "mode": "basic"}),
    ]


def _overrides_of_later_versions() -> list[dict[str, Any]]:
    """Overrides that nobody here understands, one of them twice."""
    unknown = override("Reads", unit="short", custom__inspect=True)
    return [unknown, unknown, {"matcher": {"id": "byValue", "options": {}}, "properties": []}]


def _troubled_panels() -> list[dict[str, Any]]:
    silent = {"defaults": {"noValue": "no reads in this range"}, "overrides": []}
    return [
        panel(8, "timeseries", "SELECT nothing", fieldConfig=silent),
        panel(9, "stat", "SELECT broken"),
        panel(10, "geomap", READS),
        panel(
            11,
            "table",
            READS,
            form="table",
            transformations=[{"id": "organize", "options": {}}],
            fieldConfig=config("", _overrides_of_later_versions()),
        ),
    ]


def _folded_row() -> dict[str, Any]:
    inside = panel(21, "stat", FIDELITY, fieldConfig=config())
    place = {"x": 0, "y": 60, "w": 24, "h": 1}
    return {"id": 20, "type": "row", "title": "Folded", "collapsed": True, "gridPos": place, "panels": [inside]}


def made_up_sources(**changes: Any) -> MemorySources:
    given: dict[str, Any] = {
        "tables": {
            "FROM fidelity": fidelity_table(),
            "FROM reads": reads_table(),
            "FROM states": state_table(),
            "FROM devices": devices_table(),
            "FROM calibrations": calibrations_table(),
            "broken": InvalidInputError('column "broken" does not exist'),
        },
        "statuses": (
            a_status(),
            a_status(
                device="mem-hague",
                good=1990,
                remaining=-0.29,
                burn={"5m": 40.0, "1h": 17.2, "1d": 0.95},
                state="exhausted",
            ),
        ),
        "budgets": {"memory-read-success": tuple(_snapshots())},
        "alerts": (an_alert(), an_alert(alert_id=2, fired_ns=NOW_NS - DAY_NS, resolved_ns=NOW_NS - DAY_NS + HOUR_NS)),
        "last_data_ns": NOW_NS - 3_000_000_000,
        "topology": a_topology(),
        "heard": (
            Heard(entity="mem-delft", site="delft", newest_ns=NOW_NS - 2 * SECOND_NS),
            Heard(entity="backend-aurora", site="delft", newest_ns=NOW_NS - MINUTE_NS),
            Heard(entity="env-hague", site="hague", newest_ns=NOW_NS - 5 * MINUTE_NS),
        ),
    }
    return MemorySources(**given | changes)


def a_topology() -> Topology:
    entities = {"agent-delft": "agent", "cryo-delft": "cryostat", "mem-delft": "memory"}
    return Topology(
        entities=[
            *(Entity(kind=kind, id=name, site="delft") for name, kind in entities.items()),
            Entity(kind="memory", id="mem-hague", site="hague"),
            Entity(kind="backend", id="backend-aurora"),
        ],
        edges=[
            Edge(source="agent-delft", relation=Relation.WATCHES, target="cryo-delft"),
            Edge(source="agent-delft", relation=Relation.WATCHES, target="mem-delft"),
            Edge(source="cryo-delft", relation=Relation.COOLS, target="mem-delft"),
        ],
    )


def read_success() -> Objective:
    return Objective(
        name="memory-read-success",
        display_name="Reads that succeed",
        description="A stored state can be fetched.",
        service="quantum-memory",
        domain="memory",
        indicator=RatioIndicator(total=MetricQuery(metric=METRIC_MEMORY_READS, reducer=Reducer.SUM)),
        target=Decimal("0.99"),
        window_ns=28 * DAY_NS,
        tiers=(*DEFAULT_TIERS, OF_REST),
        catalogue_id="memory.M2",
        dashboards=(UID,),
        runbook="reads-fail",
        owner="memory-team",
    )


def a_status(device: str = "mem-delft", **changes: Any) -> EntityStatus:
    given: dict[str, Any] = {
        "objective": "memory-read-success",
        "labels": {"device": device},
        "time_ns": NOW_NS,
        "good": 2002,
        "total": 2016,
        "coverage": 0.98,
        "sli": 2002 / 2016,
        "remaining": 1 - 14 / 20.16,
        "burn": {"5m": 0.0, "1h": 14.0, "1d": 0.95},
        "state": "ok",
        "last_data_ns": NOW_NS,
    }
    return EntityStatus(**given | changes)


def an_alert(**changes: Any) -> AlertRecord:
    given: dict[str, Any] = {
        "alert_id": 1,
        "objective": "memory-read-success",
        "labels": {"device": "mem-hague"},
        "tier": "1h-5m",
        "severity": "page",
        "fired_ns": NOW_NS - 10 * MINUTE_NS,
        "resolved_ns": None,
        "burn_long": 17.2,
        "burn_short": 40.0,
        "threshold": 13.44,
        "long_window": "1h",
        "short_window": "5m",
    }
    return AlertRecord(**given | changes)


def _snapshots() -> list[BudgetPoint]:
    return [
        BudgetPoint(
            labels={"device": device}, time_ns=NOW_NS - (28 * 4 - step) * 6 * HOUR_NS, remaining=1 - step * slope
        )
        for step in range(28 * 4)
        for device, slope in (("mem-delft", 0.0061), ("mem-hague", 0.0116))
    ]
