"""Photons on their way: fibre, detectors, and two of them meeting on a beam splitter."""

import math

SPEED_OF_LIGHT_M_PER_S = 299_792_458.0
FIBRE_INDEX = 1.468
"""Group index of standard single-mode fibre at 1550 nm: 4.897 us/km."""


def transmission_of_loss(loss_db: float) -> float:
    """Return 10^(-loss/10)."""
    return 10 ** (-loss_db / 10)


def fibre_transmission(length_km: float, loss_db_per_km: float = 0.2) -> float:
    """Return 10^(-alpha L/10); 1 km at 0.2 dB/km transmits 95.5 % (Sangouard 2011, Rev. Mod. Phys. 83, 33)."""
    return transmission_of_loss(loss_db_per_km * length_km)


def fibre_delay_s(length_km: float, index: float = FIBRE_INDEX) -> float:
    """Return the one-way delay L n/c in seconds; 100 km take 489.67 us."""
    return length_km * 1000 * index / SPEED_OF_LIGHT_M_PER_S


def dark_count_probability(rate_hz: float, gate_s: float) -> float:
    """Return d = 1 - exp(-rate * gate), the chance of a dark click of one detector in one gate."""
    return -math.expm1(-rate_hz * gate_s)


def click_probability(photons: int, efficiency: float, dark: float) -> float:
    """Return 1 - (1-d)(1-eta)^n for a threshold detector that n photons meet."""
    return 1 - (1 - dark) * (1 - efficiency) ** photons


def observed_rate_hz(true_rate_hz: float, dead_time_s: float) -> float:
    """Return n/(1 + n tau), the count rate behind a non-paralysable dead time."""
    return true_rate_hz / (1 + true_rate_hz * dead_time_s)


def coincidence_probability(visibility: float) -> float:
    """Return (1-V)/2, the chance that two photons leave a 50:50 beam splitter through different ports.

    Hong, Ou, Mandel 1987, Phys. Rev. Lett. 59, 2044: 0 for identical photons, 1/2 for distinguishable ones.
    """
    return (1 - visibility) / 2


def visibility_limit(reflectivity: float) -> float:
    """Return 2RT/(R^2 + T^2), the visibility that a lossless beam splitter allows for identical photons."""
    transmissivity = 1 - reflectivity
    return 2 * reflectivity * transmissivity / (reflectivity**2 + transmissivity**2)


def emitter_visibility(t1_s: float, t2_s: float) -> float:
    """Return T2/(2 T1) for a two-level emitter with pure dephasing (Bylander 2003, Eur. Phys. J. D 22, 295)."""
    return t2_s / (2 * t1_s)
