"""What a device says about a stretch of time, before any wire format.

Simulated and real sources answer with `Readings`; the exporters turn the same readings into OpenTelemetry
SDK calls (live) or OTLP requests (virtual time). Counts are increments over the window, never totals.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.attributes import Attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How often something happened in the window; for counters."""

    metric: str
    attributes: Attributes
    value: int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A value that stood at `measured_at_ns`; for gauges."""

    metric: str
    attributes: Attributes
    value: float
    measured_at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """The single values seen in the window; for histograms. `values` is one-dimensional, float64."""

    metric: str
    attributes: Attributes
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened at a moment: calibration, firmware or configuration change, alarm. An OTLP log."""

    event: str
    attributes: Attributes
    time_ns: int
    body: str = ""
    severity: str = "INFO"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A step of a job with its duration: one OTLP span. `parent` is the name of a stage of the same trace.

    `told_ns` is when it is reported, if that is later than its end: whoever chooses traces by their outcome waits.
    """

    trace: str
    name: str
    attributes: Attributes
    start_ns: int
    end_ns: int
    parent: str | None = None
    failed: bool = False
    told_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Everything one source has to say about `(start_ns, end_ns]`."""

    site: str
    start_ns: int
    end_ns: int
    counts: list[Count] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    samples: list[Samples] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
