"""BBM92: entangled pairs from parametric down-conversion, one photon to each end.

Ma, Fung, Lo 2007, Phys. Rev. A 76, 012307. lam is half the mean number of pairs per pulse: the source makes n pairs
with chance (n+1) lam^n / (1+lam)^(n+2), and several pairs at once are what limits the error ratio.
"""

from dataclasses import dataclass

import numpy as np

from hwsim.physics.arrays import Floats, Real, binary_entropy, ratio

BACKGROUND_ERROR = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class EntangledLink:
    """Transmittances and background clicks per pulse of both arms, and the error of one pair's measurement."""

    eta_a: Real
    eta_b: Real
    background_a: Real
    background_b: Real
    misalignment: Real

    def gain(self, mean_pairs: Real) -> Floats:
        """Return Q, the chance that both ends click."""
        lam = np.asarray(mean_pairs, dtype=np.float64) / 2
        dark_a, dark_b = 1 - np.asarray(self.background_a), 1 - np.asarray(self.background_b)
        silent_a, silent_b = dark_a / (1 + self.eta_a * lam) ** 2, dark_b / (1 + self.eta_b * lam) ** 2
        return np.asarray(1 - silent_a - silent_b + dark_a * dark_b / self._denominator(lam) ** 2)

    def error_ratio(self, mean_pairs: Real) -> Floats:
        """Return E, the quantum bit error ratio of the coincidences."""
        lam = np.asarray(mean_pairs, dtype=np.float64) / 2
        both = np.multiply(self.eta_a, self.eta_b) * lam * (1 + lam)
        each = (1 + self.eta_a * lam) * (1 + self.eta_b * lam)
        correlated = 2 * (BACKGROUND_ERROR - np.asarray(self.misalignment)) * both / (each * self._denominator(lam))
        gain = self.gain(mean_pairs)
        return np.asarray(ratio(BACKGROUND_ERROR * gain - correlated, gain))

    def key_rate_per_pulse(self, mean_pairs: Real, *, reconciliation: Real, sifted: Real = 0.5) -> Floats:
        """Return q Q [1 - f h2(E) - h2(E)], secret bits per pulse, never below 0 and 0 for E of 1/2 or more."""
        entropy = binary_entropy(np.minimum(self.error_ratio(mean_pairs), 0.5))
        rate = sifted * self.gain(mean_pairs) * (1 - reconciliation * entropy - entropy)
        return np.asarray(np.maximum(rate, 0.0))

    def _denominator(self, lam: Floats) -> Floats:
        return np.asarray(1 + self.eta_a * lam + self.eta_b * lam - np.multiply(self.eta_a, self.eta_b) * lam)
