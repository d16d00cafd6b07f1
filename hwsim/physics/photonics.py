"""Photons on their way: loss and delay in fibre, and two of them meeting on a beam splitter."""

import numpy as np

from hwsim.physics.arrays import Value, ratio, unwrap

SPEED_OF_LIGHT_M_PER_S = 299_792_458.0
FIBRE_INDEX = 1.468
"""Group index of standard single-mode fibre at 1550 nm: 4.897 us/km."""


def transmission_of_loss(loss_db: Value) -> Value:
    """Return 10^(-loss/10)."""
    transmission: Value = 10 ** (-loss_db / 10)
    return transmission


def fibre_transmission(length_km: Value | float, loss_db_per_km: Value | float = 0.2) -> Value:
    """Return 10^(-alpha L/10); 1 km at 0.2 dB/km transmits 95.5 % (Sangouard 2011, Rev. Mod. Phys. 83, 33)."""
    transmission: Value = unwrap(10 ** (-loss_db_per_km * length_km / 10))
    return transmission


def attenuation_length_km(loss_db_per_km: Value) -> Value:
    """Return the length that leaves 1/e: 21.71 km at 0.2 dB/km."""
    length_km: Value = 10 / (np.log(10) * loss_db_per_km)
    return length_km


def fibre_delay_s(length_km: Value | float, index: Value | float = FIBRE_INDEX) -> Value:
    """Return the one-way delay L n/c in seconds; 100 km take 489.67 us."""
    delay_s: Value = unwrap(length_km * 1000 * index / SPEED_OF_LIGHT_M_PER_S)
    return delay_s


def coincidence_probability(visibility: Value) -> Value:
    """Return (1-V)/2, the chance that two photons leave a 50:50 beam splitter through different ports.

    Hong, Ou, Mandel 1987, Phys. Rev. Lett. 59, 2044: 0 for identical photons, 1/2 for distinguishable ones.
    """
    return (1 - visibility) / 2


def split_coincidence_probability(reflectivity: Value | float, overlap: Value | float) -> Value:
    """Return R^2 + T^2 - 2 R T V for one photon at each input of a lossless beam splitter, V their overlap."""
    transmissivity = 1 - reflectivity
    chance: Value = unwrap(reflectivity**2 + transmissivity**2 - 2 * reflectivity * transmissivity * overlap)
    return chance


def visibility_limit(reflectivity: Value) -> Value:
    """Return 2RT/(R^2 + T^2), the visibility that a lossless beam splitter allows for identical photons."""
    transmissivity = 1 - reflectivity
    return 2 * reflectivity * transmissivity / (reflectivity**2 + transmissivity**2)


def emitter_visibility(t1_s: Value | float, t2_s: Value | float) -> Value:
    """Return T2/(2 T1) for a two-level emitter with pure dephasing (Bylander 2003, Eur. Phys. J. D 22, 295)."""
    visibility: Value = unwrap(t2_s / (2 * t1_s))
    return visibility


def impure_visibility(overlap: Value | float, g2: Value | float) -> Value:
    """Return V/(1 + 2 g2), the raw dip of sources that sometimes send two photons; a first-order rule."""
    visibility: Value = unwrap(overlap / (1 + 2 * g2))
    return visibility


def coherent_dip_visibility(
    mean_a: Value | float, mean_b: Value | float, overlap: Value | float = 1.0, reflectivity: Value | float = 0.5
) -> Value:
    """Return the dip of weak, phase-randomised coherent states of these mean photon numbers: never above 1/2.

    1 - C(overlap)/C(0) with C the mean product of the two output intensities, averaged over the relative phase:
    C = RT (a^2 + b^2) + (R^2 + T^2) a b - 2 R T V a b. For Poissonian light all of a^2 stays, so equal means at a
    50:50 splitter give V/2 (Ou & Mandel 1989).
    """
    product = mean_a * mean_b
    both = reflectivity * (1 - reflectivity)
    apart = both * (mean_a**2 + mean_b**2) + (1 - 2 * both) * product
    visibility: Value = ratio(2 * both * overlap * product, apart)
    return visibility


def wavepacket_overlap(delay_s: Value, *, overlap: float = 1.0, width_s: float) -> Value:
    """Return V(delay) = V exp(-delay^2 / width^2) of Gaussian photons, the shape of the Hong-Ou-Mandel dip."""
    shape: Value = overlap * np.exp(-((delay_s / width_s) ** 2))
    return shape
