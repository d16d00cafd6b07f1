"""What a site says about a stretch of time, cut into cells: `Readings` for many steps at once, in columns.

A recording of 120 cells holds the numbers of 120 readings without an object for each of them; history and game
days are made of recordings, the live agents take one cell at a time (`Recording.readings`). A track is one
series. Its `cells` say which cells have something, in order; a cell that is not named was silent.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.attributes import Attributes
from model.readings import Count, Happening, Level, Readings, Samples, Stage

Int64s = NDArray[np.int64]
Float64s = NDArray[np.float64]
_CONTENT = ("counts", "levels", "samples", "happenings", "stages")


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTrack:
    """A counter: the increment of each named cell, int64 or float64."""

    metric: str
    attributes: Attributes
    cells: Int64s
    values: Int64s | Float64s


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelTrack:
    """A gauge: values and the moments at which they stood, in order of time; several may lie in one cell."""

    metric: str
    attributes: Attributes
    times_ns: Int64s
    values: Float64s


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTrack:
    """A histogram: all single values, cell after cell; those of `cells[i]` are `values[splits[i]:splits[i + 1]]`."""

    metric: str
    attributes: Attributes
    cells: Int64s
    splits: Int64s
    values: Float64s


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Everything one source has to say; cell i is `(edges_ns[i], edges_ns[i + 1]]`."""

    site: str
    edges_ns: Int64s
    counts: list[CountTrack] = field(default_factory=list)
    levels: list[LevelTrack] = field(default_factory=list)
    samples: list[SampleTrack] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)

    @property
    def start_ns(self) -> int:
        """Return the moment after which it begins."""
        return int(self.edges_ns[0])

    @property
    def end_ns(self) -> int:
        """Return the moment with which it ends."""
        return int(self.edges_ns[-1])

    @property
    def points(self) -> int:
        """Return the number of metric points."""
        return (
            sum(len(track.cells) for track in self.counts)
            + sum(len(track.times_ns) for track in self.levels)
            + sum(len(track.cells) for track in self.samples)
        )

    def halves(self) -> "tuple[Recording, Recording] | None":
        """Return two recordings of the same cells with half of the content each; None if there is only one item."""
        items = [(name, item) for name in _CONTENT for item in getattr(self, name)]
        middle = len(items) // 2
        return (self._with(items[:middle]), self._with(items[middle:])) if middle else None

    def _with(self, items: list[tuple[str, Any]]) -> "Recording":
        content: dict[str, Any] = {name: [] for name in _CONTENT}
        for name, item in items:
            content[name].append(item)
        return replace(self, **content)

    def readings(self) -> Readings:
        """Return a recording of one cell as readings."""
        assert len(self.edges_ns) == 2
        return Readings(
            site=self.site,
            start_ns=self.start_ns,
            end_ns=self.end_ns,
            counts=[
                Count(metric=t.metric, attributes=t.attributes, value=value)
                for t in self.counts
                for value in t.values.tolist()
            ],
            levels=[
                Level(metric=t.metric, attributes=t.attributes, value=value, measured_at_ns=time_ns)
                for t in self.levels
                for time_ns, value in zip(t.times_ns.tolist(), t.values.tolist(), strict=True)
            ],
            samples=[
                Samples(metric=t.metric, attributes=t.attributes, values=t.values)
                for t in self.samples
                if len(t.values)
            ],
            happenings=self.happenings,
            stages=self.stages,
        )


def record_readings(readings: Readings) -> Recording:
    """Return readings as a recording of one cell."""
    first = np.zeros(1, dtype=np.int64)
    return Recording(
        site=readings.site,
        edges_ns=np.array([readings.start_ns, readings.end_ns]),
        counts=[
            CountTrack(metric=c.metric, attributes=c.attributes, cells=first, values=np.array([c.value]))
            for c in readings.counts
        ],
        levels=[
            LevelTrack(
                metric=each.metric,
                attributes=each.attributes,
                times_ns=np.array([each.measured_at_ns]),
                values=np.array([each.value], dtype=np.float64),
            )
            for each in readings.levels
        ],
        samples=[
            SampleTrack(
                metric=s.metric,
                attributes=s.attributes,
                cells=first,
                splits=np.array([0, len(s.values)]),
                values=s.values,
            )
            for s in readings.samples
            if len(s.values)
        ],
        happenings=readings.happenings,
        stages=readings.stages,
    )
