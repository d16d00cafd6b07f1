"""PostgreSQL and TimescaleDB: schema, writer, reader, retention, and the database that Herald brings along.

Every SQL statement of the product except those of dashboard panels is in `sql/` and `migrations/`; psycopg is used
here and nowhere else. Knows telemetry as rows and counts; what they mean for an objective is computed in `slo`.
"""

from store.access import AccessStore, AuditEntry
from store.census import SeriesCensus, number_series
from store.database import (
    Capabilities,
    connect,
    create_database,
    database_exists,
    drop_database,
    render_url,
    throwaway_database,
)
from store.embedded import EmbeddedServer, ServerRunningError, attach_or_start, running_url
from store.exclusions import ExclusionRow
from store.incidents import IncidentRow, NoteRow, PinRow
from store.leadership import Leadership
from store.migrations import DatabaseTooNewError, MigrationStatus, migrate, read_migration_status
from store.postmortem_queries import PostmortemQuery, ask_range, list_postmortem_queries
from store.query import QueryRunner, run_readonly
from store.retention import Forgotten, apply_retention, pin, prepare_weeks
from store.rollups import Refreshed, RollupStore
from store.rows import (
    BURN_WINDOWS,
    AlertRow,
    BudgetRow,
    EventRow,
    GenerationRow,
    Judgement,
    ObjectiveRow,
    SeriesValues,
    SliColumns,
    SliRevision,
    TableColumn,
    TableRows,
)
from store.store import Store
from store.thinning import thin_budgets
from store.writer import Writer

__all__ = [
    "BURN_WINDOWS",
    "AccessStore",
    "AlertRow",
    "AuditEntry",
    "BudgetRow",
    "Capabilities",
    "DatabaseTooNewError",
    "EmbeddedServer",
    "EventRow",
    "ExclusionRow",
    "Forgotten",
    "GenerationRow",
    "IncidentRow",
    "Judgement",
    "Leadership",
    "MigrationStatus",
    "NoteRow",
    "ObjectiveRow",
    "PinRow",
    "PostmortemQuery",
    "QueryRunner",
    "Refreshed",
    "RollupStore",
    "SeriesCensus",
    "SeriesValues",
    "ServerRunningError",
    "SliColumns",
    "SliRevision",
    "Store",
    "TableColumn",
    "TableRows",
    "Writer",
    "apply_retention",
    "ask_range",
    "attach_or_start",
    "connect",
    "create_database",
    "database_exists",
    "drop_database",
    "list_postmortem_queries",
    "migrate",
    "number_series",
    "pin",
    "prepare_weeks",
    "read_migration_status",
    "render_url",
    "run_readonly",
    "running_url",
    "thin_budgets",
    "throwaway_database",
]
