"""The public validation table P1-P46: what each row computes, what it must be, how closely, and who says so.

Rows call the functions that the simulated devices call. A tolerance is relative; `absolute`, `sigmas` (of a simulated
figure), `factor` (within it) and `at most` say otherwise. Rows with simulated figures have a fixed seed.
"""

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hwsim.click_patterns import Protocol, build_patterns
from hwsim.experiments.lifetimes import measure_t1
from hwsim.physics.afc import Direction, comb_efficiency
from hwsim.physics.bell_diagonal import werner_vector
from hwsim.physics.decoy_bb84 import (
    Channel,
    asymptotic_key_rate,
    misalignment_of_fidelity,
    optimal_mean_photons,
    reach_km,
    receiver_transmittance,
    vacuum_and_weak_key_rate,
)
from hwsim.physics.delivery import (
    deterministic_fidelity_bound,
    deterministic_threshold,
    slowest_of_parallel,
    wait_for_direct_photon_s,
)
from hwsim.physics.dephasing import coherence_time_s
from hwsim.physics.gates import (
    circuit_fidelity,
    coherence_limited_clifford_error,
    coherence_limited_error,
    coherence_limited_pair_error,
)
from hwsim.physics.heralding import Heralding, heralding_rate_hz, single_click, two_click
from hwsim.physics.idle import average_fidelity, pure_dephasing_time
from hwsim.physics.key_thresholds import (
    bb84_threshold,
    draw_intercept_resend,
    repeaterless_bound,
    six_state_threshold,
)
from hwsim.physics.optical_memory import conditional_fidelity, noise_equivalent_input
from hwsim.physics.photonics import (
    coherent_dip_visibility,
    coincidence_probability,
    fibre_delay_s,
    fibre_transmission,
)
from hwsim.physics.purification import bbpssw, bbpssw_rounds, dejmps, dejmps_rounds
from hwsim.physics.queueing import draw_services_s, mean_wait_s, waits_s
from hwsim.physics.readout import readout_error
from hwsim.physics.signals import ZERO_CROSSING, inversion_recovery
from hwsim.physics.swapping import (
    LINEAR_OPTICS_BELL_MEASUREMENT,
    chain_fidelity,
    draw_bell_measurements,
    swapped_fidelity,
)
from hwsim.physics.thermal import thermal_population
from hwsim.physics.waiting import BellState, waiting_fidelity
from hwsim.physics.werner import (
    CHSH_THRESHOLD_FIDELITY,
    CLASSICAL_FIDELITY,
    chsh_value,
    draw_chsh_value,
    teleportation_fidelity,
)

US = 1e-6
AT_2E8_M_PER_S = 299_792_458 / 2e8
BRISBANE = Path(__file__).parent / "data" / "brisbane_readout.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    id: str
    quantity: str
    source: str
    expected: Sequence[float]
    tolerance: float
    kind: str = "relative"
    value: Callable[[], Any]

    def values(self) -> list[float]:
        return [float(each) for each in np.atleast_1d(np.asarray(self.value(), dtype=np.float64)).ravel()]

    def holds(self) -> bool:
        return len(self.values()) == len(self.expected) and all(
            _CHECKS[self.kind](value, expected, self.tolerance)
            for value, expected in zip(self.values(), self.expected, strict=True)
        )


_CHECKS: dict[str, Callable[[float, float, float], bool]] = {
    "relative": lambda value, expected, tolerance: abs(value - expected) <= tolerance * abs(expected),
    "absolute": lambda value, expected, tolerance: abs(value - expected) <= tolerance,
    "factor": lambda value, expected, tolerance: expected / tolerance <= value <= expected * tolerance,
    "at most": lambda value, expected, tolerance: value <= expected + tolerance,
}


def _both(heralding: Heralding[float]) -> tuple[float, float]:
    return heralding.probability, heralding.fidelity


def _barrett_kok(eta: float, visibility: float, dark: float) -> tuple[float, float]:
    return _both(two_click(eta_a=eta, eta_b=eta, visibility=visibility, dark=dark))


def _humphreys() -> Heralding[float]:
    return single_click(bright=0.05, eta_a=4e-4, eta_b=4e-4, visibility=0.9)


def _gobby_yuan_shields(length_km: Any) -> Channel:
    transmittance = receiver_transmittance(length_km, loss_db_per_km=0.21, detection=0.045)
    return Channel(transmittance=transmittance, background=1.7e-6, misalignment=0.033)


