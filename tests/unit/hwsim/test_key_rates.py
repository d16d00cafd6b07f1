"""Keys: decoy states, entangled pairs, finite blocks, thresholds; photon-number sums as the oracle."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.physics.arrays import binary_entropy
from hwsim.physics.bbm92 import EntangledLink
from hwsim.physics.decoy_bb84 import (
    Channel,
    asymptotic_key_rate,
    optimal_mean_photons,
    reach_km,
    receiver_transmittance,
    vacuum_and_weak_bounds,
)
from hwsim.physics.finite_key import BlockCounts, DecoySettings, expected_counts, finite_key
from hwsim.physics.key_thresholds import INDIVIDUAL_ATTACK_THRESHOLD, bb84_threshold, repeaterless_bound

CHANNEL = Channel(transmittance=1e-3, background=1e-6, misalignment=0.01)
SETTINGS = DecoySettings(mean_photons=(0.5, 0.1, 2e-3), probability=(0.7, 0.2, 0.1), key_basis=0.9)
NUMBERS = np.arange(40)


def poisson(mean: float) -> np.ndarray:
    return np.asarray(np.exp(-mean) * np.cumprod(np.concatenate([[1.0], mean / NUMBERS[1:]])))


@pytest.mark.parametrize("mean", [0.05, 0.5])
def test_gain_and_errors_are_sums_over_photon_numbers(mean):
    """The published gain adds background and signal without their overlap, which is of the order of Y0 eta mu."""
    seen = 1 - (1 - CHANNEL.transmittance) ** NUMBERS
    gain = (poisson(mean) * (CHANNEL.background + seen)).sum()
    wrong = (poisson(mean) * (CHANNEL.background / 2 + CHANNEL.misalignment * seen)).sum()
    assert CHANNEL.gain(mean) == pytest.approx(gain, rel=1e-9)
    assert CHANNEL.error_ratio(mean) == pytest.approx(wrong / gain, rel=1e-9)


@given(length=st.floats(0, 140), mu=st.floats(0.2, 0.9), share=st.floats(0.01, 0.9), misalignment=st.floats(0, 0.1))
def test_decoys_bound_what_single_photons_do(length, mu, share, misalignment):
    channel = Channel(
        transmittance=receiver_transmittance(length, loss_db_per_km=0.2, detection=0.1),
        background=1e-6,
        misalignment=misalignment,
    )
    nu = share * mu
    bound = vacuum_and_weak_bounds(
        signal=mu,
        decoy=nu,
        signal_gain=channel.gain(mu),
        decoy_gain=channel.gain(nu),
        decoy_error_ratio=channel.error_ratio(nu),
        background=channel.background,
    )
    truth = channel.single_photon()
    assert bound.yield_ <= truth.yield_ * (1 + 1e-6) + 1e-6
    assert bound.error_ratio >= truth.error_ratio * (1 - 1e-6) or bound.yield_ > truth.yield_


def test_the_optimal_intensity_is_where_the_key_rate_peaks():
    quiet = Channel(transmittance=1e-3, background=0.0, misalignment=0.033)
    intensities = np.linspace(0.3, 0.7, 4001)
    best = intensities[np.argmax(asymptotic_key_rate(quiet, intensities, reconciliation=1.22))]
    assert optimal_mean_photons(0.033, 1.22) == pytest.approx(best, abs=2e-3)


def test_no_intensity_helps_a_hopeless_alignment():
    assert optimal_mean_photons(0.2, 1.22) == 0
    assert optimal_mean_photons(0.5, 1.22) == 0


def test_a_rate_that_never_ends_reaches_as_far_as_is_asked():
    assert reach_km(lambda _: np.array(1.0), longest_km=500) == pytest.approx(500, abs=1e-5)


def test_entangled_coincidences_are_sums_over_pair_numbers():
    link = EntangledLink(eta_a=0.1, eta_b=0.2, background_a=1e-4, background_b=2e-4, misalignment=0.02)
    lam = 0.05
    weights = (NUMBERS + 1) * lam**NUMBERS / (1 + lam) ** (NUMBERS + 2)
    clicks_a, clicks_b = 1 - (1 - 1e-4) * 0.9**NUMBERS, 1 - (1 - 2e-4) * 0.8**NUMBERS
    assert link.gain(2 * lam) == pytest.approx((weights * clicks_a * clicks_b).sum(), rel=1e-12)


def test_one_pair_at_a_time_errs_by_the_misalignment():
    link = EntangledLink(eta_a=0.1, eta_b=0.2, background_a=0.0, background_b=0.0, misalignment=0.02)
    assert link.error_ratio(1e-7) == pytest.approx(0.02, abs=1e-6)
    assert link.error_ratio(1.0) > 0.1


@given(mean=st.floats(1e-4, 1.0), eta=st.floats(1e-4, 1.0), misalignment=st.floats(0, 0.5))
def test_an_entangled_key_rate_is_zero_above_the_threshold(mean, eta, misalignment):
    link = EntangledLink(eta_a=eta, eta_b=eta, background_a=1e-6, background_b=1e-6, misalignment=misalignment)
    rate = link.key_rate_per_pulse(mean, reconciliation=1.0)
    assert rate >= 0
    assert (rate == 0) == (link.error_ratio(mean) >= bb84_threshold() - 1e-12)


def test_long_blocks_give_nearly_the_asymptotic_share():
    pulses = np.array([1e9, 1e11, 1e13, 1e15])
    key = finite_key(expected_counts(CHANNEL, SETTINGS, pulses), SETTINGS)
    share = key.secret_bits / key.block_size
    assert np.all(np.diff(share) >= 0)
    assert share[0] == 0
    single = CHANNEL.single_photon()
    tau = SETTINGS.photon_number_share(1)
    per_pulse = tau * single.yield_ * (1 - binary_entropy(single.error_ratio))
    mu, p = np.array(SETTINGS.mean_photons), np.array(SETTINGS.probability)
    gain = (p * CHANNEL.gain(mu)).sum()
    error = (p * CHANNEL.gain(mu) * CHANNEL.error_ratio(mu)).sum() / gain
    ideal = (per_pulse - 1.16 * gain * binary_entropy(error)) / gain
    assert 0.6 * ideal < share[-1] <= ideal


def lim_bits(counts: BlockCounts, settings: DecoySettings, *, reconciliation: float, eps: float) -> float:
    """Return the key length of Lim et al 2014, equations 1 to 5, from the paper, counts never below 0."""
    (mu1, mu2, mu3), p = settings.mean_photons, settings.probability
    tau0, tau1 = (sum(q * math.exp(-k) * k**n for q, k in zip(p, settings.mean_photons, strict=True)) for n in (0, 1))

    def widened(numbers: np.ndarray, sign: int) -> list[float]:
        width = sign * math.sqrt(numbers.sum() / 2 * math.log(21 / eps))
        return [
            math.exp(k) / q * max(n + width, 0.0) for k, q, n in zip(settings.mean_photons, p, numbers, strict=True)
        ]

    def single(numbers: np.ndarray) -> tuple[float, float]:
        low, high = widened(numbers, -1), widened(numbers, 1)
        vacuum = max(tau0 * (mu2 * low[2] - mu3 * high[1]) / (mu2 - mu3), 0.0)
        several = (mu2**2 - mu3**2) / mu1**2 * (high[0] - vacuum / tau0)
        return vacuum, tau1 * mu1 * (low[1] - high[2] - several) / (mu1 * (mu2 - mu3) - mu2**2 + mu3**2)

    (vacuum, kept), (_, tested) = single(counts.key_detections), single(counts.test_detections)
    wrong = tau1 * (widened(counts.test_errors, 1)[1] - widened(counts.test_errors, -1)[2]) / (mu2 - mu3)
    ratio, both, many = wrong / tested, tested + kept, tested * kept
    spread = (1 - ratio) * ratio
    gap = math.sqrt(both * spread / (many * math.log(2)) * math.log2(both / (many * spread) * 21**2 / eps**2))
    size = counts.key_detections.sum()
    leaked = reconciliation * size * binary_entropy(counts.key_errors.sum() / size)
    overhead = 6 * math.log2(21 / eps) + math.log2(2 / 1e-15)
    return float(vacuum + kept * (1 - binary_entropy(ratio + gap)) - leaked - overhead)


@pytest.mark.parametrize("weakest", [1e-3, 0.02])
@pytest.mark.parametrize("pulses", [3e11, 1e13])
@pytest.mark.parametrize("background", [1e-7, 1e-5])
def test_the_key_of_a_finite_block_is_that_of_the_paper(weakest, pulses, background):
    channel = Channel(transmittance=5e-3, background=background, misalignment=0.012)
    settings = DecoySettings(mean_photons=(0.6, 0.15, weakest), probability=(0.6, 0.3, 0.1), key_basis=0.8)
    counts = expected_counts(channel, settings, pulses)
    expected = lim_bits(counts, settings, reconciliation=1.2, eps=1e-10)
    assert expected > 0
    key = finite_key(counts, settings, reconciliation=1.2, secrecy=1e-10)
    assert key.secret_bits == pytest.approx(expected, abs=2)


def test_a_block_without_errors_in_the_test_basis_still_pays_for_its_size():
    counts = expected_counts(CHANNEL, SETTINGS, 1e12)
    quiet = BlockCounts(
        key_detections=counts.key_detections,
        key_errors=0 * counts.key_errors,
        test_detections=counts.test_detections,
        test_errors=0 * counts.test_errors,
    )
    key, noisy = finite_key(quiet, SETTINGS), finite_key(counts, SETTINGS)
    assert 0 < key.phase_error < noisy.phase_error
    assert key.secret_bits > noisy.secret_bits


def test_an_empty_block_gives_no_key():
    key = finite_key(expected_counts(CHANNEL, SETTINGS, 0.0), SETTINGS)
    assert [float(each) for each in (key.secret_bits, key.block_size, key.phase_error)] == [0, 0, 0.5]


def test_what_reconciliation_leaked_is_taken_off():
    counts = expected_counts(CHANNEL, SETTINGS, 1e13)
    less, more = (finite_key(counts, SETTINGS, leaked_bits=leak).secret_bits for leak in (1e6, 2e6))
    assert less - more == pytest.approx(1e6, abs=1)


def test_the_bound_on_individual_attacks_lies_above_that_on_all_attacks():
    assert pytest.approx(0.14645, abs=1e-5) == INDIVIDUAL_ATTACK_THRESHOLD
    assert bb84_threshold() < INDIVIDUAL_ATTACK_THRESHOLD


def test_the_repeaterless_bound_is_linear_for_loss_and_infinite_without():
    assert repeaterless_bound(1e-9) == pytest.approx(1e-9 / np.log(2))
    assert repeaterless_bound(1.0) == np.inf
