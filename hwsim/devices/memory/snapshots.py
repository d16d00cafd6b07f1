"""Tomography of one slot an hour, slot after slot and state after state: density matrices that are kept whole."""

import numpy as np

from hwsim.block import Block
from hwsim.devices.memory.lifetimes import Lifetimes, shortened
from hwsim.devices.memory.preset import MemoryPreset
from hwsim.devices.memory.retrieval import Readout
from hwsim.devices.memory.tomography import (
    CARDINAL_STATES,
    Snapshot,
    bloch_vector,
    held_bloch_vector,
    take_snapshot,
    turned_about_y,
)
from hwsim.maintenance import calibration_id
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
    hour = block.start_ns // HOUR_NS
    slot, state = hour % slots, CARDINAL_STATES[hour // slots % len(CARDINAL_STATES)]
    known = lifetimes.of_block(block.index)
    rates = lifetimes.extra_rates(np.array([at_ns]))
    t1_s, t2_s = shortened(known.t1_s[slot : slot + 1], known.t2_s[slot : slot + 1], rates)
    hold_s = preset.mean_hold_s
    spin_wave = bool(preset.collective_share)
    signal = float(readout.efficiency) * (float(np.exp(-hold_s / t2_s[0])) if spin_wave else 1.0)
    seen = held_bloch_vector(
        bloch_vector(state),
        hold_s=0.0 if spin_wave else hold_s,
        t1_s=float(t1_s[0]),
        t2_s=float(t2_s[0]),
        thermal=lifetimes.thermal_population(at_ns),
        shrink=2 * float(readout.excess(1.0, signal, preset)),
    )
    snapshot = take_snapshot(
        state,
        turned_about_y(seen, float(readout.basis_rad)),
        shots=max(round(preset.tomography_shots), 1),
        rng=rng,
    )
    about = {ATTR_DEVICE_ID: bank_id, ATTR_SLOT_ID: f"slot-{slot}"}
    _tell(block, about, snapshot, hold_s, at_ns, calibration_id(bank_id, calibrated_ns))


def _tell(
    block: Block, about: dict[str, str], snapshot: Snapshot, hold_s: float, at_ns: int, calibration: str
) -> None:
    block.happening(
        Happening(
            event=EVENT_MEMORY_TOMOGRAPHY,
            attributes=attributes(
                {
                    **about,
                    ATTR_CALIBRATION_ID: calibration,
                    ATTR_TOMOGRAPHY_STATE: snapshot.state,
                    ATTR_TOMOGRAPHY_HOLD: hold_s,
                    ATTR_TOMOGRAPHY_MATRIX: snapshot.matrix_json(),
                    ATTR_TOMOGRAPHY_FIDELITY: snapshot.fidelity,
                    ATTR_TOMOGRAPHY_FIDELITY_ERROR: snapshot.fidelity_error,
                    ATTR_TOMOGRAPHY_SAMPLES: snapshot.samples,
                }
            ),
            time_ns=at_ns,
            body=f"Tomography of {about[ATTR_SLOT_ID]} of {about[ATTR_DEVICE_ID]}: {snapshot.state} came back with "
            f"fidelity {snapshot.fidelity:.4f} +- {snapshot.fidelity_error:.4f}",
        )
    )
