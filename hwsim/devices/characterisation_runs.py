"""The measurements that a processor makes of itself at fixed hours, as its provider would publish them.

Readout and two-qubit gates every three hours, single-qubit gates, relaxation and coherence every six, each at its own
minute, so that every parameter has a date of its own. One pair is watched all the time. Nothing is read off the
model: shots are drawn and fitted
(`hwsim.experiments`).
"""

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from hwsim.block import Block, Interval, recurring
from hwsim.devices.chip import ChipState, of_each
from hwsim.devices.processor_preset import ProcessorPreset
from hwsim.experiments.benchmarking import measure_error_per_clifford, measure_gate_error
from hwsim.experiments.estimates import Estimate, Imperfections
from hwsim.experiments.lifetimes import measure_decay
from hwsim.experiments.readout_calibration import measure_readout
from hwsim.physics import signals
from hwsim.physics.arrays import Floats
from hwsim.physics.gates import (
    CZ_PER_TWO_QUBIT_CLIFFORD,
    SINGLE_QUBIT_GATES_PER_CLIFFORD,
    SINGLE_QUBIT_GATES_PER_TWO_QUBIT_CLIFFORD,
    decay_of_error,
    error_per_clifford,
)
from model.attributes import Attributes, attributes
from model.clock import HOUR_NS, MINUTE_NS
from model.names import (
    ATTR_BACKEND_ID,
    ATTR_GATE_NAME,
    ATTR_GATE_QUBITS,
    ATTR_QUBIT_ID,
    METRIC_CROSSTALK_ERROR,
    METRIC_GATE_ERROR,
    METRIC_QUBIT_READOUT_ERROR,
    METRIC_QUBIT_READOUT_ERROR_GIVEN_ONE,
    METRIC_QUBIT_READOUT_ERROR_GIVEN_ZERO,
    METRIC_QUBIT_T1,
    METRIC_QUBIT_T2,
)

GATE: Final = "sx"
PAIR_GATE: Final = "cz"
_READOUT_SHOTS, _GATE_SHOTS, _PAIR_SHOTS, _COHERENCE_SHOTS = 4096, 2000, 2000, 500
_OFTEN_NS, _SELDOM_NS = 3 * HOUR_NS, 6 * HOUR_NS
_PAIRS_AT_NS, _GATES_AT_NS, _COHERENCE_AT_NS = 10 * MINUTE_NS, 20 * MINUTE_NS, 30 * MINUTE_NS
_SPREAD_OVER_PAIR = 6 / 5  # average error of a single-qubit gate, seen in the space of two qubits


Measurement = Callable[[Block, ChipState, int, int, np.random.Generator], None]


