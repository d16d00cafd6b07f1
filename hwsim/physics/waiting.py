"""Pairs that wait: what is left of them while both qubits idle.

Every pair that heralding makes is an X state: four populations, and one coherence within each of the families
Psi (|01>, |10>) and Phi (|00>, |11>). Relaxation, thermal excitation and dephasing keep it one, so that its future is
exact without a matrix. |0> is the ground state, |1> the excited one. For the ideal pair, with g = 1 - exp(-t/T1)
per qubit and c = exp(-t/T2a - t/T2b): Psi: F = [(1-ga)/2 + (1-gb)/2 + c]/2; Phi: F = [1/2 + ga gb/2 +
(1-ga)(1-gb)/2 + c]/2. Which Bell state waits matters when T1 is finite: T1 = 1, T2 = 2, t = 1 gives 0.367879
against 0.567668.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from hwsim.physics.arrays import Complexes, Floats, Real, Value, first_last, last_first, unwrap


class BellState(StrEnum):
    """The two families of Bell states that amplitude damping treats differently."""

    PSI = "psi"
    PHI = "phi"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairState:
    """X states of two qubits, any number of them.

    `populations` has shape (..., 4): |00>, |01>, |10>, |11>. The coherences have shape (...): <01|rho|10> and
    <00|rho|11>, in the frame in which the state aimed at has a positive one.
    """

    populations: Floats
    psi_coherence: Floats
    phi_coherence: Floats

    def fidelity(self, state: BellState = BellState.PSI) -> Floats:
        """Return the fidelity with the Bell state of this family whose coherence is positive."""
        if state is BellState.PSI:
            return np.asarray((self.populations[..., 1] + self.populations[..., 2]) / 2 + self.psi_coherence)
        return np.asarray((self.populations[..., 0] + self.populations[..., 3]) / 2 + self.phi_coherence)

    def bell_vector(self) -> Floats:
        """Return the shares (Phi+, Psi-, Psi+, Phi-), shape (..., 4), which is what purification works on."""
        p00, p01, p10, p11 = last_first(self.populations)
        phi, psi = (p00 + p11) / 2, (p01 + p10) / 2
        c_phi, c_psi = self.phi_coherence, self.psi_coherence
        return np.stack([phi + c_phi, psi - c_psi, psi + c_psi, phi - c_phi], axis=-1)

    def chsh_value(self) -> Floats:
        """Return the largest CHSH sum, 2 sqrt(of the two largest squared correlations) (Horodecki 1995)."""
        p00, p01, p10, p11 = last_first(self.populations)
        along_x = 2 * (self.psi_coherence + self.phi_coherence)
        along_y = 2 * (self.psi_coherence - self.phi_coherence)
        squares = np.stack([along_x**2, along_y**2, (p00 + p11 - p01 - p10) ** 2], axis=-1)
        return np.asarray(2 * np.sqrt(np.sort(squares, axis=-1)[..., 1:].sum(axis=-1)))

    def matrix(self) -> Complexes:
        """Return the density matrices, shape (..., 4, 4)."""
        matrix = np.zeros((*np.shape(self.psi_coherence), 4, 4), dtype=np.complex128)
        matrix[..., range(4), range(4)] = self.populations
        matrix[..., 1, 2] = matrix[..., 2, 1] = self.psi_coherence
        matrix[..., 0, 3] = matrix[..., 3, 0] = self.phi_coherence
        return matrix

    def after(
        self,
        wait_s: ArrayLike,
        *,
        t1_s: tuple[ArrayLike, ArrayLike],
        t2_s: tuple[ArrayLike, ArrayLike],
        thermal: tuple[ArrayLike, ArrayLike] = (0.0, 0.0),
    ) -> "PairState":
        """Return the pairs after both qubits idled for `wait_s`; lifetimes and thermal populations of qubits (a, b).

        Relaxation moves each qubit's population towards its thermal one, coherences shrink by both qubits' T2.
        """
        wait_s = np.asarray(wait_s, dtype=np.float64)
        kept_a, kept_b = (np.exp(-wait_s / np.asarray(t1)) for t1 in t1_s)
        p00, p01, p10, p11 = (self.populations[..., level] for level in range(4))
        (p00, p10), (p01, p11) = _relaxed(p00, p10, kept_a, thermal[0]), _relaxed(p01, p11, kept_a, thermal[0])
        (p00, p01), (p10, p11) = _relaxed(p00, p01, kept_b, thermal[1]), _relaxed(p10, p11, kept_b, thermal[1])
        coherence = np.exp(-wait_s * (1 / np.asarray(t2_s[0]) + 1 / np.asarray(t2_s[1])))
        return PairState(
            populations=first_last(np.stack([p00, p01, p10, p11])),  # each level stays contiguous
            psi_coherence=self.psi_coherence * coherence,
            phi_coherence=self.phi_coherence * coherence,
        )


def _relaxed(ground: Floats, excited: Floats, kept: Floats, thermal: ArrayLike) -> tuple[Floats, Floats]:
    """Return the populations of one qubit after relaxation, whatever the other qubit's level."""
    total = ground + excited
    left = excited * kept
    if not (isinstance(thermal, float) and thermal == 0.0):
        left = np.asarray(thermal) * total * (1 - kept) + left
    return total - left, left


