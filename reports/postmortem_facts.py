"""What a postmortem tells beside timeline and suspects: alerts, tenants, distributions, states, gaps in telemetry.

Plain values, filled by whoever has the record.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ComplexMatrix = NDArray[np.complex128]


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What one objective lost: bad events of all events since the impact, and the share of its budget they cost."""

    objective: str
    entity: str
    bad: int
    total: int
    budget_share: float | None
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFact:
    """One alert of the incident; `resolved_ns` is None while it fires."""

    objective: str
    entity: str
    tier: str
    severity: str
    fired_ns: int
    resolved_ns: int | None
    runbook: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantLoss:
    """Whose jobs failed: how many since the impact, and which share of all that ended, before and since, 0..1."""

    tenant: str
    backend: str
    failed: float
    share_before: float | None
    share_during: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FidelityBucket:
    """How many fidelities lay in one bucket, before and during; a bound of None is open."""

    entity: str
    metric: str
    above: float | None
    up_to: float | None
    before: int
    during: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSnapshot:
    """A density matrix that was measured; `fidelity` is that with the state that was stored, give or take `error`."""

    at_ns: int
    entity: str
    slot: str
    state: str
    fidelity: float
    error: float | None
    matrix: ComplexMatrix


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """The last snapshot of a slot before the impact, and the worst since."""

    before: StateSnapshot
    during: StateSnapshot

    @property
    def fidelity(self) -> float | None:
        """Return the fidelity between the two, 0..1; None where another state was stored, which says nothing."""
        if self.before.state != self.during.state:
            return None
        return state_fidelity(self.before.matrix, self.during.matrix)


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetryGap:
    """Time without data of some metrics of an entity: what is not known about the incident."""

    entity: str
    start_ns: int
    end_ns: int
    metrics: int
    examples: str


def state_fidelity(rho: ComplexMatrix, sigma: ComplexMatrix) -> float:
    """Return Uhlmann's fidelity (tr sqrt(sqrt(rho) sigma sqrt(rho)))^2 of two density matrices of the same shape.

    Source: R. Jozsa, J. Mod. Opt. 41, 2315 (1994).

    >>> zero, mixed = np.diag([1, 0]).astype(complex), np.eye(2, dtype=complex) / 2
    >>> round(state_fidelity(zero, mixed), 6)
    0.5
    """
    values, vectors = np.linalg.eigh(rho)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.conj().T
    between = np.clip(np.linalg.eigvalsh(root @ sigma @ root), 0, None)
    return float(np.sqrt(between).sum() ** 2)
