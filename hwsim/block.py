"""Two hours of simulated time: the stretch that a device lives through at once.

Blocks lie on a fixed grid of epoch time, and all randomness of a block comes from generators named by seed,
entity, purpose and block. So the events of a block are the same whatever the step in which telemetry is read,
however many workers there are and in which order sites run. What a device reports has a resolution of one
second: second i of a block is `(start_ns + i s, start_ns + (i + 1) s]`.

The length of a block is a matter of speed alone. What has a pace of its own goes by intervals of ten minutes, on the
same grid: slow drift stands still within one, and devices measure themselves once in each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final
from zlib import crc32

import numpy as np

from hwsim.conditions import Conditions
from hwsim.merged import MergedSeries
from hwsim.tracks import BlockTracks, Bools, Float64s, Int64s
from hwsim.truth import TruthTrack
from model.attributes import Attributes
from model.clock import MINUTE_NS, SECOND_NS
from model.readings import Happening, Stage

INTERVAL_NS: Final = 10 * MINUTE_NS
INTERVAL_S: Final = INTERVAL_NS // SECOND_NS
INTERVALS: Final = 12  # in a block
BLOCK_NS: Final = INTERVALS * INTERVAL_NS
BLOCK_S: Final = BLOCK_NS // SECOND_NS

_NOTHING: Final = np.zeros(BLOCK_S, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Interval:
    """Ten minutes of a block: their number since the epoch and in the block, and where they lie."""

    index: int
    place: int
    start_ns: int
    end_ns: int

    @property
    def start_s(self) -> int:
        """Return the seconds between the block's start and this interval's."""
        return self.place * INTERVAL_S

    @property
    def end_s(self) -> int:
        """Return the seconds between the block's start and this interval's end."""
        return self.start_s + INTERVAL_S

    @property
    def seconds(self) -> slice:
        """Return which seconds of the block it covers."""
        return slice(self.start_s, self.end_s)


class Block:
    """One block of one site: where devices get time, randomness and conditions, and where they report."""

    def __init__(self, index: int, *, seed: int, conditions: Conditions) -> None:
        self.index = index
        self.start_ns = index * BLOCK_NS
        self.end_ns = self.start_ns + BLOCK_NS
        self.ends_ns: Int64s = self.start_ns + SECOND_NS * np.arange(1, BLOCK_S + 1, dtype=np.int64)
        starts_ns = range(self.start_ns, self.end_ns, INTERVAL_NS)
        self.intervals = tuple(
            Interval(index * INTERVALS + place, place, start_ns, start_ns + INTERVAL_NS)
            for place, start_ns in enumerate(starts_ns)
        )
        self._tracks = BlockTracks()
        self._untold: list[Callable[[Block], None]] = []
        self._seed = seed
        self._conditions = conditions

    @property
    def interval_ends_ns(self) -> Int64s:
        """Return the moments at which the intervals end."""
        return self.ends_ns[INTERVAL_S - 1 :: INTERVAL_S]

    @property
    def tracks(self) -> BlockTracks:
        """Return what was reported so far."""
        self._tracks.lay_down_estimates()
        return self._tracks

    def rng(self, entity_id: str, purpose: str) -> np.random.Generator:
        """Return a generator that nobody else has: of this block, entity and purpose."""
        key = (self._seed, crc32(entity_id.encode()), crc32(purpose.encode()), self.index)
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))

    def is_disturbed(self, entity_id: str, name: str) -> bool:
        """Return whether a fault has a say in a parameter at any moment of the block."""
        return self._conditions.disturbed(entity_id, name, self.start_ns, self.end_ns)

    def parameter(self, entity_id: str, name: str, nominal: float) -> float | Float64s:
        """Return a parameter under the faults at work: a float while it is constant, else one value per second."""
        if not self._conditions.disturbed(entity_id, name, self.start_ns, self.end_ns):
            return nominal
        return self._conditions.values(entity_id, name, nominal, self.ends_ns)

    def each_second(self, entity_id: str, name: str, nominal: float) -> Float64s:
        """Return the same, always as an array of one value per second."""
        values = self.parameter(entity_id, name, nominal)
        return values if isinstance(values, np.ndarray) else np.full(BLOCK_S, values, dtype=np.float64)

    def parameter_at(self, entity_id: str, name: str, nominal: float, at_s: Float64s) -> Float64s:
        """Return the parameter at moments given in seconds since the block's start."""
        values = self.parameter(entity_id, name, nominal)
        return np.full(len(at_s), values) if isinstance(values, float) else values[self.second(at_s)]

    def second(self, at_s: Float64s) -> Int64s:
        """Return the second in which each moment lies, both counted from the block's start."""
        ends = np.ceil(at_s).astype(np.int64)
        return np.minimum(np.maximum(ends, 1, out=ends), BLOCK_S, out=ends) - 1

    def count(self, metric: str, identity: Attributes, per_second: Int64s | Float64s) -> None:
        """Add increments, one per second. Zeros are reported too: a device that counts nothing is not silent."""
        series, counts = (metric, identity), self._tracks.counts
        if series in counts:
            counts[series] = np.add(counts[series], per_second)
        else:
            counts[series] = per_second

    def count_at(self, metric: str, identity: Attributes, at_s: Float64s) -> None:
        """Add one for each moment, in seconds since the block's start."""
        self.count(metric, identity, np.bincount(self.second(at_s), minlength=BLOCK_S) if len(at_s) else _NOTHING)

    def samples(self, metric: str, identity: Attributes, values: Float64s, at_s: Float64s) -> None:
        """Add single values to a histogram with their moments, in seconds since the block's start."""
        if len(values):
            self._tracks.samples[metric, identity].append((self.second(at_s), values))

    def level(self, metric: str, identity: Attributes, value: float, at_ns: int) -> None:
        """Report a gauge value that stood at a moment of the block."""
        self.levels(metric, identity, np.array([value], dtype=np.float64), np.array([at_ns], dtype=np.int64))

    def levels(self, metric: str, identity: Attributes, values: Float64s, times_ns: Int64s) -> None:
        """Report gauge values with their moments, in order of time."""
        self._tracks.levels[metric, identity].append((times_ns, values))

    def estimate(
        self,
        metric: str,
        identity: Attributes,
        value: float,
        *,
        error: float,
        samples: float,
        at_ns: int,
        calibrated_ns: int,
    ) -> None:
        """Report a measured value with its standard error, the samples behind it and its calibration set.

        The set is named by the moment at which it came into force.
        """
        self._tracks.estimate((metric, identity), at_ns, (value, error, samples, calibrated_ns / SECOND_NS))

    def happening(self, happening: Happening) -> None:
        """Report an event."""
        self._tracks.happenings.append(happening)

    def stage(self, stage: Stage) -> None:
        """Report a step of a traced job; it is told when it ends."""
        self._tracks.stages.append(stage)

    def truth(
        self, entity: str, kind: str, quantity: str, values: float | Float64s, *, low: float, high: float
    ) -> None:
        """State what is really so: a constant, or one value per second, and the range in which all is well."""
        self._tracks.truths.append(
            TruthTrack(
                entity=entity,
                kind=kind,
                quantity=quantity,
                low=low,
                high=high,
                times_ns=self.ends_ns,
                values=np.asarray(values, dtype=np.float64),
            )
        )

    @cached_property
    def merged_samples(self) -> MergedSeries:
        """Return the samples of the block by second, once all its devices have reported."""
        return MergedSeries(self.tracks.samples)

    @cached_property
    def merged_levels(self) -> MergedSeries:
        """Return the levels of the block by moment, once all its devices have reported."""
        return MergedSeries(self.tracks.levels)

    def when_asked(self, tell: Callable[["Block"], None]) -> None:
        """Call `tell`, which states truths of this block, if anybody asks for them: history is made without.

        It must depend on nothing that changes after the block, and is given the block so as not to hold it: what is
        told of a block weighs megabytes, and goes with the block's last user.
        """
        self._untold.append(tell)

    def truths(self) -> list[TruthTrack]:
        """Return what is really so in the block."""
        while self._untold:
            self._untold.pop(0)(self)
        return self.tracks.truths

    def mute(self, seconds: Bools, speaks_for: Callable[[Attributes], bool]) -> None:
        """Lose what was reported in the marked seconds about the entities for which `speaks_for` is true."""
        self.tracks.mute(seconds, speaks_for, start_ns=self.start_ns)

    def moments(self, period_ns: int) -> Int64s:
        """Return the moments of the block that lie a whole number of periods after the epoch."""
        first_ns = self.start_ns + period_ns - self.start_ns % period_ns
        return np.arange(first_ns, self.end_ns + 1, period_ns)


def by_interval(at_s: Float64s) -> list[slice]:
    """Return which of the sorted moments, in seconds since the block's start, lie in each interval.

    Those beyond the block's ends count as in its first or last interval.
    """
    cuts = np.searchsorted(at_s, INTERVAL_S * np.arange(1, INTERVALS), side="right").tolist()
    return [slice(start, stop) for start, stop in pairwise([0, *cuts, len(at_s)])]


def interval_of(second: Int64s) -> Int64s:
    """Return the interval in which each second of a block lies, by its place in the block."""
    return second // INTERVAL_S


def recurring(start_ns: int, end_ns: int, period_ns: int, offset_ns: int = 0) -> list[int]:
    """Return the moments in `(start_ns, end_ns]` that lie a whole number of periods after `offset_ns`."""
    first_ns = start_ns + period_ns - (start_ns - offset_ns) % period_ns
    return list(range(first_ns, end_ns + 1, period_ns))
