"""What is really so in a bank, second by second, with the ranges that nominal life never leaves."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

from hwsim.block import Block
from hwsim.devices.controller import ROUND_TRIP
from hwsim.devices.memory.jobs import JOBS_PER_S, LEASE_LEAK, TRANSDUCER, Demand
from hwsim.devices.memory.lifetimes import ExtraRates, SlotTimes, shortened
from hwsim.devices.memory.preset import MemoryPreset
from hwsim.devices.memory.retrieval import Readout, Value, idle_fidelity
from hwsim.devices.memory.scans import GOOD_FIDELITY
from hwsim.physics.storage_lifetime import longest_hold_s

Float64s = NDArray[np.float64]


class Truths:
    """States the bank's mean lifetimes, how well it writes and reads, and the load on it."""

    def __init__(self, demand: Demand) -> None:
        preset = demand.preset
        self._demand = demand
        writes = 1 - (1 - preset.mode_match_efficiency * preset.write_efficiency) ** preset.modes
        widest_rad = max(8 * preset.control_drift_rad, 1e-3)
        self._ranges = {
            "t1_s": (0.6 * preset.t1_s, 1.6 * preset.t1_s),
            "t2_s": (0.6 * preset.held_t2_s, 1.6 * preset.held_t2_s),
            "good_retrieval_probability": (_lowest_good(preset, demand), 1.0),
            "write_probability": (0.99 * writes, 1.0),
            "wrong_readout_probability": (0.0, preset.readout_error + 0.02),
            "control_shift_rad": (-widest_rad, widest_rad),
            TRANSDUCER: (0.9 * preset.transducer_efficiency, 1.0),
            LEASE_LEAK: (0.0, 5 * preset.lease_leak_probability + 1e-3),
            JOBS_PER_S: (0.0, 1.2 * demand.jobs_per_s),
        }

    def state(self, block: Block, *, slots: SlotTimes, rates: ExtraRates, readout: Readout) -> None:
        """State the truths of the block."""
        demand = self._demand
        delay_s = block.parameter(demand.controller_id, ROUND_TRIP, demand.plane.preset.round_trip_s)
        t1_s, t2_s = shortened(*slots.mean_by_second(), rates)
        seen = np.cos(readout.basis_rad) * (1 - 2 * readout.readout_error)
        values = {
            "t1_s": t1_s,
            "t2_s": t2_s,
            "good_retrieval_probability": good_retrieval_probability(
                demand.preset, t1_s=t1_s, t2_s=t2_s, delay_s=delay_s, readout=readout
            ),
            "write_probability": demand.write_probability(block),
            "wrong_readout_probability": (1 - seen) / 2,
            "control_shift_rad": readout.control_shift_rad,
            TRANSDUCER: demand.conversion(block),
            LEASE_LEAK: demand.leak_probability(block),
            JOBS_PER_S: block.parameter(demand.bank_id, JOBS_PER_S, demand.jobs_per_s),
        }
        for quantity, value in values.items():
            low, high = self._ranges[quantity]
            block.truth(demand.bank_id, "memory", quantity, value, low=low, high=high)


def good_retrieval_probability(
    preset: MemoryPreset, *, t1_s: Float64s, t2_s: Float64s, delay_s: Value, readout: Readout
) -> Float64s:
    """Return the chance that a stored state comes back in time and above the fidelity floor (catalogue memory.X2).

    For a single spin the floor sets a longest hold; what a spin wave loses in the hold is efficiency, taken at the
    mean hold.
    """
    mean_s = preset.mean_hold_s + delay_s
    _, kept = idle_fidelity(mean_s, t1_s, t2_s, preset)
    signal = readout.efficiency * kept
    excess = readout.excess(1.0, signal, preset) * readout.rotation  # of a state that did not idle
    error = np.clip(0.5 - excess, 0.0, 0.5)
    if preset.collective_share:
        longest_s = np.where(0.5 + excess >= GOOD_FIDELITY, preset.deadline_s, 0.0)
    else:
        t1s, t2s, errors = np.broadcast_arrays(t1_s, t2_s, error)
        longest_s = np.minimum(longest_hold_s(GOOD_FIDELITY, t1s, t2s, errors), preset.deadline_s)
    in_time = gammainc(
        preset.hold_shape, np.maximum(longest_s - delay_s, 0.0) * preset.hold_shape / preset.mean_hold_s
    )
    return np.asarray(readout.click_probability(signal) * in_time)


def _lowest_good(preset: MemoryPreset, demand: Demand) -> float:
    """Return 99 % for a bank that is that good by nature, else nine tenths of what its nature is."""
    nature = good_retrieval_probability(
        preset,
        t1_s=np.array([preset.t1_s]),
        t2_s=np.array([preset.held_t2_s]),
        delay_s=demand.plane.preset.round_trip_s,
        readout=Readout.nominal(preset),
    )
    return 0.99 if nature[0] > 0.99 else 0.9 * float(nature[0])
