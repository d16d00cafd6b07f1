"""The bank's coherence times, measured every ten minutes on at most 16 slots in turn, and what follows from them.

Once an hour T1 is measured too, the echo curve of one slot is kept point by point, and the bank says for how long it
can hold a state.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.block import Block, Interval
from hwsim.devices.memory.decay_scan import Estimate, Scan, measure_decay_times
from hwsim.devices.memory.lifetimes import ExtraRates, Lifetimes, shortened
from hwsim.devices.memory.preset import MemoryPreset
from hwsim.physics.storage_lifetime import longest_hold_s
from model.attributes import attributes
from model.clock import HOUR_NS
from model.names import (
    ATTR_DECAY_CURVE,
    ATTR_DEVICE_ID,
    ATTR_SLOT_ID,
    EVENT_MEMORY_DECAY,
    METRIC_MEMORY_STORAGE_LIFETIME,
    METRIC_MEMORY_T1,
    METRIC_MEMORY_T2,
)
from model.readings import Happening

GOOD_FIDELITY = 0.9
"""The floor of a good retrieval (catalogue memory.X2)."""

_SLOTS_A_SCAN = 16

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Planned:
    """A scan of some slots: what is true of them, what is expected, with how many shots, and when."""

    metric: str
    slots: Int64s
    true_s: Float64s
    expected_s: float
    shots: float
    floor: float
    at_ns: int
    calibrated_ns: int
    is_hourly: bool


class LifetimeScans:
    """Inversion recovery and Hahn echo on the slots of one bank. A preset without shots for T1 does not scan it."""

    def __init__(self, bank_id: str, slots: int, preset: MemoryPreset, lifetimes: Lifetimes) -> None:
        self._id = bank_id
        self._preset = preset
        self._lifetimes = lifetimes
        self._bank = attributes({ATTR_DEVICE_ID: bank_id})
        self._slots = [attributes({ATTR_DEVICE_ID: bank_id, ATTR_SLOT_ID: f"slot-{n}"}) for n in range(slots)]

    def measure(
        self, block: Block, moments_ns: Sequence[int], calibrated: Sequence[int], rng: np.random.Generator
    ) -> None:
        """Report the scans of the block's intervals, each as of its moment: one fit for all of them."""
        rates = self._lifetimes.extra_rates(np.array(moments_ns))
        scans = [
            scan
            for place, each in enumerate(zip(block.intervals, moments_ns, calibrated, strict=True))
            for scan in self._plan(block, rates.select(np.array([place])), *each)
        ]
        sizes = [len(scan.slots) for scan in scans]
        estimate, curves = measure_decay_times(
            np.concatenate([scan.true_s for scan in scans]),
            expected_s=np.repeat([scan.expected_s for scan in scans], sizes),
            shots=np.repeat([scan.shots for scan in scans], sizes),
            floor=np.repeat([scan.floor for scan in scans], sizes),
            rng=rng,
        )
        first = 0
        for scan in scans:
            rows = slice(first, first + len(scan.slots))
            self._report(block, scan, estimate.select(rows))
            if scan.is_hourly and scan.metric == METRIC_MEMORY_T2:
                self._report_curve(block, scan.at_ns, int(scan.slots[0]), curves, first)
            if scan.metric == METRIC_MEMORY_T1:
                before = slice(first - len(scan.slots), first)
                self._report_storage_lifetime(block, scan, estimate.select(before), estimate.select(rows))
            first = rows.stop

    def _plan(
        self, block: Block, rates: ExtraRates, interval: Interval, at_ns: int, calibrated_ns: int
    ) -> Iterator["_Planned"]:
        """Yield the scans of an interval: T2, and once an hour T1 of the same slots."""
        slots, preset = self._turn(interval.index), self._preset
        known = self._lifetimes.of_block(block)
        t1_s, t2_s = shortened(known.t1_s[interval.place, slots], known.t2_s[interval.place, slots], rates)
        is_hourly = interval.start_ns % HOUR_NS == 0
        yield _Planned(
            METRIC_MEMORY_T2, slots, t2_s, preset.held_t2_s, preset.t2_shots, 0.0, at_ns, calibrated_ns, is_hourly
        )
        if preset.t1_shots and is_hourly:
            thermal = self._lifetimes.thermal_population(at_ns)
            yield _Planned(
                METRIC_MEMORY_T1, slots, t1_s, preset.t1_s, preset.t1_shots, thermal, at_ns, calibrated_ns, is_hourly
            )

    def _report(self, block: Block, scan: "_Planned", estimate: Estimate) -> None:
        rows = zip(estimate.value_s.tolist(), estimate.error_s.tolist(), estimate.shots.tolist(), strict=True)
        for slot, (value, error, shots) in zip(scan.slots.tolist(), rows, strict=True):
            block.estimate(
                scan.metric,
                self._slots[slot],
                value,
                error=error,
                samples=shots,
                at_ns=scan.at_ns,
                calibrated_ns=scan.calibrated_ns,
            )

    def _turn(self, number: int) -> Int64s:
        """Return the slots whose turn it is in the interval of that number."""
        known = len(self._slots)
        return np.arange(known) if known <= _SLOTS_A_SCAN else (number * _SLOTS_A_SCAN + np.arange(16)) % known

    def _report_curve(self, block: Block, at_ns: int, slot: int, scan: Scan, row: int) -> None:
        curve = {
            "delays_s": (scan.table.delays[:-1] * scan.scale_s[row]).tolist(),  # the last one is the relaxed state
            "survival": scan.observed[row, :-1].tolist(),
            "shots": scan.shots[row, :-1].astype(int).tolist(),
        }
        block.happening(
            Happening(
                event=EVENT_MEMORY_DECAY,
                attributes=attributes({**dict(self._slots[slot]), ATTR_DECAY_CURVE: json.dumps(curve)}),
                time_ns=at_ns,
                body=f"Echo curve of slot-{slot} of {self._id}, {len(curve['delays_s'])} delays",
            )
        )

    def _report_storage_lifetime(self, block: Block, scan: "_Planned", t2: Estimate, t1: Estimate) -> None:
        """Report the hold at which the bank's mean fidelity meets the floor, with the error of the mean T2.

        T1 is long beside T2 where it matters; its error is left out.
        """
        if self._preset.collective_share:
            return
        t2_s, t2_error_s = t2.value_s.mean(), np.sqrt((t2.error_s**2).sum()) / len(scan.slots)
        t2s = np.array([t2_s, t2_s + t2_error_s])
        t1s = np.full(2, t1.value_s.mean())
        held_s, longer_s = longest_hold_s(GOOD_FIDELITY, t1s, t2s, self._preset.operation_error).tolist()
        block.estimate(
            METRIC_MEMORY_STORAGE_LIFETIME,
            self._bank,
            held_s,
            error=abs(longer_s - held_s),
            samples=float(t2.shots.sum() + t1.shots.sum()),
            at_ns=scan.at_ns,
            calibrated_ns=scan.calibrated_ns,
        )
