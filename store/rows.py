"""What the store takes and gives besides telemetry: objectives, SLI minutes, budgets, alerts, events, series values.

Groups are `model.queries.Group`, times are nanoseconds, ratios 0..1. Readers in other folders declare Protocols that
these fit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.queries import Group

BURN_WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
"""The windows whose burn rates a budget snapshot holds."""


class CountedMinute(Protocol):
    """Good and all events of one minute and group; `slo.objective.SliMinute` is one."""

    @property
    def group(self) -> Group:
        """Return the entity."""
        ...

    @property
    def minute_ns(self) -> int:
        """Return the start of the minute."""
        ...

    @property
    def good(self) -> int:
        """Return the good events."""
        ...

    @property
    def total(self) -> int:
        """Return all events."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveRow:
    """An objective in force; `definition` is everything about it that has no column, as JSON values."""

    name: str
    display_name: str
    description: str
    service: str
    domain: str
    target: float
    window_ns: int
    budgeting_method: str
    catalogue_id: str = ""
    owner: str = ""
    runbook: str = ""
    definition: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRow:
    """What an objective said from `since_ns` on; `counting` changes when it counts the same telemetry differently."""

    objective: str
    since_ns: int
    counting: str
    definition: Mapping[str, object]
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """Up to where minutes have been judged, and the moment at which some of them are corrected."""

    to_ns: int
    now_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SliRevision:
    """A correction of a judged minute: its good and total events before and after, None for no data."""

    group: Group
    minute_ns: int
    corrected_ns: int
    before: tuple[int, int] | None
    after: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SliColumns:
    """The minutes with data of one entity, ascending."""

    group: Group
    minute_ns: NDArray[np.int64]
    good: NDArray[np.int64]
    total: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRow:
    """A snapshot of one entity's error budget; `burn` maps windows of BURN_WINDOWS to burn rates."""

    objective: str
    group: Group
    time_ns: int
    good: int
    total: int
    coverage: float | None
    sli: float | None
    remaining: float | None
    burn: Mapping[str, float | None]
    state: str

    @property
    def labels(self) -> dict[str, str]:
        """Return the group as a mapping."""
        return dict(self.group)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """One alert; `resolved_ns` is None while it fires, `alert_id` 0 before it is stored."""

    objective: str
    group: Group
    tier: str
    severity: str
    fired_ns: int
    threshold: float
    long_window: str
    short_window: str
    burn_long: float | None = None
    burn_short: float | None = None
    resolved_ns: int | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    alert_id: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)  # labels beside the group

    @property
    def labels(self) -> dict[str, str]:
        """Return the group as a mapping."""
        return dict(self.group)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """Something that happened; `attributes` as they were sent, resource attributes included."""

    time_ns: int
    name: str
    severity: str
    body: str
    attributes: Mapping[str, object]
    site: str = ""
    device: str = ""
    link: str = ""
    backend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesValues:
    """One series step by step: `time_ns` is the start of each step with data, ascending."""

    group: Group
    time_ns: NDArray[np.int64]
    value: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """A column of an answer; `kind` is one of time, number, boolean, string, other."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRows:
    """The answer to a query, cut at the row limit if `truncated`."""

    columns: tuple[TableColumn, ...]
    rows: list[tuple[object, ...]]
    truncated: bool = False
