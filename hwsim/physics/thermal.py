"""Heat: how a cryostat stage relaxes, and what its temperature does to stored qubits.

Two laws are textbook first order: a stage with one time constant (Newton's law of cooling) and one
thermally activated process (Arrhenius) that adds to the relaxation and the coherence rate alike. The third is the
Boltzmann factor of a qubit in equilibrium.
"""

import numpy as np

from hwsim.physics.arrays import Value, unwrap

PLANCK_J_S = 6.62607015e-34
BOLTZMANN_J_PER_K = 1.380649e-23


def thermal_population(frequency_hz: Value | float, temperature_k: Value | float) -> Value:
    """Return 1/(1 + exp(h f/(k T))), the excited population in equilibrium (Jin 2015, Phys. Rev. Lett. 114, 240501).

    4.97 GHz at 35 mK gives 0.11 %.
    """
    ratio = PLANCK_J_S * frequency_hz / (BOLTZMANN_J_PER_K * temperature_k)
    population: Value = 1 / (1 + np.exp(ratio))
    return population


def relaxed_temperature(
    elapsed_s: Value | float, start_k: Value | float, target_k: Value | float, time_constant_s: Value | float
) -> Value:
    """Return target + (start - target) exp(-t/tau)."""
    temperature: Value = target_k + (start_k - target_k) * np.exp(-elapsed_s / time_constant_s)
    return temperature


def activated_rate_hz(temperature_k: Value, *, rate_hz: float, at_temperature_k: float, activation_k: float) -> Value:
    """Return rate exp(activation (1/T_ref - 1/T)): `rate_hz` at `at_temperature_k`, steeply more above it."""
    rate: Value = rate_hz * np.exp(activation_k * (1 / at_temperature_k - 1 / temperature_k))
    return rate


def shortened_lifetime(lifetime_s: Value | float, extra_rate_hz: Value | float) -> Value:
    """Return 1/(1/lifetime + extra rate).

    Adding the same rate to 1/T1 and 1/T2 keeps T2 <= 2 T1: it is a relaxation g with a pure dephasing g/2.
    """
    lifetime: Value = unwrap(lifetime_s / (1 + extra_rate_hz * lifetime_s))
    return lifetime
