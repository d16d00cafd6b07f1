"""What the web application reads: panel queries, SLO status, alerts, incidents, data freshness.

`store` happens to fit these Protocols, `herald/wiring.py` joins them; a list of made-up rows in a test does too.
Every method may be called from several threads at once and raises `model.errors.HeraldError` only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from model.cancellation import Cancellation
from model.incidents import IncidentFacts
from model.topology import Topology
from model.windows import Window


class ColumnKind(StrEnum):
    """What a column of an answer holds."""

    TIME = "time"
    NUMBER = "number"
    BOOLEAN = "boolean"
    STRING = "string"
    JSON = "other"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an answer: its name as the query spelt it, and what it holds."""

    name: str
    kind: ColumnKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The answer to one query: rows of Python values (aware datetimes for times), cut after the row limit."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityStatus:
    """The newest budget snapshot of one objective and one entity.

    `remaining` is the share of the error budget left (negative when overspent), None without events; `burn` maps a
    window such as `1h` to its burn rate; `state` is ok, at_risk, exhausted or no_data.
    """

    objective: str
    labels: Mapping[str, str]
    time_ns: int
    good: int
    total: int
    coverage: float | None
    sli: float | None
    remaining: float | None
    burn: Mapping[str, float | None]
    state: str
    last_data_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetPoint:
    """One past budget snapshot of an entity, for the burn-down."""

    labels: Mapping[str, str]
    time_ns: int
    remaining: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRecord:
    """One alert that fired; `resolved_ns` is None while it fires. Burn rates are those at the moment it fired."""

    alert_id: int
    objective: str
    labels: Mapping[str, str]
    tier: str
    severity: str
    fired_ns: int
    resolved_ns: int | None
    burn_long: float | None = None
    burn_short: float | None = None
    threshold: float | None = None
    long_window: str = ""
    short_window: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)
    incident_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRecord(IncidentFacts):
    """One incident. `notes` are (time in ns, author, text); `sites`, where asked for, is where its entities stand."""

    incident_id: int
    state: str
    sites: tuple[str, ...] = ()
    notes: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """When something was heard of last: the time of its newest point. `entity` is empty for a site's own numbers."""

    entity: str
    site: str
    newest_ns: int


class PanelSource(Protocol):
    """Runs the SQL of dashboard panels, variables and annotations."""

    def read_table(
        self, sql: str, *, row_limit: int, timeout_s: float, cancellation: Cancellation | None = None
    ) -> Table:
        """Run one statement in a read-only transaction and return at most `row_limit` rows.

        Raises InvalidInputError when the database refuses the statement or it takes longer than `timeout_s`,
        CancelledError when `cancellation` ended it, and DatabaseUnavailableError when no database answers.
        """
        ...


class SloSource(Protocol):
    """Reads what the engine wrote about objectives."""

    def read_statuses(self) -> Sequence[EntityStatus]:
        """Return the newest status of every objective and entity."""
        ...

    def read_budgets(self, objective: str, window: Window) -> Sequence[BudgetPoint]:
        """Return the budget snapshots of one objective inside the window, ascending in time."""
        ...

    def read_alerts(self, window: Window) -> Sequence[AlertRecord]:
        """Return every alert that was firing at some moment of the window, newest first."""
        ...

    def read_alerts_of(self, alert_ids: Sequence[int]) -> Sequence[AlertRecord]:
        """Return these alerts, oldest first."""
        ...

    def read_incidents(self, window: Window) -> Sequence[IncidentRecord]:
        """Return the incidents that are not resolved, then those that were open at some moment of the window."""
        ...

    def read_incident(self, incident_id: int) -> IncidentRecord | None:
        """Return one incident with its sites, None if there is no such."""
        ...


class HealthSource(Protocol):
    """Says whether the database answers and how old its data is."""

    def read_last_data_ns(self) -> int | None:
        """Return the time of the newest point, None where nothing is stored. Raises DatabaseUnavailableError."""
        ...


class FleetSource(Protocol):
    """Says what the fleet consists of and when each part was heard of last."""

    def read_topology(self) -> Topology:
        """Return what acts on what, as the agents have said so far."""
        ...

    def read_heard(self) -> Sequence[Heard]:
        """Return when every entity was heard of last."""
        ...


class WebSources(PanelSource, SloSource, HealthSource, FleetSource, Protocol):
    """Everything the web application reads."""
