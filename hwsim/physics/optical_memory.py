"""Efficiency and noise of a memory for photons.

Equations: eta = eta_write exp(-(t/tau)^n) eta_read; mu1 = p_N / eta is the input photon number at which the
signal equals the noise (Jobez 2015, Phys. Rev. Lett. 114, 230502; Gundogan 2015, Phys. Rev. Lett. 114, 230501).
The best a memory can do depends on its optical depth alone (Gorshkov 2007, Phys. Rev. Lett. 98, 123601).
"""

import math

import numpy as np
from scipy.special import i0e

from hwsim.physics.arrays import Floats, Value, ratio, unwrap


def memory_efficiency(
    hold_s: Value | float,
    *,
    write: Value | float,
    read: Value | float,
    lifetime_s: Value | float,
    exponent: Value | float = 1.0,
) -> Value:
    """Return retrieved over input photons for a hold of `hold_s`."""
    efficiency: Value = write * np.exp(-((hold_s / lifetime_s) ** exponent)) * read
    return efficiency


def noise_equivalent_input(noise_photons: Value | float, efficiency: Value | float) -> Value:
    """Return mu1 = p_N / eta, with p_N the noise photons per retrieval without input."""
    mu1: Value = unwrap(noise_photons / efficiency)
    return mu1


def conditional_fidelity(
    input_photons: Value | float, noise_photons: Value | float, efficiency: Value | float
) -> Value:
    """Return (SNR + 1)/(SNR + 2), SNR = mu/mu1; an input of mu1 gives 2/3, the classical limit, no noise 1."""
    signal = input_photons * efficiency
    fidelity: Value = ratio(signal + noise_photons, signal + 2 * np.asarray(noise_photons))
    return fidelity


def gradient_echo_efficiency(depth_parameter: Value) -> Value:
    """Return (1 - exp(-2 pi beta))^2 of gradient echo (longitudinal CRIB), without a 54 % limit (Longdell 2008)."""
    efficiency: Value = np.expm1(-2 * np.pi * depth_parameter) ** 2
    return efficiency


def transverse_crib_efficiency(depth: Value, *, backward: bool) -> Value:
    """Return transverse CRIB (Sangouard 2007): backward (1 - exp(-d))^2, forward d^2 exp(-d), at most 54.1 %."""
    efficiency: Value = np.expm1(-depth) ** 2 if backward else depth**2 * np.exp(-depth)
    return efficiency


def cavity_efficiency(cooperativity: Value) -> Value:
    """Return (C/(1+C))^2, write and read of an ensemble in a cavity."""
    efficiency: Value = (cooperativity / (1 + cooperativity)) ** 2
    return efficiency


def amplitude_depth(optical_depth: Value) -> Value:
    """Return Gorshkov's d of an experiment's optical depth: intensity transmission exp(-OD) = exp(-2d)."""
    return optical_depth / 2


def optimal_efficiency(amplitude_depth: float, *, backward: bool) -> float:
    """Return the highest efficiency of write and read in free space, by EIT, Raman or photon echo alike.

    `amplitude_depth` is Gorshkov's d > 0, half the optical depth. Reading is a map whose square has the kernel
    (d/2) exp(-d(z+z')/2) I0(d sqrt(z z')), z from the exit, and writing is its time reverse (Gorshkov 2007, Phys.
    Rev. A 76, 033805). Read backward, the best mode suits both, and the loss is 5.8/d at large d; read forward, the
    spin wave lies the wrong way round, and it is 19/d.
    """
    kernel = _retrieval_kernel(amplitude_depth)
    if backward:
        return float(np.linalg.eigvalsh(kernel)[-1]) ** 2
    values, vectors = np.linalg.eigh(kernel)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return float(np.abs(np.linalg.eigvalsh(root @ root[::-1])).max()) ** 2


def _retrieval_kernel(depth: float) -> Floats:
    """Return the kernel on Gauss-Legendre nodes, weighted so that its eigenvalues are those of the integral."""
    nodes, weights = np.polynomial.legendre.leggauss(16 + 2 * math.ceil(math.sqrt(depth)))
    z, weights = (nodes + 1) / 2, weights / 2
    root = np.sqrt(z)
    apart = root[:, None] - root[None, :]
    kernel = depth / 2 * np.exp(-depth * apart**2 / 2) * i0e(depth * np.outer(root, root))
    return np.asarray(kernel * np.sqrt(np.outer(weights, weights)))
