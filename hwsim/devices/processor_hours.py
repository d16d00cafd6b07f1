"""When a processor is closed to users: daily calibration, and outages. A pure function of time and of the faults."""

from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_NS, BLOCK_S
from hwsim.conditions import Conditions
from hwsim.devices.processor_preset import OUTAGE
from hwsim.maintenance import CALIBRATION_NS, Maintenance
from model.clock import SECOND_NS

CALIBRATION: Final = "calibration"
_DURATION_SPREAD = 0.25  # a calibration takes up to this share more or less than usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """A stretch of a block, in seconds since its start, in which no job may start; an outage ends what runs."""

    begin_s: float
    end_s: float
    reason: str


class OpeningHours:
    """The closures of one processor, block by block."""

    def __init__(
        self, processor_id: str, conditions: Conditions, maintenance: Maintenance, *, calibration_s: float
    ) -> None:
        self._id = processor_id
        self._conditions = conditions
        self._maintenance = maintenance
        self._calibration_s = calibration_s

    def calibrations(self, start_ns: int, end_ns: int) -> list[tuple[int, float]]:
        """Return the calibrations that finish in `(start_ns, end_ns]`, each with its duration in seconds."""
        finished = self._maintenance.calibrations(start_ns, end_ns) if self._calibration_s else []
        return [(when_ns, self._duration_s(when_ns)) for when_ns in finished]

    def lasts_ns(self, when_ns: int) -> int:
        """Return how long the calibration takes that finishes at a moment."""
        return round(self._duration_s(when_ns) * SECOND_NS) if self._calibration_s else CALIBRATION_NS

    def closures(self, block_start_ns: int) -> list[Closure]:
        """Return the closures that lie in the block, cut at its ends."""
        latest_ns = block_start_ns + BLOCK_NS + round(self._calibration_s * (1 + _DURATION_SPREAD) * SECOND_NS)
        windows = [
            ((when_ns - block_start_ns) / SECOND_NS - duration_s, (when_ns - block_start_ns) / SECOND_NS, CALIBRATION)
            for when_ns, duration_s in self.calibrations(block_start_ns, latest_ns)
        ] + [(begin_s, end_s, OUTAGE) for begin_s, end_s in self._outages(block_start_ns)]
        return [
            Closure(begin_s=max(begin_s, 0.0), end_s=min(end_s, float(BLOCK_S)), reason=reason)
            for begin_s, end_s, reason in windows
            if begin_s < BLOCK_S
        ]

    def _outages(self, start_ns: int) -> list[tuple[float, float]]:
        if not self._conditions.disturbed(self._id, OUTAGE, start_ns, start_ns + BLOCK_NS):
            return []
        times_ns = start_ns + SECOND_NS * np.arange(1, BLOCK_S + 1)
        return [(float(a), float(b)) for a, b in runs(self._conditions.values(self._id, OUTAGE, 0.0, times_ns) > 0.5)]

    def _duration_s(self, when_ns: int) -> float:
        share = crc32(f"{self._id} {when_ns}".encode()) / 2**31 - 1
        return self._calibration_s * (1 + _DURATION_SPREAD * share)


def runs(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the stretches of marked entries as (first, one past the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
