"""Collects what devices report during one step and turns it into `Readings`.

Devices may report the same series several times within a step (a fault that begins in the middle cuts it in
two); the tally adds the counts and joins the samples, so that a step yields one reading per series.
"""

import numpy as np
from numpy.typing import NDArray

from model.attributes import Attributes
from model.readings import Count, Happening, Level, Readings, Samples, Stage


class Tally:
    """The readings of one site over `(start_ns, end_ns]`, being collected."""

    def __init__(self, *, site: str, start_ns: int, end_ns: int) -> None:
        self.site = site
        self.start_ns = start_ns
        self.end_ns = end_ns
        self._counts: dict[tuple[str, Attributes], int] = {}
        self._samples: dict[tuple[str, Attributes], list[NDArray[np.float64]]] = {}
        self._levels: list[Level] = []
        self._happenings: list[Happening] = []
        self._stages: list[Stage] = []

    def count(self, metric: str, identity: Attributes, value: int) -> None:
        """Add to a counter. Zero is reported too: a device that counts nothing is not silent."""
        key = (metric, identity)
        self._counts[key] = self._counts.get(key, 0) + int(value)

    def samples(self, metric: str, identity: Attributes, values: NDArray[np.float64]) -> None:
        """Add single values to a histogram; none at all leave no trace."""
        if len(values):
            self._samples.setdefault((metric, identity), []).append(values)

    def level(self, metric: str, identity: Attributes, value: float, measured_at_ns: int) -> None:
        """Report a gauge value."""
        self._levels.append(
            Level(metric=metric, attributes=identity, value=float(value), measured_at_ns=measured_at_ns)
        )

    def happening(self, happening: Happening) -> None:
        """Report an event."""
        self._happenings.append(happening)

    def stage(self, stage: Stage) -> None:
        """Report a step of a traced job."""
        self._stages.append(stage)

    def readings(self) -> Readings:
        """Return everything collected."""
        return Readings(
            site=self.site,
            start_ns=self.start_ns,
            end_ns=self.end_ns,
            counts=[Count(metric=m, attributes=a, value=v) for (m, a), v in self._counts.items()],
            levels=self._levels,
            samples=[
                Samples(metric=m, attributes=a, values=parts[0] if len(parts) == 1 else np.concatenate(parts))
                for (m, a), parts in self._samples.items()
            ],
            happenings=sorted(self._happenings, key=lambda happening: happening.time_ns),
            stages=self._stages,
        )
