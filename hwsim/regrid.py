"""From blocks to recordings: the seconds of a site's blocks, summed up in the cells that somebody asked for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, Block
from hwsim.merged import MergedSeries, Series
from hwsim.truth import TruthTrack
from model.clock import SECOND_NS
from model.recording import CountTrack, LevelTrack, Recording, SampleTrack

Int64s = NDArray[np.int64]
Float64s = NDArray[np.float64]


def cut_recording(site: str, blocks: Sequence[Block], edges_ns: Int64s) -> Recording:
    """Return what the blocks hold of the cells between the edges; the blocks must cover them without a gap."""
    grid = _Grid(blocks, edges_ns)
    start_ns, end_ns = int(edges_ns[0]), int(edges_ns[-1])
    happenings = [h for b in blocks for h in b.tracks.happenings if start_ns < h.time_ns <= end_ns]
    return Recording(
        site=site,
        edges_ns=edges_ns,
        counts=grid.counts(),
        samples=grid.samples(),
        levels=grid.levels(),
        happenings=sorted(happenings, key=lambda happening: happening.time_ns),
        stages=[s for b in blocks for s in b.tracks.stages if start_ns < (s.told_ns or s.end_ns) <= end_ns],
    )


def cut_truths(blocks: Sequence[Block], start_ns: int, end_ns: int) -> list[TruthTrack]:
    """Return the ground truth of `(start_ns, end_ns]`, one track per quantity."""
    pieces: dict[tuple[str, str], list[TruthTrack]] = defaultdict(list)
    for block in blocks:
        for track in block.truths():
            pieces[track.entity, track.quantity].append(track)
    return [_join(tracks, start_ns, end_ns) for tracks in pieces.values()]


def _join(tracks: Sequence[TruthTrack], start_ns: int, end_ns: int) -> TruthTrack:
    first = tracks[0]
    times_ns = np.concatenate([track.times_ns for track in tracks])
    wanted = (times_ns > start_ns) & (times_ns <= end_ns)
    return TruthTrack(
        entity=first.entity,
        kind=first.kind,
        quantity=first.quantity,
        low=first.low,
        high=first.high,
        times_ns=times_ns[wanted],
        values=np.concatenate([np.broadcast_to(track.values, track.times_ns.shape) for track in tracks])[wanted],
    )


def _series(tracks: Iterable[Iterable[Series]]) -> dict[Series, None]:
    """Return every series once, in the order in which they first appear."""
    return dict.fromkeys(series for of_block in tracks for series in of_block)


def _between(
    known: Sequence[tuple[MergedSeries, int, int, int]],
) -> Iterator[tuple[Series, Int64s, Float64s]]:
    """Yield the moments and values of each series in some stretch of blocks that follow one another.

    Each block comes with what its moments count from, and with the first moment and one past the last.
    """
    for series in _series(merged.told(first, last) for merged, _, first, last in known):
        moments, values = [], []
        for merged, origin, first, last in known:
            column = merged.between(series, first, last)
            if column is not None and len(column[0]):
                moments.append(origin + column[0] if origin else column[0])
                values.append(column[1])
        if moments:
            yield series, np.concatenate(moments), np.concatenate(values)


class _Grid:
    """The cells, in seconds since the first block's start."""

    def __init__(self, blocks: Sequence[Block], edges_ns: Int64s) -> None:
        self._blocks = blocks
        self._counts = [block.tracks.counts for block in blocks]
        self._unheard = [block.tracks.unheard for block in blocks]
        self._start_ns, self._end_ns = int(edges_ns[0]), int(edges_ns[-1])
        self._edges_s = edges_ns // SECOND_NS - blocks[0].start_ns // SECOND_NS
        self._filled = np.flatnonzero(np.diff(self._edges_s) > 0)  # a cell may be shorter than a second
        self._parts = [self._part(number) for number in range(len(blocks))] if len(self._filled) else []

    def counts(self) -> list[CountTrack]:
        """Return all counters' increments per cell; none of which nothing was heard."""
        series = _series(self._counts)
        tracks = (self._whole(each) if self._is_whole(each) else self._with_gaps(each) for each in series)
        return [track for track in tracks if len(track.cells)]

    def _is_whole(self, series: Series) -> bool:
        """Return whether a counter was heard throughout, as nearly all are."""
        return all(series in counts for counts in self._counts) and not any(
            series in unheard for unheard in self._unheard
        )

    def _whole(self, series: Series) -> CountTrack:
        tracks = [counts[series] for counts in self._counts]
        sums: NDArray[Any] = np.zeros(len(self._filled), dtype=tracks[0].dtype)
        for track, (cells, seconds, starts) in zip(tracks, self._parts, strict=False):
            sums[cells] += np.add.reduceat(track[seconds], starts)
        return CountTrack(metric=series[0], attributes=series[1], cells=self._filled, values=sums)

    def _part(self, number: int) -> tuple[slice, slice, Int64s]:
        """Return the cells in which a block has a part, the seconds of it that were asked for, and the cells' starts.

        The starts count from the first of these seconds.
        """
        starts = self._edges_s[self._filled] - number * BLOCK_S
        first, last = np.clip(self._edges_s[[0, -1]] - number * BLOCK_S, 0, BLOCK_S).tolist()
        cells = slice(np.searchsorted(starts, first, side="right") - 1, np.searchsorted(starts, last, side="left"))
        return cells, slice(first, last), np.maximum(starts[cells] - first, 0)

    def _with_gaps(self, series: Series) -> CountTrack:
        """Return a counter's increments per cell; a cell of which nothing was heard is left out."""
        parts = [counts.get(series) for counts in self._counts]
        kind = next(part.dtype for part in parts if part is not None)
        silence = np.zeros(BLOCK_S, dtype=kind)
        values = np.concatenate([silence if part is None else part for part in parts])
        heard = np.concatenate([self._heard(number, series) for number in range(len(self._blocks))])
        if not heard.all():
            values = np.where(heard, values, 0)
        starts = self._edges_s[self._filled]
        last = int(self._edges_s[-1])
        sums = np.add.reduceat(values[:last], starts) if len(starts) else values[:0]
        told = np.logical_or.reduceat(heard[:last], starts) if len(starts) else heard[:0]
        metric, identity = series
        return CountTrack(metric=metric, attributes=identity, cells=self._filled[told], values=sums[told])

    def samples(self) -> list[SampleTrack]:
        """Return the histograms' samples cell by cell, in order of time."""
        first, last = int(self._edges_s[0]), int(self._edges_s[-1])
        known = [
            (block.merged_samples, number * BLOCK_S, first - number * BLOCK_S, last - number * BLOCK_S)
            for number, block in enumerate(self._blocks)
        ]
        tracks = []
        for series, seconds, values in _between(known):
            ends = np.searchsorted(seconds, self._edges_s)
            numbers = np.diff(ends)
            cells = np.flatnonzero(numbers)
            splits = np.concatenate([[0], np.cumsum(numbers[cells])])
            metric, identity = series
            tracks.append(SampleTrack(metric=metric, attributes=identity, cells=cells, splits=splits, values=values))
        return tracks

    def levels(self) -> list[LevelTrack]:
        """Return the gauges' values in order of time."""
        first, last = self._start_ns + 1, self._end_ns + 1
        known = [(block.merged_levels, 0, first, last) for block in self._blocks]
        return [
            LevelTrack(metric=metric, attributes=identity, times_ns=times_ns, values=values)
            for (metric, identity), times_ns, values in _between(known)
        ]

    def _heard(self, number: int, series: Series) -> NDArray[np.bool_]:
        """Return the seconds of a block in which something was heard of a counter."""
        if series not in self._counts[number]:
            return np.zeros(BLOCK_S, dtype=np.bool_)
        unheard = self._unheard[number].get(series)
        return np.ones(BLOCK_S, dtype=np.bool_) if unheard is None else ~unheard
