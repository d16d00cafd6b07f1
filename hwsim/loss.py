"""What an agent can lose besides whole stretches of telemetry (`BlockTracks.mute`): traces and calibration sets."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hwsim.block import Block
from hwsim.tracks import Bools
from model.attributes import Attributes
from model.clock import SECOND_NS
from model.names import EVENT_CALIBRATION, EVENT_CALIBRATION_START, calibrated_of

_CALIBRATION_EVENTS = (EVENT_CALIBRATION_START, EVENT_CALIBRATION)
SpeaksFor = Callable[[Attributes], bool]
Int64s = NDArray[np.int64]


def second_of(block: Block, times_ns: Int64s) -> Int64s:
    """Return the second of the block in which each moment lies."""
    return np.clip((times_ns - block.start_ns - 1) // SECOND_NS, 0, len(block.ends_ns) - 1)


def trace_ends_ns(block: Block, speaks_for: SpeaksFor) -> Int64s:
    """Return when each trace of the block is told: with the stage that has no parent."""
    ends = [s.told_ns or s.end_ns for s in block.tracks.stages if s.parent is None and speaks_for(s.attributes)]
    return np.array(ends, dtype=np.int64)


def lose_stages(block: Block, marked: Bools, speaks_for: SpeaksFor) -> None:
    """Lose every stage that is told in a marked second."""
    stages = block.tracks.stages
    block.tracks.stages = [
        s for s in stages if not (_is_in(block, s.told_ns or s.end_ns, marked) and speaks_for(s.attributes))
    ]


def estimate_times_ns(block: Block, speaks_for: SpeaksFor) -> Int64s:
    """Return the moment of each estimate of the block that comes with its calibration set."""
    suffix = calibrated_of("")
    times = [
        times
        for (metric, about), parts in block.tracks.levels.items()
        if metric.endswith(suffix) and speaks_for(about)
        for times, _ in parts
    ]
    return np.concatenate(times) if times else np.zeros(0, dtype=np.int64)


def lose_calibrations(block: Block, marked: Bools, speaks_for: SpeaksFor) -> None:
    """Lose, in the marked seconds, calibration events and the calibration set of each estimate."""
    tracks, suffix = block.tracks, calibrated_of("")
    for series in [s for s in tracks.levels if s[0].endswith(suffix) and speaks_for(s[1])]:
        kept = [(times, values, ~marked[second_of(block, times)]) for times, values in tracks.levels[series]]
        tracks.levels[series] = [(times[keep], values[keep]) for times, values, keep in kept]
    tracks.happenings = [
        h
        for h in tracks.happenings
        if not (h.event in _CALIBRATION_EVENTS and _is_in(block, h.time_ns, marked) and speaks_for(h.attributes))
    ]


def _is_in(block: Block, when_ns: int, marked: Bools) -> bool:
    return bool(marked[second_of(block, np.array([when_ns]))[0]])
