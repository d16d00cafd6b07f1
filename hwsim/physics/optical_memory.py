"""Efficiency and noise of a memory for photons.

Equations: eta = eta_write exp(-(t/tau)^n) eta_read; mu1 = p_N / eta is the input photon number at which the
signal equals the noise (Jobez 2015, Phys. Rev. Lett. 114, 230502; Gundogan 2015, Phys. Rev. Lett. 114, 230501).
"""

import math


def memory_efficiency(hold_s: float, *, write: float, read: float, lifetime_s: float, exponent: float = 1.0) -> float:
    """Return retrieved over input photons for a hold of `hold_s`."""
    return write * math.exp(-((hold_s / lifetime_s) ** exponent)) * read


def noise_equivalent_input(noise_photons: float, efficiency: float) -> float:
    """Return mu1 = p_N / eta, with p_N the noise photons per retrieval without input."""
    return noise_photons / efficiency


def conditional_fidelity(input_photons: float, noise_photons: float, efficiency: float) -> float:
    """Return (SNR + 1)/(SNR + 2), SNR = mu/mu1; an input of mu1 gives 2/3, the classical limit."""
    ratio = input_photons / noise_equivalent_input(noise_photons, efficiency)
    return (ratio + 1) / (ratio + 2)
