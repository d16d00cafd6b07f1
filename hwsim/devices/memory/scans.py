"""The bank's coherence times, measured every ten minutes on at most 16 slots in turn, and what follows from them.

Once an hour T1 is measured too, the echo curve of one slot is kept point by point, and the bank says for how long it
can hold a state.
"""

import json

import numpy as np
from numpy.typing import NDArray

from hwsim.block import Block
from hwsim.devices.memory.decay_scan import Estimate, Scan, measure_decay_times
from hwsim.devices.memory.lifetimes import Lifetimes, shortened
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


class LifetimeScans:
    """Inversion recovery and Hahn echo on the slots of one bank. A preset without shots for T1 does not scan it."""

    def __init__(self, bank_id: str, slots: int, preset: MemoryPreset, lifetimes: Lifetimes) -> None:
        self._id = bank_id
        self._preset = preset
        self._lifetimes = lifetimes
        self._bank = attributes({ATTR_DEVICE_ID: bank_id})
        self._slots = [attributes({ATTR_DEVICE_ID: bank_id, ATTR_SLOT_ID: f"slot-{n}"}) for n in range(slots)]

    def measure(self, block: Block, at_ns: int, calibrated_ns: int, rng: np.random.Generator) -> None:
        """Report the block's scans, all as of one moment."""
        slots = self._turn(block.index)
        t1_s, t2_s = self._true(block, at_ns, slots)
        preset, ones = self._preset, np.ones(len(slots))
        plans = [(METRIC_MEMORY_T2, t2_s, preset.held_t2_s, preset.t2_shots, 0.0)]
        is_hourly = block.start_ns % HOUR_NS == 0
        if preset.t1_shots and is_hourly:
            thermal = self._lifetimes.thermal_population(at_ns)
            plans.append((METRIC_MEMORY_T1, t1_s, preset.t1_s, preset.t1_shots, thermal))
        estimate, scan = measure_decay_times(
            np.concatenate([true_s for _, true_s, _, _, _ in plans]),
            expected_s=np.concatenate([expected_s * ones for _, _, expected_s, _, _ in plans]),
            shots=np.concatenate([shots * ones for _, _, _, shots, _ in plans]),
            floor=np.concatenate([floor * ones for _, _, _, _, floor in plans]),
            rng=rng,
        )
        rows = zip(estimate.value_s.tolist(), estimate.error_s.tolist(), estimate.shots.tolist(), strict=True)
        for metric, *_ in plans:
            for slot in slots.tolist():
                value, error, shots = next(rows)
                block.estimate(
                    metric,
                    self._slots[slot],
                    value,
                    error=error,
                    samples=shots,
                    at_ns=at_ns,
                    calibrated_ns=calibrated_ns,
                )
        if is_hourly:
            self._report_curve(block, at_ns, int(slots[0]), scan)
            self._report_storage_lifetime(block, at_ns, calibrated_ns, estimate, len(slots))

    def _turn(self, number: int) -> Int64s:
        """Return the slots whose turn it is in the block of that number."""
        known = len(self._slots)
        return np.arange(known) if known <= _SLOTS_A_SCAN else (number * _SLOTS_A_SCAN + np.arange(16)) % known

    def _true(self, block: Block, at_ns: int, slots: Int64s) -> tuple[Float64s, Float64s]:
        known = self._lifetimes.of_block(block.index)
        rates = self._lifetimes.extra_rates(np.array([at_ns]))
        return shortened(known.t1_s[slots], known.t2_s[slots], rates)

    def _report_curve(self, block: Block, at_ns: int, slot: int, scan: Scan) -> None:
        curve = {
            "delays_s": (scan.table.delays[:-1] * scan.scale_s[0]).tolist(),  # the last one is the relaxed state
            "survival": scan.observed[0, :-1].tolist(),
            "shots": scan.shots[0, :-1].astype(int).tolist(),
        }
        block.happening(
            Happening(
                event=EVENT_MEMORY_DECAY,
                attributes=attributes({**dict(self._slots[slot]), ATTR_DECAY_CURVE: json.dumps(curve)}),
                time_ns=at_ns,
                body=f"Echo curve of slot-{slot} of {self._id}, {len(curve['delays_s'])} delays",
            )
        )

    def _report_storage_lifetime(
        self, block: Block, at_ns: int, calibrated_ns: int, estimate: Estimate, slots: int
    ) -> None:
        """Report the hold at which the bank's mean fidelity meets the floor, with the error of the mean T2.

        T1 is long beside T2 where it matters; its error is left out.
        """
        if self._preset.collective_share or not self._preset.t1_shots:
            return
        t2_s, t2_error_s = estimate.value_s[:slots].mean(), np.sqrt((estimate.error_s[:slots] ** 2).sum()) / slots
        t2s = np.array([t2_s, t2_s + t2_error_s])
        t1s = np.full(2, estimate.value_s[slots:].mean())
        held_s, longer_s = longest_hold_s(GOOD_FIDELITY, t1s, t2s, self._preset.operation_error).tolist()
        block.estimate(
            METRIC_MEMORY_STORAGE_LIFETIME,
            self._bank,
            held_s,
            error=abs(longer_s - held_s),
            samples=float(estimate.shots.sum()),
            at_ns=at_ns,
            calibrated_ns=calibrated_ns,
        )
