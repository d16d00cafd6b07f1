"""A qubit that idles: relaxation, dephasing, and the fidelity of what comes back after a hold.

Conventions: T1 relaxation time, T2 coherence time, T_phi pure-dephasing time, all in seconds.
"""

import numpy as np
from numpy.typing import ArrayLike

from hwsim.physics.arrays import Floats, Value


def pure_dephasing_time(t1_s: Value | float, t2_s: Value | float) -> Value:
    """Return T_phi from 1/T2 = 1/(2 T1) + 1/T_phi (Bloch 1946, Phys. Rev. 70, 460); infinite at T2 = 2 T1.

    T1 = 100 us and T2 = 80 us give 133.333 us.
    """
    rate_hz = np.maximum(1 / t2_s - 1 / (2 * t1_s), 0.0)
    with np.errstate(divide="ignore"):
        time_s: Value = np.divide(1.0, rate_hz)
    return time_s


def excited_population(
    hold_s: Value | float, t1_s: Value | float, start: Value | float = 1.0, thermal: Value | float = 0.0
) -> Value:
    """Return p1(t) = p_th + (p1(0) - p_th) exp(-t/T1), relaxation towards the thermal population."""
    population: Value = thermal + (start - thermal) * np.exp(-hold_s / t1_s)
    return population


def coherence(hold_s: Value | float, t2_s: Value | float) -> Value:
    """Return |rho01(t)| / |rho01(0)| = exp(-t/T2)."""
    remaining: Value = np.exp(-hold_s / t2_s)
    return remaining


def process_fidelity(hold_s: Value | float, t1_s: Value | float, t2_s: Value | float) -> Value:
    """Return the entanglement fidelity of idling, (1 + exp(-t/T1) + 2 exp(-t/T2)) / 4.

    Independent of the thermal population (Nielsen & Chuang 2000, chapter 8).
    """
    fidelity: Value = (1 + np.exp(-hold_s / t1_s) + 2 * np.exp(-hold_s / t2_s)) / 4
    return fidelity


def average_fidelity(hold_s: Value | float, t1_s: Value | float, t2_s: Value | float) -> Value:
    """Return the average gate fidelity of idling, 1/2 + exp(-t/T1)/6 + exp(-t/T2)/3.

    (d F_pro + 1)/(d + 1) with d = 2 (Horodecki 1999, Phys. Rev. A 60, 1888; Nielsen 2002, Phys. Lett. A 303, 249).
    T1 = 100 us, T2 = 80 us, t = 10 us gives 0.944972.
    """
    fidelity: Value = 0.5 + np.exp(-hold_s / t1_s) / 6 + np.exp(-hold_s / t2_s) / 3
    return fidelity


def joint_process_fidelity(hold_s: ArrayLike, t1_s: ArrayLike, t2_s: ArrayLike) -> Floats:
    """Return the entanglement fidelity of several qubits that idle together: the product over the last axis."""
    hold_s, t1_s, t2_s = (np.asarray(each, dtype=np.float64) for each in (hold_s, t1_s, t2_s))
    return np.asarray(process_fidelity(hold_s, t1_s, t2_s).prod(axis=-1))


def joint_average_fidelity(hold_s: ArrayLike, t1_s: ArrayLike, t2_s: ArrayLike) -> Floats:
    """Return (d F_pro + 1)/(d + 1), d = 2^n, for n qubits along the last axis of T1 and T2.

    Two qubits lose sum_i [t/(5 T1) + 2t/(5 T2)] to first order.
    """
    qubits = np.broadcast(np.asarray(t1_s), np.asarray(t2_s)).shape[-1]
    return np.asarray((2**qubits * joint_process_fidelity(hold_s, t1_s, t2_s) + 1) / (2**qubits + 1))


def retrieval_fidelity(
    hold_s: Value | float, t1_s: Value | float, t2_s: Value | float, operation_error: Value | float
) -> Value:
    """Return the fidelity of write, hold and read: idling, its excess over 1/2 shrunk by depolarising write and read.

    `operation_error` is the infidelity of write and read together at zero hold time.
    """
    fidelity: Value = 0.5 + (1 - 2 * operation_error) * (average_fidelity(hold_s, t1_s, t2_s) - 0.5)
    return fidelity


def hold_at_fidelity(fidelity: float, t1_s: float, t2_s: float, operation_error: float) -> float:
    """Return the hold time in seconds at which `retrieval_fidelity` has sunk to `fidelity`; 0 if it starts below.

    Bisection on a decreasing function; infinite for a fidelity of 1/2 or less, which is never undercut.
    """
    if fidelity <= 0.5:
        return float("inf")
    low, high = 0.0, 60 * max(t1_s, t2_s)
    for _ in range(100):
        middle = (low + high) / 2
        above = retrieval_fidelity(middle, t1_s, t2_s, operation_error) > fidelity
        low, high = (middle, high) if above else (low, middle)
    return low
