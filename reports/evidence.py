"""What a postmortem may look at: series and change events around an incident, and who acts on whom.

Plain values, filled by whoever has the telemetry. Nothing here knows a fault id or where the data came from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.topology import Topology
from model.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSeries:
    """One series by the minute: `minute_ns` int64 ascending, `value` float64 of the same length.

    `entity` is the id that the topology knows; `part` tells apart several series of one entity and metric, such as
    the stages of a cryostat.
    """

    entity: str
    metric: str
    part: str
    minute_ns: NDArray[np.int64]
    value: NDArray[np.float64]
    labels: tuple[tuple[str, str], ...] = ()
    """What tells the part apart, as (column, value) pairs; empty where nobody said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEvent:
    """A calibration, or a change of firmware, configuration, credentials or software."""

    entity: str
    event: str
    time_ns: int
    text: str


class Evidence(Protocol):
    """Reads telemetry around an incident."""

    def read_topology(self) -> Topology:
        """Return what acts on what."""
        ...

    def read_evidence(self, metrics: Sequence[str], window: Window) -> Iterable[tuple[str, list[EvidenceSeries]]]:
        """Return each metric with its series inside the window: counters as sums, others as means per minute."""
        ...

    def read_changes(self, window: Window) -> Iterable[ChangeEvent]:
        """Return the change events inside the window."""
        ...
