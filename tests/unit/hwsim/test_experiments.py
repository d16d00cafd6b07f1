"""Estimation closes the loop: the truth comes back within the stated error, which is neither too small nor too big.

Each case runs 200 times at once. Two standard errors hold the truth in 95.4 % of runs; fewer than `FEWEST` of 200
would be seen once in a thousand times if it were 95 %.
"""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import curve_fit
from scipy.stats import binom

from hwsim.experiments.bell_fidelity import measure_bell_fidelity
from hwsim.experiments.benchmarking import measure_error_per_clifford, measure_gate_error
from hwsim.experiments.binomial_fits import fit_counts
from hwsim.experiments.estimates import Estimate, Imperfections
from hwsim.experiments.hom_dip import measure_dip
from hwsim.experiments.lifetimes import measure_decay, measure_ramsey, measure_t1, measure_t2_echo
from hwsim.experiments.readout_calibration import measure_readout
from hwsim.experiments.tomography import measure_state
from hwsim.physics.bell_diagonal import BELL_STATES, PSI_PLUS
from hwsim.physics.cycles import density_matrices
from hwsim.physics.dephasing import coherence_time_s, cpmg_coherence
from hwsim.physics.heralding import single_click
from hwsim.physics.waiting import BellState, PairState

SEEDS = 200
FEWEST = int(binom.ppf(1e-3, SEEDS, 0.95))
SPAM = Imperfections(one_given_zero=0.02, zero_given_one=0.05)
US = 1e-6
ALL = np.ones(SEEDS)


def pairs() -> PairState:
    arm = 1e-3 * ALL
    return single_click(bright=0.05 * ALL, eta_a=arm, eta_b=arm, visibility=0.9 * ALL).pair


def bell_truth() -> float:
    return float(pairs().fidelity()[0])


