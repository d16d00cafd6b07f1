"""The read-only web application: SLO pages, and dashboards drawn from the JSON that Grafana gets.

`create_app` returns an ASGI application; whoever wires the parts together hands in sources that fit `WebSources`.
"""

from web.app import create_app
from web.sources import (
    AlertRecord,
    BudgetPoint,
    Column,
    ColumnKind,
    EntityStatus,
    FleetSource,
    HealthSource,
    Heard,
    IncidentRecord,
    PanelSource,
    SloSource,
    Table,
    WebSources,
)

__all__ = [
    "AlertRecord",
    "BudgetPoint",
    "Column",
    "ColumnKind",
    "EntityStatus",
    "FleetSource",
    "HealthSource",
    "Heard",
    "IncidentRecord",
    "PanelSource",
    "SloSource",
    "Table",
    "WebSources",
    "create_app",
]
