"""The observable that a fault must move, as the catalogue names it, and how it is read from recordings.

A signal is one number per cell of a recording: what an operator would plot. Its direction is where a fault drives it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from hwsim.documents import Reader
from model.attributes import Attributes
from model.recording import Recording

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]


class Reduce(StrEnum):
    """How the points of a cell become one number."""

    SUM = "sum"  # of counters; of histograms the number of samples
    SHARE = "share"  # of the selected increments in all increments of the same metric
    RATIO = "ratio"  # of the sum in the sum of `over`
    MEAN = "mean"  # of gauge values or of single samples
    MAX = "max"
    MIN = "min"
    EVENTS = "events"  # happenings of that name
    POINTS = "points"  # points of whatever kind: falls when telemetry goes missing


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalQuery:
    """What to read: a metric or an event, filtered by attributes; `{entity}` stands for the struck entity's id."""

    metric: str
    reduce: Reduce
    direction: int
    where: Attributes = ()
    over: str = ""

    def read(self, recordings: Sequence[Recording], entity_id: str) -> Float64s:
        """Return one number per cell over all sites, not a number where there is nothing to tell.

        The recordings must have the same cells.
        """
        where = {key: str(value).replace("{entity}", entity_id) for key, value in self.where}
        cells = len(recordings[0].edges_ns) - 1
        gathered = _Cells(cells)
        for recording in recordings:
            gathered.add(recording, self, where)
        return gathered.reduce(self.reduce)


def read_signal(entry: Reader) -> SignalQuery:
    """Read the mapping `signal` of a fault."""
    return SignalQuery(
        metric=entry.text("metric"),
        reduce=Reduce(entry.one_of("reduce", tuple(Reduce))),
        direction=1 if entry.one_of("direction", ("up", "down")) == "up" else -1,
        where=tuple(sorted(entry.mapping("where").items())),
        over=entry.text("over", "-").removeprefix("-"),
    )


class _Cells:
    """Sums, numbers and extremes per cell, being gathered."""

    def __init__(self, cells: int) -> None:
        self._cells = cells
        self.sum, self.number, self.whole, self.points, self.events = (np.zeros(cells) for _ in range(5))
        self.low, self.high = np.full(cells, np.inf), np.full(cells, -np.inf)

    def add(self, recording: Recording, query: SignalQuery, where: dict[str, str]) -> None:
        """Take in one site's recording."""
        for count in recording.counts:
            if count.metric == (query.over or query.metric):
                np.add.at(self.whole, count.cells, count.values)
        for cells, values, told in _selected(recording, query.metric, where):
            np.add.at(self.sum, cells, values)
            np.add.at(self.number, cells, 1)
            np.minimum.at(self.low, cells, values)
            np.maximum.at(self.high, cells, values)
            np.add.at(self.points, told, 1)
        for happening in recording.happenings:
            if happening.event == query.metric and _fits(happening.attributes, where):
                self.events[_cell(recording, np.array([happening.time_ns]))] += 1

    def reduce(self, how: Reduce) -> Float64s:
        """Return the number of each cell."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return {
                Reduce.SUM: self.sum,
                Reduce.SHARE: self.sum / self.whole,
                Reduce.RATIO: self.sum / self.whole,
                Reduce.MEAN: self.sum / self.number,
                Reduce.MAX: np.where(self.number > 0, self.high, np.nan),
                Reduce.MIN: np.where(self.number > 0, self.low, np.nan),
                Reduce.EVENTS: self.events,
                Reduce.POINTS: self.points,
            }[how]


def _selected(recording: Recording, metric: str, where: dict[str, str]) -> Iterator[tuple[Int64s, Float64s, Int64s]]:
    """Yield, for each fitting series, the cell of each value, the values, and the cells of its points."""
    for count in recording.counts:
        if count.metric == metric and _fits(count.attributes, where):
            yield count.cells, np.asarray(count.values, dtype=np.float64), count.cells
    for level in recording.levels:
        if level.metric == metric and _fits(level.attributes, where):
            cells = _cell(recording, level.times_ns)
            yield cells, level.values, cells
    for samples in recording.samples:
        if samples.metric == metric and _fits(samples.attributes, where):
            yield np.repeat(samples.cells, np.diff(samples.splits)), samples.values, samples.cells


def _cell(recording: Recording, times_ns: Int64s) -> Int64s:
    return np.searchsorted(recording.edges_ns, times_ns, side="left") - 1


def _fits(attributes: Attributes, where: dict[str, str]) -> bool:
    known = dict(attributes)
    return all(str(known.get(key)) == value for key, value in where.items())
