"""The true quality of a processor's qubits and gates at any time: a pure function of time and of the faults.

The qubits stand in a line, as in the chains on which providers state layered errors; pair i couples qubits i and
i + 1. Relaxation follows two-level defects that switch on and off, pure dephasing wanders, and pulses drift away from
what the last calibration found. Errors are what coherence allows, plus what control adds, plus what drift adds.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from hwsim.block import INTERVAL_NS, INTERVALS
from hwsim.conditions import Conditions
from hwsim.devices.processor_preset import (
    CONTROL_DRIFT,
    CROSSTALK,
    DECOHERENCE,
    GATE_ERROR_FACTOR,
    ProcessorPreset,
)
from hwsim.drift import DriftPath
from hwsim.maintenance import Maintenance
from hwsim.physics.fluctuation import (
    advance_diffusion,
    advance_telegraphs,
    draw_switching_rates_hz,
    relaxation_rate_hz,
)
from hwsim.physics.gates import (
    coherence_limited_error,
    coherence_limited_pair_error,
    conditional_phase_error,
    rotation_error,
)
from hwsim.physics.idle import pure_dephasing_time
from hwsim.randomness import spawn_generator
from model.clock import SECOND_NS

Float64s = NDArray[np.float64]
Quantity = TypeVar("Quantity")
_Row = tuple[NDArray[np.bool_], Float64s]  # active defects, logarithmic deviations of dephasing times
_INTERVAL_S = INTERVAL_NS / SECOND_NS
_REMEMBERED = 2 * INTERVALS  # states of the latest intervals
_LARGEST_DEFECT_SHARE = 1.2  # of all defects of a qubit, in its mean relaxation rate; half of them are active
_DEFECT_SPREAD = 1.0  # of the logarithm of their strengths
_ROTATION_SHARE = 0.1  # of the drift of a conditional phase that a ten times shorter pulse sees


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipState:
    """What the qubits are like at a moment: arrays over qubits, and over pairs of neighbours.

    `one_given_zero` is the chance to read 1 from a qubit in 0. Gate errors are average infidelities of isolated
    gates; `crosstalk_error` comes on top of a pair's gate while neighbours are driven too.
    """

    t1_s: Float64s
    t2_s: Float64s
    one_given_zero: Float64s
    zero_given_one: Float64s
    gate_error: Float64s
    pair_error: Float64s
    crosstalk_error: float

    def mean_errors(self) -> tuple[float, float, float]:
        """Return the errors of a gate, of a pair's gate among driven neighbours, and of a readout: chip means."""
        readout = (float(self.one_given_zero.mean()) + float(self.zero_given_one.mean())) / 2
        return float(self.gate_error.mean()), float(self.pair_error.mean()) + self.crosstalk_error, readout


def of_each(states: Sequence[ChipState], quantity: Callable[[ChipState], Quantity]) -> list[Quantity]:
    """Return a quantity of each state of a course, worked out once for those that are the same."""
    known: dict[int, Quantity] = {}
    for state in states:
        if id(state) not in known:
            known[id(state)] = quantity(state)
    return [known[id(state)] for state in states]