def _coincidences(visibility: float, pairs: int) -> float:
    """Return the share of photon pairs whose photons part, drawn as a link's station draws its clicks."""
    patterns = build_patterns(
        Protocol.SINGLE_CLICK, eta_a=1.0, eta_b=1.0, visibility=visibility, dark=0.0, bright=1.0
    )
    seen = np.random.default_rng(8).multinomial(pairs, patterns.probability)
    return float(seen[(patterns.clicks[:, :2] == 1).all(axis=1)].sum() / pairs)


def _werner_like(vector: Sequence[float]) -> tuple[float, float]:
    result = dejmps(np.array(vector), np.array(vector))
    return float(result.probability), float(result.fidelity)


def _simulated_wait_s(squared_variation: float) -> float:
    rng = np.random.default_rng(41)
    jobs = 400_000
    arrivals_s = np.cumsum(rng.exponential(120.0, jobs))
    return float(waits_s(arrivals_s, draw_services_s(60.0, squared_variation, jobs, rng)).mean())


def _brisbane_mismatch() -> float:
    with BRISBANE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    stated, e10, e01 = (
        np.array([float(row[name]) for row in rows])
        for name in ("readout_error", "prob_meas0_prep1", "prob_meas1_prep0")
    )
    return float(np.abs(readout_error(e01, e10) - stated).max())


def _fitted_zero_crossing() -> float:
    estimate = measure_t1(np.ones(50), expected_s=1.0, shots=2000, rng=np.random.default_rng(42))
    return float(estimate.value.mean()) * ZERO_CROSSING


def _cpmg_exponent() -> float:
    pulses = np.array([1, 2, 4, 8, 16, 32, 64])
    times_s = [float(coherence_time_s(rms_rad_per_s=1e6, correlation_s=1e-3, pulses=int(n))) for n in pulses]
    return float(np.polyfit(np.log(pulses), np.log(times_s), 1)[0])


def _sequence_channel() -> Channel:
    return Channel(
        transmittance=fibre_transmission(10.0), background=0.0, misalignment=misalignment_of_fidelity(0.97)
    )


def _intercepted() -> float:
    errors, sifted = draw_intercept_resend(200_000, np.random.default_rng(31))
    return errors / sifted


F5 = np.array([0.6, 0.7, 0.75, 0.8, 0.9])
GYS_KM = np.array([0.0, 50.0, 100.0, 130.0])
QBER_KM = np.array([0.0, 50.0, 100.0, 140.0])

