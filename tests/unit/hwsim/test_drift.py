"""Parameters drift as an Ornstein-Uhlenbeck process, and a calibration takes most of the drift away."""

import numpy as np
import pytest

from hwsim.block import BLOCK_NS
from hwsim.drift import DriftPath
from model.clock import HOUR_NS, SECOND_NS

START_NS = 1_800_000_000 * SECOND_NS // BLOCK_NS * BLOCK_NS


def path(seed: int = 1, parameters: int = 400) -> DriftPath:
    return DriftPath(
        "mem-a", "t1", sigmas=np.full(parameters, 0.05), correlation_s=7200, seed=seed, start_ns=START_NS
    )


def test_deviations_have_the_stated_spread():
    free = np.array([path().at(START_NS + h * HOUR_NS, START_NS - HOUR_NS) for h in (40, 60, 80)])
    since_start = np.sqrt(1 + 0.8**2) * 0.05  # an old calibration took away what stood long before
    assert free.std() == pytest.approx(since_start, rel=0.05)


def test_right_after_a_calibration_a_fifth_is_left():
    drift, now_ns = path(), START_NS + 50 * HOUR_NS
    assert drift.at(now_ns, now_ns).std() == pytest.approx(0.2 * 0.05, rel=0.1)


def test_asking_in_any_order_gives_the_same():
    hours = [30, 2, 50, 2, 7]
    first, second = path(), path()
    forwards = {h: first.at(START_NS + h * HOUR_NS, START_NS) for h in sorted(hours)}
    for h in hours:
        assert second.at(START_NS + h * HOUR_NS, START_NS).tolist() == forwards[h].tolist()


def test_another_seed_drifts_otherwise():
    later_ns = START_NS + 10 * HOUR_NS
    assert path(1).at(later_ns, START_NS).tolist() != path(2).at(later_ns, START_NS).tolist()
