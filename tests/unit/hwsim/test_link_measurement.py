"""How a link measures the lifetime of its stored pairs: how long it stores them follows from what it sees."""

import numpy as np
import pytest

from hwsim.devices.link.measurement import Estimate, estimate_lifetime
from hwsim.physics.waiting import BellState, PairState, bell_pair

LIFETIME_S = 0.04
PAIRS = 300


def measure(stored_s: float, rounds: int, *, fidelity: float = 0.95) -> tuple[list[Estimate], float]:
    """Return what a number of rounds measured on pairs of this fidelity, and how long the next would be stored."""
    rng = np.random.default_rng(3)
    fresh = bell_pair(BellState.PSI, np.full(PAIRS, fidelity))
    estimates = []
    for _ in range(rounds):
        estimate, stored_s = estimate_lifetime(fresh, _aged(fresh, stored_s), stored_s, rng)
        if estimate is not None:
            estimates.append(estimate)
    return estimates, stored_s


def _aged(pairs: PairState, stored_s: float) -> PairState:
    return pairs.after(stored_s, t1_s=(np.inf, np.inf), t2_s=(2 * LIFETIME_S, 2 * LIFETIME_S))


@pytest.mark.parametrize("guess", [1e-4, 1e-2, 0.3, 1.0, 5.0, 1e2, 1e4])
def test_the_lifetime_is_found_from_any_first_guess(guess: float):
    estimates, _ = measure(guess * LIFETIME_S, rounds=40)
    assert np.median([each.value for each in estimates[-15:]]) == pytest.approx(LIFETIME_S, rel=0.1)


def test_pairs_that_are_worthless_when_fresh_teach_nothing_of_storing():
    estimates, stored_s = measure(LIFETIME_S, rounds=12, fidelity=0.5)
    assert not estimates
    assert LIFETIME_S / 10 < stored_s < 10 * LIFETIME_S