ROWS = [
    Row(
        id="P1",
        quantity="average fidelity of idling, T1 = 100 us, T2 = 80 us, 10, 50 and 100 us",
        source="eq. 4",
        expected=(0.944972, 0.779509, 0.656815),
        tolerance=1e-5,
        value=lambda: average_fidelity(np.array([10, 50, 100]) * US, 100 * US, 80 * US),
    ),
    Row(
        id="P2",
        quantity="T_phi in us for T1 = 100, T2 = 80",
        source="eq. 1",
        expected=(400 / 3,),
        tolerance=1e-9,
        value=lambda: pure_dephasing_time(100.0, 80.0),
    ),
    Row(
        id="P3",
        quantity="excited population of a 4.97 GHz transmon at 35 mK",
        source="Jin 2015",
        expected=(1.096e-3,),
        tolerance=1e-3,
        value=lambda: thermal_population(4.97e9, 0.035),
    ),
    Row(
        id="P3b",
        quantity="the same against the published 0.1 %",
        source="Jin 2015",
        expected=(1e-3,),
        tolerance=2e-4,
        kind="absolute",
        value=lambda: thermal_population(4.97e9, 0.035),
    ),
    Row(
        id="P4",
        quantity="excited population at 5 GHz and 10, 20, 50, 100 mK",
        source="eq. 5",
        expected=(3.79e-11, 6.16e-6, 8.169e-3, 0.08320),
        tolerance=1e-3,
        value=lambda: thermal_population(5e9, np.array([0.01, 0.02, 0.05, 0.1])),
    ),
    Row(
        id="P5",
        quantity="transmission of 1, 10, 50, 100 km at 0.2 dB/km",
        source="Sangouard 2011",
        expected=(0.95499, 0.63096, 0.1, 0.01),
        tolerance=1e-4,
        value=lambda: fibre_transmission(np.array([1.0, 10, 50, 100])),
    ),
    Row(
        id="P6",
        quantity="photons per second of a 10 GHz source over 500 and 1000 km",
        source="Sangouard 2011",
        expected=(1.0, 1e-10),
        tolerance=1e-3,
        value=lambda: 1 / wait_for_direct_photon_s(1e10, fibre_transmission(np.array([500.0, 1000.0]))),
    ),
    Row(
        id="P7",
        quantity="delay in us of 100 km at index 1.468, and at 2e8 m/s",
        source="eq. 13",
        expected=(489.67, 500.0),
        tolerance=1e-4,
        value=lambda: np.array([fibre_delay_s(100.0), fibre_delay_s(100.0, AT_2E8_M_PER_S)]) / US,
    ),
    Row(
        id="P8",
        quantity="coincidences at V = 1, 0.9, 0",
        source="Hong, Ou, Mandel 1987",
        expected=(0.0, 0.05, 0.5),
        tolerance=1e-6,
        kind="absolute",
        value=lambda: coincidence_probability(np.array([1.0, 0.9, 0.0])),
    ),
    Row(
        id="P8b",
        quantity="the same drawn for a million pairs at V = 0.9",
        source="3 sigma",
        expected=(0.05,),
        tolerance=3 * math.sqrt(0.05 * 0.95 / 1e6),
        kind="absolute",
        value=lambda: _coincidences(0.9, 1_000_000),
    ),
    Row(
        id="P9",
        quantity="dip visibility of equal and of unequal coherent states",
        source="Ou, Mandel 1989",
        expected=(0.5, 0.5),
        tolerance=0.02,
        kind="at most",
        value=lambda: coherent_dip_visibility(np.array([0.1, 0.1]), np.array([0.1, 0.3])),
    ),
    Row(
        id="P10",
        quantity="Barrett-Kok P and F, eta = 0.1, V = 1, d = 0",
        source="Barrett, Kok 2005",
        expected=(0.005, 1.0),
        tolerance=1e-6,
        value=lambda: _barrett_kok(0.1, 1.0, 0.0),
    ),
    Row(
        id="P11",
        quantity="Barrett-Kok P and F, eta = 0.02, V = 0.9, d = 1e-6",
        source="eq. 17",
        expected=(2.00078e-4, 0.949724),
        tolerance=1e-5,
        value=lambda: _barrett_kok(0.02, 0.9, 1e-6),
    ),
    Row(
        id="P12",
        quantity="Barrett-Kok P and F of NV centres, eta = 5.1e-4, V = 0.9, d = 1.5e-7",
        source="arXiv 2207.10579",
        expected=(1.30356e-7, 0.948357),
        tolerance=1e-5,
        value=lambda: _barrett_kok(5.1e-4, 0.9, 1.5e-7),
    ),
    Row(
        id="P13",
        quantity="Barrett-Kok P and F of ions, eta = 0.111, V = 0.89, d = 1.4e-5",
        source="arXiv 2207.10579",
        expected=(6.16602e-3, 0.944352),
        tolerance=1e-5,
        value=lambda: _barrett_kok(0.111, 0.89, 1.4e-5),
    ),
    Row(
        id="P14",
        quantity="single click P and F, alpha = 0.05, eta = 4e-4, V = 0.9, d = 0",
        source="eq. 16",
        expected=(3.99996e-5, 0.925634),
        tolerance=1e-5,
        value=lambda: _both(_humphreys()),
    ),
    Row(
        id="P14b",
        quantity="its heralds per second at 5.5 us per attempt, measured about 6",
        source="Humphreys 2018",
        expected=(6.0,),
        tolerance=0.5,
        value=lambda: heralding_rate_hz(5.5e-6, _humphreys().probability),
    ),
    Row(
        id="P15",
        quantity="link efficiency at which deterministic delivery reaches F = 1/2",
        source="Humphreys 2018",
        expected=(0.8260,),
        tolerance=1e-3,
        value=deterministic_threshold,
    ),
    Row(
        id="P16",
        quantity="deterministic fidelity bound at 39 Hz over 5 Hz",
        source="Humphreys 2018",
        expected=(0.8045,),
        tolerance=1e-3,
        value=lambda: deterministic_fidelity_bound(39 / 5),
    ),
    Row(
        id="P17",
        quantity="CHSH bound of a Werner pair with F = 0.92",
        source="Hensen 2015",
        expected=(2.5267,),
        tolerance=1e-4,
        value=lambda: chsh_value(0.92),
    ),
    Row(
        id="P17b",
        quantity="S simulated in 100,000 trials, measured 2.42 in 245",
        source="Hensen 2015",
        expected=(2.42,),
        tolerance=0.20,
        kind="absolute",
        value=lambda: draw_chsh_value(0.92, 100_000, np.random.default_rng(17)),
    ),
    Row(
        id="P18",
        quantity="heralds per hour at 4.83e4 attempts/s and 6.4e-9, measured 245 in 220 h",
        source="Hensen 2015",
        expected=(245 / 220,),
        tolerance=0.2,
        value=lambda: heralding_rate_hz(1 / 4.83e4, 6.4e-9) * 3600,
    ),
    Row(
        id="P19",
        quantity="heralds per second at 8.35e5 attempts/s and 2.18e-4, measured 182",
        source="Stephenson 2020",
        expected=(182.0,),
        tolerance=0.1,
        value=lambda: heralding_rate_hz(1 / 8.35e5, 2.18e-4),
    ),
    Row(
        id="P20",
        quantity="fidelity at which CHSH is violated; teleportation with F = 0.92",
        source="Horodecki 1999",
        expected=(0.78033, 0.94667),
        tolerance=1e-5,
        value=lambda: (CHSH_THRESHOLD_FIDELITY, teleportation_fidelity(0.92)),
    ),
    Row(
        id="P21",
        quantity="swaps of 0.9 and 0.9; three of 0.95; ten of 0.99",
        source="Briegel 1998",
        expected=(0.813333, 0.859778, 0.905792),
        tolerance=1e-5,
        value=lambda: (swapped_fidelity(0.9, 0.9), chain_fidelity([0.95] * 3), chain_fidelity([0.99] * 10)),
    ),
    Row(
        id="P22",
        quantity="BBPSSW fidelity from 0.6, 0.7, 0.75, 0.8, 0.9",
        source="Bennett 1996",
        expected=(0.620438, 0.735294, 0.788462, 0.838150, 0.926396),
        tolerance=1e-5,
        value=lambda: bbpssw(F5, F5).fidelity,
    ),
    Row(
        id="P22b",
        quantity="BBPSSW success from the same",
        source="Bennett 1996",
        expected=(0.608889, 0.68, 0.722222, 0.768889, 0.875556),
        tolerance=1e-5,
        value=lambda: bbpssw(F5, F5).probability,
    ),
    Row(
        id="P23",
        quantity="DEJMPS from a Werner pair of 0.7, rounds 1 to 4",
        source="Deutsch 1996",
        expected=(0.735294, 0.845946, 0.934395, 0.972004),
        tolerance=1e-5,
        value=lambda: [float(each.fidelity) for each in dejmps_rounds(werner_vector(0.7), 4)],
    ),
    Row(
        id="P23b",
        quantity="BBPSSW from the same",
        source="Bennett 1996",
        expected=(0.7353, 0.7732, 0.8119, 0.8495),
        tolerance=1e-4,
        value=lambda: [float(each.fidelity) for each in bbpssw_rounds(0.7, 4)],
    ),
    Row(
        id="P24",
        quantity="DEJMPS P and F with a quarter of Psi-, then of Phi-",
        source="Deutsch 1996",
        expected=(1.0, 0.625, 0.625, 0.9),
        tolerance=1e-6,
        value=lambda: (*_werner_like((0.75, 0.25, 0, 0)), *_werner_like((0.75, 0, 0, 0.25))),
    ),
    Row(
        id="P25",
        quantity="p E[max] of 2, 4, 8 links at p = 0.01",
        source="Bernardes 2011",
        expected=(1.49749, 2.07790, 2.70925),
        tolerance=1e-4,
        value=lambda: [0.01 * float(slowest_of_parallel(0.01, links)) for links in (2, 4, 8)],
    ),
    Row(
        id="P26",
        quantity="reach in km, mu = 0.48, infinite decoys; vacuum and weak 0.05",
        source="Ma 2005; Gobby 2004",
        expected=(142.01, 140.62),
        tolerance=0.2,
        kind="absolute",
        value=lambda: (
            reach_km(lambda km: asymptotic_key_rate(_gobby_yuan_shields(km), 0.48, reconciliation=1.22)),
            reach_km(lambda km: vacuum_and_weak_key_rate(_gobby_yuan_shields(km), 0.48, 0.05, reconciliation=1.22)),
        ),
    ),
    Row(
        id="P27",
        quantity="optimal mu at f = 1.22 and f = 1",
        source="Ma 2005",
        expected=(0.4789, 0.5441),
        tolerance=1e-3,
        value=lambda: (optimal_mean_photons(0.033, 1.22), optimal_mean_photons(0.033, 1.0)),
    ),
    Row(
        id="P28",
        quantity="key rate per pulse at 0, 50, 100, 130 km",
        source="eq. 28",
        expected=(2.5546e-3, 2.2260e-4, 1.7184e-5, 1.9557e-6),
        tolerance=1e-3,
        value=lambda: asymptotic_key_rate(_gobby_yuan_shields(GYS_KM), 0.48, reconciliation=1.22),
    ),
    Row(
        id="P29",
        quantity="QBER at 0, 50, 100, 140 km",
        source="eq. 28",
        expected=(0.033037, 0.033412, 0.037582, 0.062959),
        tolerance=1e-4,
        value=lambda: _gobby_yuan_shields(QBER_KM).error_ratio(0.48),
    ),
    Row(
        id="P30",
        quantity="QBER thresholds BB84, six-state, f = 1.16, f = 1.22",
        source="Shor, Preskill 2000; Lo 2001",
        expected=(0.110028, 0.126193, 0.098106, 0.094235),
        tolerance=1e-4,
        value=lambda: (bb84_threshold(), six_state_threshold(), bb84_threshold(1.16), bb84_threshold(1.22)),
    ),
    Row(
        id="P31",
        quantity="QBER that intercept and resend leaves, drawn",
        source="Bennett, Brassard 1984; 3 sigma",
        expected=(0.25,),
        tolerance=3 * math.sqrt(0.25 * 0.75 / 99_000),
        kind="absolute",
        value=_intercepted,
    ),
    Row(
        id="P32",
        quantity="repeaterless bound at eta = 0.01; bit/s over 71.9 dB at 2.5 GHz (achieved: 6.5)",
        source="Pirandola 2017; Boaron 2018",
        expected=(0.0144996, 233.0),
        tolerance=1e-3,
        value=lambda: (repeaterless_bound(0.01), 2.5e9 * repeaterless_bound(10**-7.19)),
    ),
    Row(
        id="P33",
        quantity="best forward efficiency of a comb",
        source="Afzelius 2009",
        expected=(0.54134,),
        tolerance=1e-5,
        value=lambda: comb_efficiency(2.0, Direction.FORWARD),
    ),
    Row(
        id="P34",
        quantity="conditional fidelity at mu = mu1; at eta = 0.1, p_N = 0.005, mu = 1",
        source="eq. 9",
        expected=(2 / 3, 21 / 22),
        tolerance=1e-9,
        value=lambda: (
            conditional_fidelity(noise_equivalent_input(0.005, 0.1), 0.005, 0.1),
            conditional_fidelity(1.0, 0.005, 0.1),
        ),
    ),
    Row(
        id="P35",
        quantity="T2* and echo T2 in us, OU noise of 1e6 rad/s and 1 ms",
        source="eq. 6",
        expected=(1.4142, 22.96),
        tolerance=1e-3,
        value=lambda: [
            float(coherence_time_s(rms_rad_per_s=1e6, correlation_s=1e-3, pulses=pulses)) / US for pulses in (0, 1)
        ],
    ),
    Row(
        id="P36",
        quantity="Psi and Phi pairs after t = T1 with T2 = 2 T1",
        source="eq. 25",
        expected=(0.367879, 0.567668),
        tolerance=1e-5,
        value=lambda: [waiting_fidelity(1.0, 1.0, 2.0, 1.0, 2.0, state=state) for state in BellState],
    ),
    Row(
        id="P37",
        quantity="coherence limit per Clifford and per gate, 25 ns, T1 = 100 us, T2 = 80 us",
        source="eq. 31",
        expected=(2.73362e-4, 1.45812e-4),
        tolerance=1e-5,
        value=lambda: (
            coherence_limited_clifford_error(25e-9, 100 * US, 80 * US),
            coherence_limited_error(25e-9, 100 * US, 80 * US),
        ),
    ),
    Row(
        id="P38",
        quantity="largest gap between readout_error and the mean misread share, 127 qubits of ibm_brisbane",
        source="qiskit-ibm-runtime 0.51.0",
        expected=(0.0,),
        tolerance=1e-6,
        kind="absolute",
        value=_brisbane_mismatch,
    ),
    Row(
        id="P39",
        quantity="coherence limit of an 84 ns CZ at ibm_fez's medians",
        source="qiskit-ibm-runtime 0.51.0",
        expected=(9.953e-4,),
        tolerance=1e-3,
        value=lambda: coherence_limited_pair_error(84e-9, [144.855 * US] * 2, [87.951 * US] * 2),
    ),
    Row(
        id="P39b",
        quantity="that limit, against the measured median CZ error",
        source="qiskit-ibm-runtime 0.51.0",
        expected=(3.903e-3,),
        tolerance=0.0,
        kind="at most",
        value=lambda: coherence_limited_pair_error(84e-9, [144.855 * US] * 2, [87.951 * US] * 2),
    ),
    Row(
        id="P40",
        quantity="Sycamore's circuit fidelity by its operations' errors, measured 2.24e-3",
        source="Arute 2019",
        expected=(2.24e-3,),
        tolerance=2.0,
        kind="factor",
        value=lambda: circuit_fidelity([0.0016, 0.0062, 0.038], [1113, 430, 53]),
    ),
    Row(
        id="P41",
        quantity="mean wait in s, 60 s jobs every 120 s, cv^2 = 2, 1, 0",
        source="Pollaczek-Khinchine",
        expected=(90.0, 60.0, 30.0),
        tolerance=1e-9,
        value=lambda: [mean_wait_s(1 / 120, 60.0, variation) for variation in (2.0, 1.0, 0.0)],
    ),
    Row(
        id="P41b",
        quantity="the same simulated, 400,000 jobs each",
        source="Pollaczek-Khinchine",
        expected=(90.0, 60.0, 30.0),
        tolerance=0.05,
        value=lambda: [_simulated_wait_s(variation) for variation in (2.0, 1.0, 0.0)],
    ),
    Row(
        id="P42",
        quantity="inversion recovery at T1 ln 2",
        source="eq. 7",
        expected=(0.0,),
        tolerance=1e-5,
        kind="absolute",
        value=lambda: inversion_recovery(0.693147, 1.0),
    ),
    Row(
        id="P42b",
        quantity="the zero crossing that simulated scans of T1 = 1 s give, in s",
        source="eq. 7",
        expected=(0.693147,),
        tolerance=0.01,
        value=_fitted_zero_crossing,
    ),
    Row(
        id="P43",
        quantity="loss of 10 km, delay in us at 2e8 m/s",
        source="SeQUeNCe 0.8.5",
        expected=(0.36904, 50.0),
        tolerance=1e-4,
        value=lambda: (1 - fibre_transmission(10.0), fibre_delay_s(10.0, AT_2E8_M_PER_S) / US),
    ),
    Row(
        id="P43b",
        quantity="QBER of BB84 at polarisation fidelity 0.97, measured there 0.0141",
        source="SeQUeNCe 0.8.5",
        expected=(0.0141,),
        tolerance=0.002,
        kind="absolute",
        value=lambda: _sequence_channel().error_ratio(0.1),
    ),
    Row(
        id="P44",
        quantity="success of Bell measurements with linear optics, drawn 100,000 times",
        source="Calsamiglia 2001; 3 sigma",
        expected=(LINEAR_OPTICS_BELL_MEASUREMENT,),
        tolerance=3 * math.sqrt(0.25 / 100_000),
        kind="absolute",
        value=lambda: draw_bell_measurements(100_000, np.random.default_rng(44)) / 100_000,
    ),
    Row(
        id="P45",
        quantity="exponent of T2 against the number of CPMG pulses, slow bath",
        source="de Lange 2010",
        expected=(2 / 3,),
        tolerance=0.03,
        kind="absolute",
        value=_cpmg_exponent,
    ),
    Row(
        id="P46",
        quantity="classical limit, and teleportation with a separable pair's best F",
        source="Massar, Popescu 1995",
        expected=(2 / 3, 2 / 3),
        tolerance=1e-9,
        value=lambda: (CLASSICAL_FIDELITY, teleportation_fidelity(0.5)),
    ),
]