class CharacterisationRuns:
    """Measures the qubits and pairs of one processor."""

    def __init__(self, processor_id: str, preset: ProcessorPreset) -> None:
        self._id = processor_id
        self._preset = preset
        qubits = range(round(preset.qubits))
        self._qubits = [_identity(processor_id, {ATTR_QUBIT_ID: str(q)}) for q in qubits]
        self._gates = [_identity(processor_id, {ATTR_GATE_NAME: GATE, ATTR_GATE_QUBITS: str(q)}) for q in qubits]
        self._pairs = [
            _identity(processor_id, {ATTR_GATE_NAME: PAIR_GATE, ATTR_GATE_QUBITS: f"{q}-{q + 1}"})
            for q in qubits[:-1]
        ]

    def due(self, interval: Interval) -> list[tuple[Measurement, int]]:
        """Return the measurements that fall into the interval, with their moments."""
        plan = (
            (self._measure_readout, _OFTEN_NS, 0),
            (self._measure_pairs, _OFTEN_NS, _PAIRS_AT_NS),
            (self._measure_gates, _SELDOM_NS, _GATES_AT_NS),
            (self._measure_coherence, _SELDOM_NS, _COHERENCE_AT_NS),
        )
        return [
            (measure, at_ns)
            for measure, period_ns, offset_ns in plan
            for at_ns in recurring(interval.start_ns, interval.end_ns, period_ns, offset_ns)
        ]

    def watch(self, block: Block, watched: Sequence[tuple[Interval, list[ChipState], int]]) -> None:
        """Benchmark one pair throughout each interval, alone and while its neighbours are driven; pairs take turns.

        What comes and goes within minutes, and what begins between two full runs, would go unseen otherwise. Each
        interval comes with the states of its minutes and the calibration set in force; one fit serves all.
        """
        if not watched:
            return
        rows = np.array([self._watched_errors(interval, states) for interval, states, _ in watched])
        alone, crosstalk, neighbours, one_given_zero, zero_given_one = rows.T
        errors = np.concatenate([alone, alone + crosstalk])
        rest = SINGLE_QUBIT_GATES_PER_TWO_QUBIT_CLIFFORD * _SPREAD_OVER_PAIR * np.tile(neighbours, 2)
        measured = measure_gate_error(
            errors,
            CZ_PER_TWO_QUBIT_CLIFFORD * errors + rest,
            expected=2 * CZ_PER_TWO_QUBIT_CLIFFORD * self._preset.pair_gate_error,
            shots=_PAIR_SHOTS,
            rng=block.rng(self._id, "watch"),
            qubits=2,
            imperfections=Imperfections(
                one_given_zero=np.tile(one_given_zero, 2), zero_given_one=np.tile(zero_given_one, 2)
            ),
        )
        values, deviations = (each.reshape(2, -1).T.tolist() for each in (measured.value, measured.error))
        whole = attributes({ATTR_BACKEND_ID: self._id})
        for (interval, _, calibrated_ns), value, error in zip(watched, values, deviations, strict=True):
            for metric, identity, number, deviation in (
                (METRIC_GATE_ERROR, self._pairs[self._turn(interval)], value[0], error[0]),
                (METRIC_CROSSTALK_ERROR, whole, value[1] - value[0], math.hypot(*error)),
            ):
                block.estimate(
                    metric,
                    identity,
                    number,
                    error=deviation,
                    samples=measured.samples,
                    at_ns=interval.end_ns,
                    calibrated_ns=calibrated_ns,
                )

    def _turn(self, interval: Interval) -> int:
        return interval.index % len(self._pairs)

    def _watched_errors(self, interval: Interval, states: Sequence[ChipState]) -> Floats:
        """Return the interval's mean errors of the pair, of crosstalk and of its qubits' gates, and both misreadings.

        Readout is that of the last state.
        """
        pair = self._turn(interval)
        errors = of_each(
            states, lambda s: (s.pair_error[pair], s.crosstalk_error, s.gate_error[pair : pair + 2].mean())
        )
        readout = states[-1].one_given_zero.mean(), states[-1].zero_given_one.mean()
        return np.array([*np.mean(errors, axis=0), *readout])

    def _measure_readout(
        self, block: Block, state: ChipState, at_ns: int, calibrated_ns: int, rng: np.random.Generator
    ) -> None:
        measured = measure_readout(state.one_given_zero, state.zero_given_one, shots=_READOUT_SHOTS, rng=rng)
        for metric, estimate in (
            (METRIC_QUBIT_READOUT_ERROR_GIVEN_ZERO, measured.one_given_zero),
            (METRIC_QUBIT_READOUT_ERROR_GIVEN_ONE, measured.zero_given_one),
            (METRIC_QUBIT_READOUT_ERROR, measured.mean),
        ):
            _report(block, metric, self._qubits, estimate, at_ns=at_ns, calibrated_ns=calibrated_ns)

    def _measure_gates(
        self, block: Block, state: ChipState, at_ns: int, calibrated_ns: int, rng: np.random.Generator
    ) -> None:
        """Randomised benchmarking of all qubits at once."""
        decay = decay_of_error(state.gate_error) ** SINGLE_QUBIT_GATES_PER_CLIFFORD
        measured = measure_error_per_clifford(
            error_per_clifford(decay),
            expected=SINGLE_QUBIT_GATES_PER_CLIFFORD * self._preset.gate_error,
            shots=_GATE_SHOTS,
            rng=rng,
            imperfections=_imperfections(state),
        )
        per_gate = Estimate(
            value=measured.value / SINGLE_QUBIT_GATES_PER_CLIFFORD,
            error=measured.error / SINGLE_QUBIT_GATES_PER_CLIFFORD,
            chi2_per_dof=measured.chi2_per_dof,
            samples=measured.samples,
        )
        _report(block, METRIC_GATE_ERROR, self._gates, per_gate, at_ns=at_ns, calibrated_ns=calibrated_ns)

    def _measure_pairs(
        self, block: Block, state: ChipState, at_ns: int, calibrated_ns: int, rng: np.random.Generator
    ) -> None:
        """Interleaved benchmarking of every pair alone."""
        neighbouring = (state.gate_error[1:] + state.gate_error[:-1]) / 2
        rest = SINGLE_QUBIT_GATES_PER_TWO_QUBIT_CLIFFORD * _SPREAD_OVER_PAIR * neighbouring
        measured = measure_gate_error(
            state.pair_error,
            CZ_PER_TWO_QUBIT_CLIFFORD * state.pair_error + rest,
            expected=2 * CZ_PER_TWO_QUBIT_CLIFFORD * self._preset.pair_gate_error,
            shots=_PAIR_SHOTS,
            rng=rng,
            qubits=2,
            imperfections=_imperfections(state),
        )
        _report(block, METRIC_GATE_ERROR, self._pairs, measured, at_ns=at_ns, calibrated_ns=calibrated_ns)

    def _measure_coherence(
        self, block: Block, state: ChipState, at_ns: int, calibrated_ns: int, rng: np.random.Generator
    ) -> None:
        """T1 by inversion recovery and T2 by echo; both decay exponentially, so one fit serves both."""
        true_s = np.concatenate([state.t1_s, state.t2_s])
        expected_s = np.repeat([self._preset.t1_s, self._preset.t2_s], len(state.t1_s))
        measured = measure_decay(
            lambda delay_s: signals.decay(delay_s, true_s[:, None], 1.0),
            expected_s=expected_s,
            shots=_COHERENCE_SHOTS,
            rng=rng,
            imperfections=_imperfections(state),
        )
        qubits = len(state.t1_s)
        for metric, rows in ((METRIC_QUBIT_T1, slice(qubits)), (METRIC_QUBIT_T2, slice(qubits, None))):
            part = _rows(measured, rows)
            _report(block, metric, self._qubits, part, at_ns=at_ns, calibrated_ns=calibrated_ns)


def _identity(processor_id: str, more: dict[str, str]) -> Attributes:
    return attributes({ATTR_BACKEND_ID: processor_id, **more})


def _imperfections(state: ChipState) -> Imperfections:
    return Imperfections(
        one_given_zero=float(state.one_given_zero.mean()), zero_given_one=float(state.zero_given_one.mean())
    )


def _rows(estimate: Estimate, rows: slice) -> Estimate:
    return Estimate(
        value=estimate.value[rows],
        error=estimate.error[rows],
        chi2_per_dof=estimate.chi2_per_dof[rows],
        samples=estimate.samples,
    )


def _report(
    block: Block, metric: str, identities: list[Attributes], estimate: Estimate, *, at_ns: int, calibrated_ns: int
) -> None:
    for identity, value, error in zip(identities, estimate.value.tolist(), estimate.error.tolist(), strict=True):
        block.estimate(
            metric, identity, value, error=error, samples=estimate.samples, at_ns=at_ns, calibrated_ns=calibrated_ns
        )
