"""Tomography of one slot an hour, slot after slot and state after state: density matrices that are kept whole."""

import json

import numpy as np

from hwsim.block import Block, Interval
from hwsim.devices.memory.lifetimes import Lifetimes, shortened
from hwsim.devices.memory.preset import MemoryPreset
from hwsim.devices.memory.retrieval import Readout
from hwsim.devices.memory.stored_state import CARDINAL_STATES, amplitudes, held_state, turned_about_y
from hwsim.experiments.tomography import measure_state
from hwsim.maintenance import calibration_id
from hwsim.physics.arrays import Complexes
from model.attributes import attributes
from model.clock import HOUR_NS
from model.names import (
    ATTR_CALIBRATION_ID,
    ATTR_DEVICE_ID,
    ATTR_SLOT_ID,
    ATTR_TOMOGRAPHY_FIDELITY,
    ATTR_TOMOGRAPHY_FIDELITY_ERROR,
    ATTR_TOMOGRAPHY_HOLD,
    ATTR_TOMOGRAPHY_MATRIX,
    ATTR_TOMOGRAPHY_SAMPLES,
    ATTR_TOMOGRAPHY_STATE,
    EVENT_MEMORY_TOMOGRAPHY,
)
from model.readings import Happening


def report_snapshot(
    block: Block,
    interval: Interval,
    bank_id: str,
    slots: int,
    *,
    preset: MemoryPreset,
    lifetimes: Lifetimes,
    readout: Readout,
    at_ns: int,
    calibrated_ns: int,
    rng: np.random.Generator,
) -> None:
    """Report the hour's snapshot: of the next slot, and after each round of slots of the next state."""
    hour = interval.start_ns // HOUR_NS
    slot, state = hour % slots, CARDINAL_STATES[hour // slots % len(CARDINAL_STATES)]
    known, one = lifetimes.of_block(block), slice(slot, slot + 1)
    rates = lifetimes.extra_rates(np.array([at_ns]))
    t1_s, t2_s = shortened(known.t1_s[interval.place, one], known.t2_s[interval.place, one], rates)
    hold_s = preset.mean_hold_s
    spin_wave = bool(preset.collective_share)
    signal = float(readout.efficiency) * (float(np.exp(-hold_s / t2_s[0])) if spin_wave else 1.0)
    stored = held_state(
        state,
        hold_s=0.0 if spin_wave else hold_s,
        t1_s=float(t1_s[0]),
        t2_s=float(t2_s[0]),
        thermal=lifetimes.thermal_population(at_ns),
        shrink=2 * float(readout.excess(1.0, signal, preset)),
    )
    seen = turned_about_y(stored, float(readout.basis_rad))
    tomography = measure_state(seen[None], shots=max(round(preset.tomography_shots), 1), rng=rng)
    fidelity = tomography.fidelity(amplitudes(state))
    value, error = float(fidelity.value[0]), float(fidelity.error[0])
    about = {ATTR_DEVICE_ID: bank_id, ATTR_SLOT_ID: f"slot-{slot}"}
    block.happening(
        Happening(
            event=EVENT_MEMORY_TOMOGRAPHY,
            attributes=attributes(
                {
                    **about,
                    ATTR_CALIBRATION_ID: calibration_id(bank_id, calibrated_ns),
                    ATTR_TOMOGRAPHY_STATE: state,
                    ATTR_TOMOGRAPHY_HOLD: hold_s,
                    ATTR_TOMOGRAPHY_MATRIX: _as_json(tomography.state[0]),
                    ATTR_TOMOGRAPHY_FIDELITY: value,
                    ATTR_TOMOGRAPHY_FIDELITY_ERROR: error,
                    ATTR_TOMOGRAPHY_SAMPLES: fidelity.samples,
                }
            ),
            time_ns=at_ns,
            body=f"Tomography of slot-{slot} of {bank_id}: {state} came back, fidelity {value:.4f} +- {error:.4f}",
        )
    )


def _as_json(matrix: Complexes) -> str:
    """Return a density matrix as rows of [real, imaginary] pairs."""
    return json.dumps(np.round(np.stack([matrix.real, matrix.imag], axis=-1), 6).tolist())
