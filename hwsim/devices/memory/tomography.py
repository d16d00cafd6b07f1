"""State tomography of one stored qubit: counts along three axes, and the density matrix that they speak for.

A qubit is stored in one of the six cardinal states, held, and read along x, y and z. Linear inversion gives a Bloch
vector; one that noise made longer than 1 is shortened to the nearest state.
"""

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]
Complexes = NDArray[np.complex128]

CARDINAL_STATES = ("x+", "x-", "y+", "y-", "z+", "z-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A density matrix, ground state first, its fidelity with the state that was stored, and the shots behind it."""

    state: str
    matrix: Complexes
    fidelity: float
    fidelity_error: float
    samples: int

    def matrix_json(self) -> str:
        """Return the matrix as JSON: rows of [real, imaginary] pairs."""
        pairs = np.stack([self.matrix.real, self.matrix.imag], axis=-1)
        return json.dumps(np.round(pairs, 6).tolist())


def bloch_vector(state: str) -> Float64s:
    """Return the Bloch vector of a cardinal state; z+ is the ground state."""
    vector = np.zeros(3)
    vector["xyz".index(state[0])] = 1.0 if state[1] == "+" else -1.0
    return vector


def held_bloch_vector(
    start: Float64s, *, hold_s: float, t1_s: float, t2_s: float, thermal: float, shrink: float
) -> Float64s:
    """Return what idling leaves: x and y lose exp(-t/T2), z relaxes to 1 - 2 p_th; write and read shrink it all."""
    kept, coherent = np.exp(-hold_s / t1_s), np.exp(-hold_s / t2_s)
    rest = 1 - 2 * thermal
    return shrink * np.array([coherent * start[0], coherent * start[1], rest + (start[2] - rest) * kept])


def turned_about_y(vector: Float64s, angle_rad: float) -> Float64s:
    """Return what a readout sees whose axes are turned by an angle about y."""
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([cos * vector[0] + sin * vector[2], vector[1], cos * vector[2] - sin * vector[0]])


def take_snapshot(state: str, seen: Float64s, *, shots: int, rng: np.random.Generator) -> Snapshot:
    """Return the tomography of a qubit whose Bloch vector reads `seen`, with `shots` along each axis."""
    counts = rng.binomial(shots, np.clip((1 + seen) / 2, 0.0, 1.0))
    measured = 2 * counts / shots - 1
    vector = measured / max(float(np.linalg.norm(measured)), 1.0)
    x, y, z = vector
    axis = "xyz".index(state[0])
    likely = (counts[axis] + 0.5) / (shots + 1)
    return Snapshot(
        state=state,
        matrix=np.array([[1 + z, x - 1j * y], [x + 1j * y, 1 - z]]) / 2,
        fidelity=float((1 + vector @ bloch_vector(state)) / 2),
        fidelity_error=float(np.sqrt(likely * (1 - likely) / shots)),
        samples=3 * shots,
    )
