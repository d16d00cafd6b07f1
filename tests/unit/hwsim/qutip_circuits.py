"""Circuits on pairs in QuTiP: the slow, obvious road that the closed forms are held against.

Qubits are counted from 0; Bell states stand in the order Phi+, Psi-, Psi+, Phi-.
"""

import numpy as np
import qutip

from hwsim.channels import idle_channel
from hwsim.physics.arrays import Floats
from hwsim.physics.bell_diagonal import BELL_STATES

_UP, _DOWN = qutip.basis(2, 0), qutip.basis(2, 1)
BELLS = [qutip.Qobj(state, dims=[[2, 2], [1, 1]]) for state in BELL_STATES]
PAULIS = [qutip.qeye(2), qutip.sigmay(), qutip.sigmax(), qutip.sigmaz()]
"""The Pauli operator that makes each Bell state of Phi+, up to a phase."""


def bell_diagonal(vector: Floats) -> qutip.Qobj:
    """Return the density matrix of a Bell-diagonal pair."""
    return sum(float(share) * bell.proj() for share, bell in zip(vector, BELLS, strict=True))


def bell_shares(state: qutip.Qobj) -> Floats:
    """Return <B|rho|B> of the four Bell states."""
    return np.array([qutip.expect(state, bell).real for bell in BELLS])


def on(operator: qutip.Qobj, qubit: int, qubits: int) -> qutip.Qobj:
    """Return a one-qubit operator on one of several qubits."""
    parts = [qutip.qeye(2)] * qubits
    parts[qubit] = operator
    return qutip.tensor(parts)


def cnot(control: int, target: int, qubits: int) -> qutip.Qobj:
    return on(_UP.proj(), control, qubits) + on(_DOWN.proj(), control, qubits) * on(qutip.sigmax(), target, qubits)


def dejmps_by_circuit(kept: Floats, spent: Floats) -> tuple[float, Floats]:
    """Return (chance that the results agree, Bell shares of the pair that is left). Qubits: a1 b1 a2 b2."""
    state = qutip.tensor(bell_diagonal(kept), bell_diagonal(spent))
    rotate = {end: (-1j * sign * np.pi / 4 * qutip.sigmax()).expm() for end, sign in (("a", 1), ("b", -1))}
    rotation = qutip.tensor(rotate["a"], rotate["b"], rotate["a"], rotate["b"])
    circuit = cnot(1, 3, 4) * cnot(0, 2, 4) * rotation
    state = circuit * state * circuit.dag()
    agree = sum(on(level.proj(), 2, 4) * on(level.proj(), 3, 4) for level in (_UP, _DOWN))
    left = (agree * state * agree).ptrace([0, 1])
    return left.tr().real, bell_shares(left / left.tr())


def swap_by_circuit(left: Floats, right: Floats) -> Floats:
    """Return the Bell shares after a perfect Bell measurement of the middle qubits and the correction it asks for."""
    state = qutip.tensor(bell_diagonal(left), bell_diagonal(right))
    result = 0 * qutip.tensor(qutip.qeye(2), qutip.qeye(2))
    for bell, pauli in zip(BELLS, PAULIS, strict=True):
        measured = qutip.tensor(qutip.qeye(2), bell.dag(), qutip.qeye(2))
        part = measured * state * measured.dag()
        correction = qutip.tensor(qutip.qeye(2), pauli)
        result = result + correction * qutip.Qobj(part.full(), dims=[[2, 2], [2, 2]]) * correction.dag()
    return bell_shares(result)


def teleported_fidelity(pair: Floats) -> float:
    """Return the average over the six Pauli eigenstates, which form a 2-design, of teleporting through `pair`."""
    fidelities = []
    for axis in (qutip.sigmax(), qutip.sigmay(), qutip.sigmaz()):
        for state in axis.eigenstates()[1]:
            joint = qutip.tensor(state.proj(), bell_diagonal(pair))
            received = 0 * qutip.qeye(2)
            for bell, pauli in zip(BELLS, PAULIS, strict=True):
                measured = qutip.tensor(bell.dag(), qutip.qeye(2))
                part = qutip.Qobj((measured * joint * measured.dag()).full())
                received = received + pauli * part * pauli.dag()
            fidelities.append(qutip.expect(received, state).real)
    return float(np.mean(fidelities))


def idle_pair(
    state: qutip.Qobj, hold_s: float, ends: tuple[tuple[float, float, float], tuple[float, float, float]]
) -> qutip.Qobj:
    """Return a pair after both qubits went through QuTiP's channel; ends are (T1, T2, thermal population)."""
    kraus = [qutip.to_kraus(idle_channel(hold_s, *end)) for end in ends]
    operators = [qutip.tensor(a, b) for a in kraus[0] for b in kraus[1]]
    return sum(operator * state * operator.dag() for operator in operators)
