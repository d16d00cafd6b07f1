"""What a link measures of itself every ten minutes: with pairs as they are heralded, and with those nobody asked for.

Pairs are spent on correlators: of heralded ones, before any purification could hide what optics do, the fidelity
follows, F = (1 + <XX> + <YY> - <ZZ>)/4 for Psi+; from the contrast <XX> of fresh and of stored ones that nobody asked
for, how fast stored pairs decohere. All values come from counted
coincidences, with the standard errors that counting gives.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.physics.waiting import PairState

Float64s = NDArray[np.float64]

STORED_SHARE: Final = 0.8
"""Of the last known lifetime: how long pairs are stored to measure it anew."""

_ALIKE: Final = np.array([1.0, -1.0, -1.0, 1.0])  # <ZZ> from the populations
_LEAST: Final = 30
_MOST: Final = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A measured value, its standard error and the number of samples behind it."""

    value: float
    error: float
    samples: int


def enough(pairs: int) -> int:
    """Return how many of the unclaimed pairs are spent on a measurement; 0 where they are too few."""
    return 0 if pairs < _LEAST else min(pairs, _MOST)


def estimate_fidelity(state: PairState, rng: np.random.Generator) -> Estimate:
    """Return the fidelity with Psi+ from correlators, a third of the pairs along each axis."""
    along_x = _along_x(state)
    third = len(along_x) // 3
    along_z = state.populations[2 * third :] @ _ALIKE
    total, variance = 1.0, 0.0
    for sign, truth in ((1, along_x[:third]), (1, along_x[third : 2 * third]), (-1, along_z)):
        mean, error = _measured(truth, rng)
        total, variance = total + sign * mean, variance + error**2
    return Estimate(value=min(max(total / 4, 0.0), 1.0), error=math.sqrt(variance) / 4, samples=len(along_x))


def estimate_lifetime(
    fresh: PairState, stored: PairState, stored_s: float, rng: np.random.Generator
) -> tuple[Estimate | None, float]:
    """Return t/ln(C(0)/C(t)), with which the coherence of stored pairs decays, and how long to store the next ones.

    No estimate where the contrasts are too noisy to tell a decay. Stored pairs without contrast were stored for too
    long, those that hardly differ from fresh ones too shortly; where fresh ones have none, storing is not to blame.
    """
    (now, now_error), (then, then_error) = (_measured(_along_x(state), rng) for state in (fresh, stored))
    spread = math.hypot(now_error / max(now, 1e-9), then_error / max(then, 1e-9))
    if now <= 0 or then <= 0 or math.log(now / then) < 2 * spread:
        too_short, too_long = then > 2 * then_error, now > 2 * now_error
        return None, stored_s * (2.0 if too_short else 0.5 if too_long else 1.0)
    decays = math.log(now / then)
    lifetime_s = stored_s / decays
    number = 2 * len(fresh.psi_coherence)
    estimate = Estimate(value=lifetime_s, error=lifetime_s * spread / decays, samples=number)
    return estimate, STORED_SHARE * lifetime_s


def _along_x(state: PairState) -> Float64s:
    """Return <XX> = <YY> of each pair."""
    return np.asarray(2 * state.psi_coherence)


def _measured(truth: Float64s, rng: np.random.Generator) -> tuple[float, float]:
    """Return the mean of counted coincidences and its standard error, one result of +1 or -1 per pair."""
    number = len(truth)
    equal = int((rng.random(number) < (1 + truth) / 2).sum())
    share = (equal + 1) / (number + 2)  # Laplace: an error of 0 would claim too much
    return 2 * equal / number - 1, 2 * math.sqrt(share * (1 - share) / number)
