"""What the textbook scans see: the excited (or surviving) fraction against delay or sequence length.

Offset and amplitude absorb errors of preparation and readout, so the times that a fit finds are free of them.
"""

import math

import numpy as np

from hwsim.physics.arrays import Value, unwrap

ZERO_CROSSING = math.log(2)
"""Delay, in units of T1, at which inversion recovery crosses zero."""


def relaxation(delay_s: Value | float, t1_s: Value | float, *, offset: float = 0.0, amplitude: float = 1.0) -> Value:
    """Return P1 = B + A exp(-t/T1)."""
    signal: Value = offset + amplitude * np.exp(-delay_s / t1_s)
    return signal


def inversion_recovery(delay_s: Value | float, t1_s: Value | float, equilibrium: float = 1.0) -> Value:
    """Return Mz = Meq (1 - 2 exp(-t/T1)), which crosses zero at T1 ln 2."""
    signal: Value = equilibrium * (1 - 2 * np.exp(-delay_s / t1_s))
    return signal


def decay(
    delay_s: Value | float,
    lifetime_s: Value | float,
    exponent: Value | float = 1.0,
    *,
    offset: float = 0.5,
    amplitude: float = 0.5,
) -> Value:
    """Return B + A exp(-(t/T)^n), the echo's signal: n = 1 for white noise, 3 for a slow bath's diffusion."""
    signal: Value = offset + amplitude * np.exp(-((delay_s / lifetime_s) ** exponent))
    return signal


def ramsey(
    delay_s: Value | float,
    t2_star_s: Value | float,
    detuning_hz: Value | float,
    *,
    exponent: float = 2.0,
    phase_rad: float = 0.0,
    offset: float = 0.5,
    amplitude: float = 0.5,
) -> Value:
    """Return B + A exp(-(t/T2*)^n) cos(2 pi df t + phi): n = 2 for quasi-static noise, 1 for white noise."""
    envelope = np.exp(-((delay_s / t2_star_s) ** exponent))
    signal: Value = offset + amplitude * envelope * np.cos(2 * np.pi * detuning_hz * delay_s + phase_rad)
    return signal


def sequence_survival(
    length: Value | float, decay_per_step: Value | float, *, offset: float, amplitude: float
) -> Value:
    """Return P(m) = A p^m + B, randomised benchmarking's survival after m Clifford gates."""
    signal: Value = offset + amplitude * decay_per_step**length
    return signal


def decay_during_readout(readout_s: Value | float, t1_s: Value | float) -> Value:
    """Return t/(2 T1), the least P(0|1): the excited level decays at a random moment of the readout window."""
    chance: Value = unwrap(readout_s / (2 * t1_s))
    return chance