CASES: dict[str, tuple[float, Callable[[np.random.Generator], Estimate]]] = {
    "T1": (
        85 * US,
        lambda rng: measure_t1(85 * US * ALL, expected_s=100 * US, shots=300, rng=rng, imperfections=SPAM),
    ),
    "T1 with heat and few shots": (
        85 * US,
        lambda rng: measure_t1(85 * US * ALL, expected_s=100 * US, shots=60, rng=rng, thermal=0.1),
    ),
    "T1 a thousand times shorter than expected": (
        0.1 * US,
        lambda rng: measure_t1(0.1 * US * ALL, expected_s=100 * US, shots=300, rng=rng, imperfections=SPAM),
    ),
    "T2": (
        60 * US,
        lambda rng: measure_t2_echo(60 * US * ALL, expected_s=80 * US, shots=300, rng=rng, imperfections=SPAM),
    ),
    "T2 of a diffusing bath": (
        60 * US,
        lambda rng: measure_t2_echo(
            60 * US * ALL, expected_s=80 * US, shots=500, rng=rng, exponent=3.0, fit_exponent=True
        ),
    ),
    "T2*": (
        10 * US,
        lambda rng: measure_ramsey(
            10 * US * ALL, 3e4, expected_s=12 * US, artificial_hz=2e5, shots=100, rng=rng, imperfections=SPAM
        )[0],
    ),
    "detuning": (
        -3e4,
        lambda rng: measure_ramsey(10 * US * ALL, -3e4, expected_s=12 * US, artificial_hz=2e5, shots=100, rng=rng)[1],
    ),
    "error per Clifford": (
        1e-3,
        lambda rng: measure_error_per_clifford(1e-3 * ALL, expected=6e-4, shots=2000, rng=rng, imperfections=SPAM),
    ),
    "error per two-qubit Clifford": (
        0.02,
        lambda rng: measure_error_per_clifford(0.02 * ALL, expected=0.02, shots=2000, rng=rng, qubits=2),
    ),
    "error of one gate": (
        1e-3,
        lambda rng: measure_gate_error(1e-3 * ALL, 2e-3, expected=2e-3, shots=5000, rng=rng, imperfections=SPAM),
    ),
    "readout error": (0.02, lambda rng: measure_readout(0.01 * ALL, 0.03 * ALL, shots=1000, rng=rng).mean),
    "fidelity of a pair": (
        bell_truth(),
        lambda rng: measure_bell_fidelity(
            pairs(), state=BellState.PSI, shots=300, rng=rng, imperfections=(SPAM, SPAM)
        ),
    ),
    "fidelity of a pair by tomography": (
        bell_truth(),
        lambda rng: measure_state(pairs().matrix(), shots=300, rng=rng, imperfections=SPAM).fidelity(
            BELL_STATES[PSI_PLUS].astype(np.complex128)
        ),
    ),
    "visibility of a dip": (
        0.9,
        lambda rng: (
            measure_dip(
                0.9 * ALL, 1e-9, expected_width_s=1.3e-9, pairs=4000, rng=rng, efficiency=0.5, centre_s=2e-10
            ).visibility
        ),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_truth_lies_within_two_stated_errors(case):
    truth, measure = CASES[case]
    estimate = measure(np.random.default_rng(20))
    assert (np.abs(estimate.value - truth) <= 2 * estimate.error).sum() >= FEWEST


@pytest.mark.parametrize("case", CASES)
def test_the_stated_error_is_the_scatter(case):
    truth, measure = CASES[case]
    estimate = measure(np.random.default_rng(21))
    scatter = estimate.value.std()
    assert 0.8 < np.median(estimate.error) / scatter < 1.25
    assert abs(estimate.value.mean() - truth) < 4 * scatter / np.sqrt(SEEDS)


@pytest.mark.parametrize("case", ["T1", "T2", "T2*", "error per Clifford", "visibility of a dip"])
def test_good_curves_have_a_chi_square_of_one_per_degree_of_freedom(case):
    estimate = CASES[case][1](np.random.default_rng(22))
    assert estimate.chi2_per_dof.mean() == pytest.approx(1, abs=0.15)


def test_a_wrong_curve_shows_in_chi_square():
    """An echo in a diffusing bath is no exponential."""
    estimate = measure_decay(
        lambda delay_s: 0.5 + 0.5 * np.exp(-((delay_s / 60e-6) ** 3)),
        expected_s=80e-6 * ALL,
        shots=2000,
        rng=np.random.default_rng(23),
        exponent=1.0,
    )
    assert estimate.chi2_per_dof.mean() > 2


def test_a_curve_that_does_not_quite_fit_is_quoted_with_larger_errors():
    delays = np.tile(np.linspace(0.0, 3.0, 12), (2, 1))
    chance = 0.1 + 0.8 * np.exp(-np.array([[1.0], [0.2]]) * (delays - 1) ** 2 - delays / 2) * np.exp(-1)
    shots = np.full((2, 12), 4000.0)
    fit = fit_counts(
        lambda t, b, a, rate: b + a * np.exp(-t * rate), delays, shots * chance, shots, np.full((2, 3), 0.5)
    )
    assert fit.chi2_per_dof.min() > 1
    diagonal = np.diagonal(fit.covariance, axis1=1, axis2=2)
    assert fit.errors**2 == pytest.approx(diagonal * fit.chi2_per_dof[:, None])


def test_a_fitted_echo_finds_time_and_exponent_of_real_noise():
    noise = {"rms_rad_per_s": 1e6, "correlation_s": 1e-3}
    estimate = measure_decay(
        lambda delay_s: 0.5 + 0.5 * cpmg_coherence(delay_s, **noise, pulses=1),
        expected_s=30e-6 * ALL,
        shots=1000,
        rng=np.random.default_rng(24),
        exponent=None,
    )
    assert estimate.value.mean() == pytest.approx(float(coherence_time_s(**noise, pulses=1)), rel=0.01)
    assert estimate.exponent.mean() == pytest.approx(3, abs=0.05)


@pytest.mark.parametrize("true_s", [1e-9, 1e-6, 1e-3, 1.0, 100.0])
def test_a_time_far_from_the_one_expected_is_found_or_known_to_be_unknown(true_s):
    estimate = measure_t1(true_s * ALL, expected_s=1.0, shots=200, rng=np.random.default_rng(29))
    assert (np.abs(estimate.value - true_s) <= 2 * estimate.error).sum() >= FEWEST
    assert (estimate.error < estimate.value).mean() in (pytest.approx(1, abs=0.02), 0)


@pytest.mark.parametrize(
    ("gate", "clifford", "least"),
    [(0.1, 0.15, 0.005), (0.2, 0.3, 0.02), (0.5, 0.75, 0.5), (0.75, 0.75, 0.5), (0.75, 0.02, 0.1)],
)
def test_a_gate_error_too_large_for_its_sequences_is_found_or_known_to_be_unknown(gate, clifford, least):
    """Sequences are as long as an error of 0.02 needs; one of 0.3 is over before the shortest of them."""
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        estimate = measure_gate_error(
            gate * ALL, clifford, expected=0.02, shots=2000, rng=np.random.default_rng(30), qubits=2
        )
    assert (np.abs(estimate.value - gate) <= 2 * estimate.error).sum() >= FEWEST
    assert np.median(estimate.error) > least
    assert estimate.value.max() <= 0.75


def test_amplitude_and_offset_take_up_preparation_and_readout():
    estimate = measure_t1(ALL, expected_s=1.0, shots=1000, rng=np.random.default_rng(25), imperfections=SPAM)
    assert estimate.offset.mean() == pytest.approx(0.02, abs=0.002)
    assert estimate.amplitude.mean() == pytest.approx(0.93, abs=0.005)


def test_the_fit_is_that_of_scipy():
    delays = np.linspace(0.0, 3.0, 12)[None]
    counts = np.random.default_rng(11).binomial(500, 0.1 + 0.8 * np.exp(-delays / 0.9)).astype(np.float64)
    ours = fit_counts(
        lambda t, b, a, rate: b + a * np.exp(-t * rate),
        delays,
        counts,
        np.full((1, 12), 500.0),
        np.array([[0, 1, 1]]),
    )
    b, a, rate = ours.parameters[0]
    chance = b + a * np.exp(-delays[0] * rate)
    theirs, covariance = curve_fit(
        lambda t, b, a, rate: b + a * np.exp(-t * rate),
        delays[0],
        counts[0] / 500,
        p0=(0, 1, 1),
        sigma=np.sqrt(chance * (1 - chance) / 500),
        absolute_sigma=True,
    )
    assert ours.parameters[0] == pytest.approx(theirs, rel=1e-4)
    assert ours.covariance[0] == pytest.approx(covariance, rel=1e-3)


def test_tomography_returns_the_state_within_its_errors():
    vector = np.array([0.4, -0.2, 0.8])
    result = measure_state(
        np.tile(density_matrices(vector), (SEEDS, 1, 1)), shots=400, rng=np.random.default_rng(26), imperfections=SPAM
    )
    pulls = (result.expectations - vector) / result.errors
    assert np.abs(pulls.mean(axis=0)).max() < 4 / np.sqrt(SEEDS)
    assert pulls.std() == pytest.approx(1, abs=0.1)


def test_a_tomographed_state_is_a_state():
    state = measure_state(pairs().matrix(), shots=50, rng=np.random.default_rng(27)).state
    assert np.trace(state, axis1=1, axis2=2) == pytest.approx(1)
    assert np.linalg.eigvalsh(state).min() > -1e-12


def test_measurements_repeat_with_their_seed():
    first, second = (measure_t1(ALL, expected_s=1.0, shots=50, rng=np.random.default_rng(28)).value for _ in range(2))
    assert np.array_equal(first, second)