class ChipQuality:
    """The course of a processor's quality. Its randomness has a resolution of one interval."""

    def __init__(
        self,
        processor_id: str,
        preset: ProcessorPreset,
        conditions: Conditions,
        maintenance: Maintenance,
        *,
        seed: int,
        start_ns: int,
    ) -> None:
        self.preset = preset
        self._id = processor_id
        self._conditions = conditions
        self._maintenance = maintenance
        self._first = start_ns // INTERVAL_NS
        self._draw_qubits(spawn_generator(seed, processor_id, "qubits"))
        self._rng = spawn_generator(seed, processor_id, "fluctuation")
        shape = self._defect_hz.shape
        start: _Row = (self._rng.random(shape) < 0.5, self._rng.normal(0.0, preset.dephasing_drift, shape[:1]))
        self._rows = [start]
        drifting = (
            preset.frequency_drift_hz,
            preset.rotation_drift_rad,
            preset.readout_drift,
            preset.phase_drift_rad,
        )
        self._control = DriftPath(
            processor_id,
            "control",
            sigmas=np.repeat(drifting, shape[0])[:-1],  # a line has one pair less than qubits
            correlation_s=preset.control_drift_s,
            seed=seed,
            start_ns=start_ns,
        )
        self._undisturbed: dict[int, ChipState] = {}

    def at(self, when_ns: int) -> ChipState:
        """Return the state at a moment."""
        disturbed = self._is_disturbed(when_ns - 1, when_ns)
        return self._state(when_ns) if disturbed else self._undisturbed_state(when_ns // INTERVAL_NS)

    def course(self, start_ns: int, step_ns: int, steps: int) -> list[ChipState]:
        """Return the states in the middle of each step: within an interval the same one where no fault is at work."""
        moments_ns = [start_ns + number * step_ns + step_ns // 2 for number in range(steps)]
        if self._is_disturbed(start_ns, start_ns + steps * step_ns):
            return [self.at(each) for each in moments_ns]
        return [self._undisturbed_state(each // INTERVAL_NS) for each in moments_ns]

    def _undisturbed_state(self, number: int) -> ChipState:
        """Return the state in an interval, by its number since the epoch."""
        if number not in self._undisturbed:
            if len(self._undisturbed) > _REMEMBERED:
                self._undisturbed.clear()
            self._undisturbed[number] = self._state(number * INTERVAL_NS)
        return self._undisturbed[number]

    def _is_disturbed(self, start_ns: int, end_ns: int) -> bool:
        return any(self._conditions.disturbed(self._id, name, start_ns, end_ns) for name in _DISTURBING)

    def _draw_qubits(self, rng: np.random.Generator) -> None:
        p = self.preset
        qubits = round(p.qubits)

        def spread(size: int) -> Float64s:
            return np.exp(rng.normal(0.0, p.qubit_spread, size))

        self._rate_hz = spread(qubits) / p.t1_s
        tphi_s = pure_dephasing_time(p.t1_s, p.t2_s)
        self._dephasing_hz = spread(qubits) / tphi_s
        shares = p.defect_strength * np.exp(rng.normal(0.0, _DEFECT_SPREAD, (qubits, round(p.defects))))
        shares *= np.minimum(1.0, _LARGEST_DEFECT_SHARE / np.maximum(shares.sum(axis=1), 1e-9))[:, None]
        self._defect_hz = shares * self._rate_hz[:, None]
        self._switching_hz = draw_switching_rates_hz(shares.shape, rng)
        self._control_error = p.control_gate_error * spread(qubits)
        self._control_pair_error = p.control_pair_error * spread(qubits - 1)
        self._readout_error = p.intrinsic_readout_error * spread(qubits)

    def _state(self, when_ns: int) -> ChipState:
        p = self.preset
        active, dephasing = self._row(when_ns)
        base_hz = self._rate_hz - self._defect_hz.sum(axis=1) / 2
        rate_hz = relaxation_rate_hz(base_hz, self._defect_hz, active) + self._value(DECOHERENCE, 0.0, when_ns)
        t1_s = 1 / rate_hz
        t2_s = 1 / (rate_hz / 2 + self._dephasing_hz * np.exp(-dephasing))
        drift = self._control.at(when_ns, self._maintenance.calibrated_ns(when_ns))
        qubits = len(t1_s)
        frequency_hz, rotation_rad, readout = drift[: 3 * qubits].reshape(3, qubits)
        fault_rad = self._value(CONTROL_DRIFT, 0.0, when_ns)
        angle_rad = rotation_rad + _ROTATION_SHARE * fault_rad
        turn_hz = 2 * math.pi * frequency_hz
        phase_rad = drift[3 * qubits :] + fault_rad + np.diff(turn_hz) * p.pair_gate_s
        pairs = np.arange(qubits - 1)[:, None] + np.arange(2)
        factor = self._value(GATE_ERROR_FACTOR, 1.0, when_ns)
        gate_error = coherence_limited_error(np.full(qubits, p.gate_s), t1_s, t2_s) + self._control_error
        gate_error += rotation_error(np.hypot(angle_rad, turn_hz * p.gate_s))
        pair_error = coherence_limited_pair_error(p.pair_gate_s, t1_s[pairs], t2_s[pairs]) + self._control_pair_error
        pair_error += conditional_phase_error(phase_rad)
        misread = self._readout_error * np.exp(readout)
        return ChipState(
            t1_s=t1_s,
            t2_s=t2_s,
            one_given_zero=np.minimum(misread, 0.5),
            zero_given_one=np.minimum(misread + p.readout_s / (2 * t1_s), 0.5),
            gate_error=np.minimum(gate_error * factor, 0.5),
            pair_error=np.minimum(pair_error * factor, 0.75),
            crosstalk_error=self._value(CROSSTALK, p.crosstalk_error, when_ns),
        )

    def _row(self, when_ns: int) -> _Row:
        """Return which defects are active and the logarithmic deviations of the dephasing times."""
        number = max(when_ns // INTERVAL_NS - self._first, 0)
        while len(self._rows) <= number:
            active, dephasing = self._rows[-1]
            self._rows.append(
                (
                    advance_telegraphs(active, _INTERVAL_S, self._switching_hz, self._rng),
                    advance_diffusion(
                        dephasing,
                        _INTERVAL_S,
                        rms=self.preset.dephasing_drift,
                        correlation_s=self.preset.dephasing_drift_s,
                        rng=self._rng,
                    ),
                )
            )
        return self._rows[number]

    def _value(self, name: str, nominal: float, when_ns: int) -> float:
        return self._conditions.value(self._id, name, nominal, when_ns)


_DISTURBING = (CONTROL_DRIFT, CROSSTALK, DECOHERENCE, GATE_ERROR_FACTOR)
