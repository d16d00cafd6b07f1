"""BB84 with weak coherent pulses and decoy states: gains, error ratios, and what may be kept as key.

Ma, Qi, Zhao, Lo 2005, Phys. Rev. A 72, 012326; Lo, Ma, Chen 2005, Phys. Rev. Lett. 94, 230504. A pulse of mean photon
number mu is detected with chance Q = Y0 + 1 - exp(-eta mu), and E Q = Y0/2 + e_d (1 - exp(-eta mu)) of the
detections are wrong: Y0 is the background per pulse of both detectors, e_d the misalignment. Where the bounds leave
nothing safe, the key rate is 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from hwsim.physics.arrays import Floats, Real, Value, binary_entropy, ratio

BACKGROUND_ERROR = 0.5
"""Half of the background clicks fall on the wrong detector."""
SIFTED_SHARE = 0.5
"""Half of the detections were measured in the basis in which they were sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A BB84 channel: transmittance from source to click, background per pulse and misalignment error."""

    transmittance: Real
    background: Real
    misalignment: Real

    def gain(self, mean_photons: Real) -> Floats:
        """Return Q, the chance that a pulse is detected."""
        return np.asarray(self.background - np.expm1(-np.multiply(self.transmittance, mean_photons)))

    def error_ratio(self, mean_photons: Real) -> Floats:
        """Return E, the quantum bit error ratio of pulses with this mean photon number."""
        signal = -np.expm1(-np.multiply(self.transmittance, mean_photons))
        wrong = BACKGROUND_ERROR * np.asarray(self.background) + self.misalignment * signal
        return np.asarray(ratio(wrong, self.gain(mean_photons)))

    def single_photon(self) -> "SinglePhotons":
        """Return what infinitely many decoy states reveal: the true yield and error ratio of single photons."""
        loss = (1 - np.asarray(self.background)) * self.transmittance
        wrong = BACKGROUND_ERROR * np.asarray(self.background) + self.misalignment * np.asarray(self.transmittance)
        yield_ = self.background + loss
        return SinglePhotons(yield_=np.asarray(yield_), error_ratio=np.asarray(ratio(wrong, yield_)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SinglePhotons:
    """Yield Y1 and error ratio e1 of the pulses that held exactly one photon: true values, or safe bounds."""

    yield_: Floats
    error_ratio: Floats


def receiver_transmittance(length_km: Value, *, loss_db_per_km: float, detection: float) -> Value:
    """Return 10^(-alpha L/10) eta_Bob."""
    transmittance: Value = 10 ** (-loss_db_per_km * length_km / 10) * detection
    return transmittance


def vacuum_and_weak_bounds(
    *,
    signal: Real,
    decoy: Real,
    signal_gain: ArrayLike,
    decoy_gain: ArrayLike,
    decoy_error_ratio: ArrayLike,
    background: ArrayLike,
) -> SinglePhotons:
    """Return the bounds on single photons from one weak decoy (nu < mu) and the vacuum, which measures Y0.

    Y1 >= mu/(mu nu - nu^2) [Q_nu e^nu - Q_mu e^mu nu^2/mu^2 - (mu^2-nu^2)/mu^2 Y0],
    e1 <= (E_nu Q_nu e^nu - Y0/2)/(Y1 nu).
    """
    mu, nu, y0 = (np.asarray(each, dtype=np.float64) for each in (signal, decoy, background))
    weak = np.asarray(decoy_gain, dtype=np.float64) * np.exp(nu)
    multiphoton = np.asarray(signal_gain) * np.exp(mu) * nu**2 / mu**2
    y1 = mu / (mu * nu - nu**2) * (weak - multiphoton - (mu**2 - nu**2) / mu**2 * y0)
    y1 = np.clip(y1, 0.0, 1.0)
    e1 = ratio(np.asarray(decoy_error_ratio) * weak - BACKGROUND_ERROR * y0, y1 * nu)
    return SinglePhotons(yield_=y1, error_ratio=np.clip(e1, 0.0, 0.5))


def key_rate_per_pulse(
    *,
    signal: Real,
    gain: Real,
    error_ratio: Real,
    single: SinglePhotons,
    reconciliation: Real,
    sifted: Real = SIFTED_SHARE,
) -> Floats:
    """Return q {-Q f h2(E) + Y1 mu e^-mu [1 - h2(e1)]}, secret bits per pulse, never below 0."""
    kept = single.yield_ * signal * np.exp(-np.asarray(signal)) * (1 - binary_entropy(single.error_ratio))
    spent = np.asarray(gain) * reconciliation * binary_entropy(np.asarray(error_ratio))
    return np.asarray(np.maximum(sifted * (kept - spent), 0.0))


def asymptotic_key_rate(channel: Channel, signal: Real, *, reconciliation: float) -> Floats:
    """Return the key rate with infinitely many decoy states."""
    return key_rate_per_pulse(
        signal=signal,
        gain=channel.gain(signal),
        error_ratio=channel.error_ratio(signal),
        single=channel.single_photon(),
        reconciliation=reconciliation,
    )


def vacuum_and_weak_key_rate(channel: Channel, signal: Real, decoy: Real, *, reconciliation: float) -> Floats:
    """Return the key rate with the vacuum and one weak decoy, of endless length."""
    single = vacuum_and_weak_bounds(
        signal=signal,
        decoy=decoy,
        signal_gain=channel.gain(signal),
        decoy_gain=channel.gain(decoy),
        decoy_error_ratio=channel.error_ratio(decoy),
        background=channel.background,
    )
    return key_rate_per_pulse(
        signal=signal,
        gain=channel.gain(signal),
        error_ratio=channel.error_ratio(signal),
        single=single,
        reconciliation=reconciliation,
    )


def optimal_mean_photons(misalignment: float, reconciliation: float) -> float:
    """Return the mu that solves (1-mu) e^-mu = f h2(e_d)/(1 - h2(e_d)); e_d = 3.3 %, f = 1.22 gives 0.4789.

    For small transmittance and no background; 0 where the misalignment leaves no key at all.
    """
    entropy = binary_entropy(misalignment)
    target = reconciliation * entropy / (1 - entropy) if entropy < 1 else np.inf
    if target >= 1:
        return 0.0
    return float(brentq(lambda mu: (1 - mu) * np.exp(-mu) - target, 0.0, 1.0, xtol=1e-14))


def misalignment_of_fidelity(polarisation_fidelity: Value) -> Value:
    """Return (1-f)/2: with chance f a photon keeps its polarisation, else half of them land on the wrong detector."""
    return (1 - polarisation_fidelity) / 2


def reach_km(key_rate: Callable[[float], Floats], longest_km: float = 1000.0) -> float:
    """Return the length at which a key rate that falls with length becomes 0."""
    low, high = 0.0, longest_km
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if key_rate(middle) > 0 else (low, middle)
    return low
