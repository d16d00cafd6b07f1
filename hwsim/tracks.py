"""What a block was told, by series, and what of it is lost when nobody passes it on."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hwsim.merged import Series
from hwsim.truth import TruthTrack
from model.attributes import Attributes
from model.clock import SECOND_NS
from model.names import calibrated_of, error_of, samples_of
from model.readings import Happening, Stage

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]
Numbers = tuple[float, float, float, float]
"""Of an estimate: value, standard error, number of samples, and the calibration set by its moment in seconds."""


@dataclass(slots=True)
class BlockTracks:
    """What was reported in a block, by series; `unheard` marks the seconds of a counter that no agent passed on.

    Samples stand with the second in which they fell, levels with their moment. A truth that is constant throughout
    the block has a single value.
    """

    counts: dict[Series, Int64s | Float64s] = field(default_factory=dict)
    samples: dict[Series, list[tuple[Int64s, Float64s]]] = field(default_factory=lambda: defaultdict(list))
    levels: dict[Series, list[tuple[Int64s, Float64s]]] = field(default_factory=lambda: defaultdict(list))
    happenings: list[Happening] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    unheard: dict[Series, Bools] = field(default_factory=dict)
    truths: list[TruthTrack] = field(default_factory=list)
    _estimates: dict[Series, tuple[list[int], list[Numbers]]] = field(default_factory=dict)

    def estimate(self, series: Series, at_ns: int, numbers: Numbers) -> None:
        """Keep an estimate until all of its block are laid down at once."""
        if series not in self._estimates:
            self._estimates[series] = ([], [])
            for name in _estimate_names(series[0]):
                self.levels.setdefault((name, series[1]), [])  # its place among the series
        moments_ns, rows = self._estimates[series]
        moments_ns.append(at_ns)
        rows.append(numbers)

    def lay_down_estimates(self) -> None:
        """Make levels of the estimates: of their values and of what comes with them."""
        for (metric, identity), (moments_ns, rows) in self._estimates.items():
            times_ns = np.array(moments_ns, dtype=np.int64)
            columns = np.array(rows, dtype=np.float64).T.copy()
            for name, column in zip(_estimate_names(metric), columns, strict=True):
                self.levels[name, identity].append((times_ns, column))
        self._estimates.clear()

    def mute(self, seconds: Bools, speaks_for: Callable[[Attributes], bool], *, start_ns: int) -> None:
        """Lose what was reported in the marked seconds about the entities for which `speaks_for` is true."""

        def marked(times_ns: Int64s) -> Bools:
            return seconds[np.clip((times_ns - start_ns - 1) // SECOND_NS, 0, len(seconds) - 1)]

        def is_lost(about: Attributes, when_ns: int) -> bool:
            return speaks_for(about) and bool(marked(np.array([when_ns]))[0])

        for series in [s for s in self.counts if speaks_for(s[1])]:
            self.unheard[series] = self.unheard.get(series, False) | seconds
        for series in [s for s in self.samples if speaks_for(s[1])]:
            self.samples[series] = [(at[~seconds[at]], v[~seconds[at]]) for at, v in self.samples[series]]
        for series in [s for s in self.levels if speaks_for(s[1])]:
            kept = [(times_ns, values, ~marked(times_ns)) for times_ns, values in self.levels[series]]
            self.levels[series] = [(times_ns[keep], values[keep]) for times_ns, values, keep in kept]
        self.happenings = [h for h in self.happenings if not is_lost(h.attributes, h.time_ns)]
        self.stages = [s for s in self.stages if not is_lost(s.attributes, s.told_ns or s.end_ns)]


@cache
def _estimate_names(metric: str) -> tuple[str, ...]:
    return metric, error_of(metric), samples_of(metric), calibrated_of(metric)