def bell_pair(state: BellState = BellState.PSI, fidelity: Real = 1.0) -> PairState:
    """Return pairs of this family whose lack of fidelity is phase flips, as imperfect interference makes them."""
    coherence = np.asarray(fidelity, dtype=np.float64) - 0.5
    is_psi = state is BellState.PSI
    shares = np.array([0, 0.5, 0.5, 0]) if is_psi else np.array([0.5, 0, 0, 0.5])
    return PairState(
        populations=np.broadcast_to(shares, (*coherence.shape, 4)),
        psi_coherence=coherence if is_psi else np.zeros_like(coherence),
        phi_coherence=np.zeros_like(coherence) if is_psi else coherence,
    )


def werner_pair(state: BellState = BellState.PSI, fidelity: Real = 1.0) -> PairState:
    """Return pairs of this family whose lack of fidelity is white noise."""
    weight = (4 * np.asarray(fidelity, dtype=np.float64) - 1) / 3
    pure = bell_pair(state)
    return PairState(
        populations=weight[..., None] * pure.populations + (1 - weight[..., None]) / 4,
        psi_coherence=weight * pure.psi_coherence,
        phi_coherence=weight * pure.phi_coherence,
    )


def pair_of_bell_vector(shares: Floats) -> PairState:
    """Return the X states with these shares (Phi+, Psi-, Psi+, Phi-), so that swapped and purified pairs can wait."""
    phi_plus, psi_minus, psi_plus, phi_minus = last_first(np.asarray(shares))
    phi, psi = (phi_plus + phi_minus) / 2, (psi_plus + psi_minus) / 2
    return PairState(
        populations=np.stack([phi, psi, psi, phi], axis=-1),
        psi_coherence=np.asarray((psi_plus - psi_minus) / 2),
        phi_coherence=np.asarray((phi_plus - phi_minus) / 2),
    )


def waiting_fidelity(
    wait_s: Value | float,
    t1_a_s: Value | float,
    t2_a_s: Value | float,
    t1_b_s: Value | float,
    t2_b_s: Value | float,
    *,
    state: BellState = BellState.PSI,
    initial: Value | float = 1.0,
) -> Value:
    """Return the fidelity after `wait_s` of a pair that started with phase flips and fidelity `initial`."""
    pair = bell_pair(state, initial).after(wait_s, t1_s=(t1_a_s, t1_b_s), t2_s=(t2_a_s, t2_b_s))
    fidelity: Value = unwrap(pair.fidelity(state))
    return fidelity


def depolarised_fidelity(
    wait_s: Value | float, tau_a_s: Value | float, tau_b_s: Value | float, initial: Value | float = 1.0
) -> Value:
    """Return the fidelity of a Werner pair in depolarising memories: w exp(-t/tau_a - t/tau_b)."""
    fidelity: Value = 0.25 + (initial - 0.25) * np.exp(-wait_s / tau_a_s - wait_s / tau_b_s)
    return fidelity


def dephased_fidelity(
    wait_s: Value | float, t2_a_s: Value | float, t2_b_s: Value | float, initial: Value | float = 1.0
) -> Value:
    """Return the fidelity of a phase-flipped Bell pair under pure dephasing: 1/2 + (F-1/2) exp(-t/T2a - t/T2b)."""
    fidelity: Value = 0.5 + (initial - 0.5) * np.exp(-wait_s / t2_a_s - wait_s / t2_b_s)
    return fidelity
