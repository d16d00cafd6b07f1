"""The numbers of a processor of transmons, and the names of what faults may change about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hwsim.fault import CALIBRATION_PAUSED
from hwsim.physics.gates import coherence_limited_error, coherence_limited_pair_error

GATE_ERROR_FACTOR: Final = "gate_error_factor"
"""On all gate errors; nominally 1."""
DECOHERENCE: Final = "decoherence_rate_hz"
"""Added to every qubit's relaxation rate; nominally 0."""
CONTROL_DRIFT: Final = "control_drift_rad"
"""By how much conditional phases have drifted beyond nominal drift, single pulses a tenth of it; nominally 0."""
CROSSTALK: Final = "crosstalk_error"
"""Error that driven neighbours add to a two-qubit gate; nominally the preset's."""
RETRY_PROBABILITY: Final = "retry_probability"
"""Chance that an execution is aborted by the control system; nominally the preset's."""
OUTAGE: Final = "outage"
"""1 while the machine is down, whatever runs then is lost; nominally 0."""
POSTPROCESS_BUG_SHARE: Final = "postprocess_bug_share"
"""Share of results whose bits come out in reverse order; nominally 0."""
PARAMETERS: Final = frozenset(
    {
        GATE_ERROR_FACTOR,
        DECOHERENCE,
        CONTROL_DRIFT,
        CROSSTALK,
        RETRY_PROBABILITY,
        OUTAGE,
        POSTPROCESS_BUG_SHARE,
        CALIBRATION_PAUSED,
    }
)
_LARGEST_GATE_ERROR: Final = 0.2
_LEAST_SHARE = 0.2  # of an error that is neither decoherence nor relaxation, even where these explain all of it


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessorPreset:
    """Medians of a processor's snapshot, and how it drifts. Errors are average infidelities or misread shares."""

    qubits: float
    t1_s: float
    t2_s: float
    readout_error: float
    pair_gate_error: float
    gate_error: float
    gate_s: float
    pair_gate_s: float
    readout_s: float
    thermal_population: float
    qubit_spread: float
    defects: float
    defect_strength: float
    dephasing_drift: float
    dephasing_drift_s: float
    frequency_drift_hz: float
    rotation_drift_rad: float
    phase_drift_rad: float
    readout_drift: float
    control_drift_s: float
    crosstalk_error: float
    retry_probability: float
    calibration_s: float
    power_w: float
    power_noise_w: float
    check_layers: float

    @property
    def control_gate_error(self) -> float:
        """Return what is left of a gate's error beside decoherence."""
        limit = coherence_limited_error(self.gate_s, self.t1_s, self.t2_s)
        return max(self.gate_error - limit, _LEAST_SHARE * self.gate_error)

    @property
    def control_pair_error(self) -> float:
        """Return the same of a two-qubit gate."""
        limit = float(coherence_limited_pair_error(self.pair_gate_s, [self.t1_s] * 2, [self.t2_s] * 2))
        return max(self.pair_gate_error - limit, _LEAST_SHARE * self.pair_gate_error)

    @property
    def intrinsic_readout_error(self) -> float:
        """Return the misread share without relaxation during readout, which adds t/(2 T1) to a qubit in 1."""
        return max(self.readout_error - self.readout_s / (4 * self.t1_s), _LEAST_SHARE * self.readout_error)

    @property
    def typical_errors(self) -> tuple[float, float, float]:
        """Return the errors of a gate, of a pair's gate among driven neighbours, and of a readout."""
        return self.gate_error, self.pair_gate_error + self.crosstalk_error, self.readout_error

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield what no processor can be: key and rule."""
        if self.t2_s > 2 * self.t1_s:
            yield "t2_s", f"is {self.t2_s:g} and must be at most twice t1_s, {2 * self.t1_s:g}"
        if self.qubits < 2 or self.qubits != round(self.qubits):
            yield "qubits", "must be a whole number of at least 2"
        for name in ("gate_error", "pair_gate_error"):
            if not 0 < getattr(self, name) <= _LARGEST_GATE_ERROR:
                yield name, f"must be more than 0 and at most {_LARGEST_GATE_ERROR:g}, or benchmarking finds nothing"
        if self.crosstalk_error >= 1:
            yield "crosstalk_error", "must be less than 1"
        for name in ("t1_s", "t2_s", "dephasing_drift_s", "control_drift_s"):
            if getattr(self, name) <= 0:
                yield name, "must be more than 0"
