"""How much key a block of finite length gives: BB84 with two decoy states and biased bases.

Lim, Curty, Walenta, Xu, Zbinden 2014, Phys. Rev. A 89, 022307. Key comes from basis X, phase errors are estimated
in Z. Observed counts are widened by Hoeffding's inequality, so the result holds for every attack but is pessimistic
for short blocks: below about 10^7 sifted bits it matters, so a key rate is quoted with its block.
Approximated here: expected counts are not rounded, and what reconciliation leaks is f h2(E) per bit unless given.
"""

from dataclasses import dataclass

import numpy as np

from hwsim.physics.arrays import Floats, Real, binary_entropy, ratio
from hwsim.physics.decoy_bb84 import Channel

_SECURITY_TERMS = 21


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoySettings:
    """Mean photon numbers (signal > weak + weakest, weak > weakest), how often each is sent, and X's share."""

    mean_photons: tuple[float, float, float]
    probability: tuple[float, float, float]
    key_basis: float

    def photon_number_share(self, photons: int) -> float:
        """Return tau_n = sum_k p_k e^-k k^n / n! for n = 0 or 1, the share of pulses that hold n photons."""
        mu, p = np.array(self.mean_photons), np.array(self.probability)
        return float((p * np.exp(-mu) * mu**photons).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockCounts:
    """Sifted detections and errors of a block, by mean photon number (last axis, 3)."""

    key_detections: Floats
    key_errors: Floats
    test_detections: Floats
    test_errors: Floats

    @property
    def block_size(self) -> Floats:
        """Return the sifted bits from which key is made."""
        return np.asarray(self.key_detections.sum(axis=-1))


@dataclass(frozen=True, slots=True, kw_only=True)
class FiniteKey:
    """Secret bits of a block, the block they came from, and the bound on its phase error ratio."""

    secret_bits: Floats
    block_size: Floats
    phase_error: Floats


def expected_counts(channel: Channel, settings: DecoySettings, pulses: Real) -> BlockCounts:
    """Return the mean counts of a block of `pulses`, of which those sifted were sent and measured in one basis."""
    mu, p = np.array(settings.mean_photons), np.array(settings.probability)
    detections = np.asarray(pulses, dtype=np.float64)[..., None] * p * channel.gain(mu)
    errors = detections * channel.error_ratio(mu)
    key, test = settings.key_basis**2, (1 - settings.key_basis) ** 2
    return BlockCounts(
        key_detections=key * detections,
        key_errors=key * errors,
        test_detections=test * detections,
        test_errors=test * errors,
    )


def finite_key(
    counts: BlockCounts,
    settings: DecoySettings,
    *,
    reconciliation: float = 1.16,
    leaked_bits: Real | None = None,
    secrecy: float = 1e-9,
    correctness: float = 1e-15,
) -> FiniteKey:
    """Return the key length l = s0 + s1 (1 - h2(phi)) - leak - 6 log2(21/eps_sec) - log2(2/eps_cor), at least 0."""
    vacuum, single = _bounds(counts.key_detections, settings, secrecy)
    _, tested = _bounds(counts.test_detections, settings, secrecy)
    wrong = np.minimum(_single_photon_errors(counts.test_errors, settings, secrecy), tested)
    observed = np.asarray(ratio(wrong, tested))
    phase_error = np.minimum(observed + _sampling_gap(observed, tested, single, secrecy), 0.5)
    phase_error = np.where((tested > 0) & (single > 0), phase_error, 0.5)
    if leaked_bits is None:
        error_ratio = np.asarray(ratio(counts.key_errors.sum(axis=-1), counts.block_size))
        leaked_bits = reconciliation * counts.block_size * binary_entropy(error_ratio)
    overhead = 6 * np.log2(_SECURITY_TERMS / secrecy) + np.log2(2 / correctness)
    bits = vacuum + single * (1 - binary_entropy(phase_error)) - leaked_bits - overhead
    return FiniteKey(
        secret_bits=np.floor(np.maximum(bits, 0.0)), block_size=counts.block_size, phase_error=phase_error
    )


def _bounds(detections: Floats, settings: DecoySettings, secrecy: float) -> tuple[Floats, Floats]:
    """Return lower bounds on the detections that came from no photon and from exactly one."""
    low, high = _widened(detections, settings, secrecy)
    mu1, mu2, mu3 = settings.mean_photons
    tau0, tau1 = settings.photon_number_share(0), settings.photon_number_share(1)
    vacuum = np.maximum(tau0 * (mu2 * low[..., 2] - mu3 * high[..., 1]) / (mu2 - mu3), 0.0)
    several = (mu2**2 - mu3**2) / mu1**2 * (high[..., 0] - vacuum / tau0)
    single = tau1 * mu1 * (low[..., 1] - high[..., 2] - several) / (mu1 * (mu2 - mu3) - mu2**2 + mu3**2)
    return vacuum, np.maximum(single, 0.0)


def _single_photon_errors(errors: Floats, settings: DecoySettings, secrecy: float) -> Floats:
    """Return an upper bound on the errors among the detections that came from one photon."""
    low, high = _widened(errors, settings, secrecy)
    _, mu2, mu3 = settings.mean_photons
    bound = settings.photon_number_share(1) * (high[..., 1] - low[..., 2]) / (mu2 - mu3)
    return np.maximum(bound, 0.0)


def _widened(counts: Floats, settings: DecoySettings, secrecy: float) -> tuple[Floats, Floats]:
    """Return e^k/p_k (n_k -+ sqrt(n/2 ln(21/eps))), Hoeffding's interval around each count."""
    mu, p = np.array(settings.mean_photons), np.array(settings.probability)
    total = counts.sum(axis=-1, keepdims=True)
    width = np.sqrt(total / 2 * np.log(_SECURITY_TERMS / secrecy))
    scale = np.exp(mu) / p
    return scale * np.maximum(counts - width, 0.0), scale * (counts + width)


def _sampling_gap(observed: Floats, tested: Floats, kept: Floats, secrecy: float) -> Floats:
    """Return how much higher the error ratio of the bits that are kept may be than that of those tested."""
    spread = np.clip(observed, 1e-12, 1 - 1e-12) * (1 - np.clip(observed, 1e-12, 1 - 1e-12))
    sizes = np.asarray(ratio(tested + kept, tested * kept))
    logarithm = np.log2(np.maximum(sizes / spread * (_SECURITY_TERMS / secrecy) ** 2, 1.0))
    return np.asarray(np.sqrt(sizes * spread / np.log(2) * logarithm))
