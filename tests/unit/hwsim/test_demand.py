"""Requests that queue for pairs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hwsim import FaultSchedule
from hwsim.block import BLOCK_S, Block
from hwsim.conditions import Conditions
from hwsim.demand import Demand, Queue

moments = st.lists(st.floats(0.0, 590.0), max_size=50, unique=True).map(lambda times: np.array(sorted(times)))
patience = st.floats(0.5, 100.0)


def serve_one_by_one(
    asked_s: NDArray[np.float64], supply_s: NDArray[np.float64], patience_s: float
) -> list[tuple[float, int]]:
    """Return (asked, pair) as a clerk would serve: the oldest request that still waits gets each pair."""
    served: list[tuple[float, int]] = []
    waiting: list[float] = asked_s.tolist()
    for pair, when_s in enumerate(supply_s.tolist()):
        waiting = [asked for asked in waiting if asked + patience_s >= when_s]
        if waiting and waiting[0] <= when_s:
            served.append((waiting.pop(0), pair))
    return served


@given(asked_s=moments, supply_s=moments, patience_s=patience)
def test_a_queue_serves_as_a_clerk_would(asked_s, supply_s, patience_s):
    outcome = Queue(patience_s).serve(asked_s, supply_s)
    assert list(zip(outcome.asked_s.tolist(), outcome.served_by.tolist(), strict=True)) == serve_one_by_one(
        asked_s, supply_s, patience_s
    )


@given(asked_s=moments, supply_s=moments, patience_s=patience)
def test_every_request_is_served_leaves_or_waits(asked_s, supply_s, patience_s):
    queue = Queue(patience_s)
    outcome = queue.serve(asked_s, supply_s)
    assert len(asked_s) == len(outcome.asked_s) + len(outcome.lost_s) + len(queue)


def test_who_waits_at_the_end_of_a_block_is_served_first_in_the_next():
    queue = Queue(patience_s=20.0)
    queue.serve(np.array([BLOCK_S - 5.0]), np.empty(0))
    outcome = queue.serve(np.array([1.0]), np.array([2.0]))
    assert outcome.asked_s.tolist() == [-5.0]


@given(asked_s=moments, supply_s=moments, patience_s=patience, before_s=st.floats(0.0, 5.0))
def test_the_mean_depth_is_the_time_that_all_have_waited(asked_s, supply_s, patience_s, before_s):
    """One request waits already; what each waits of a stretch adds up to the depth times its length."""
    queue, until_s = Queue(patience_s), np.arange(100.0, 601.0, 100.0)
    queue.serve(np.array([BLOCK_S - before_s]), np.empty(0))
    waiting = len(queue)
    outcome = queue.serve(asked_s, supply_s)
    depth = queue.mean_depth(asked_s, waiting, outcome, supply_s, until_s)
    came_s = np.concatenate([outcome.asked_s, outcome.lost_s - patience_s])
    went_s = np.concatenate([supply_s[outcome.served_by], outcome.lost_s])
    stays_s = [
        (np.clip(went_s, start_s, start_s + 100.0) - np.clip(came_s, start_s, start_s + 100.0)).sum()
        for start_s in until_s - 100.0
    ]
    np.testing.assert_allclose(100.0 * depth, stays_s, atol=1e-6)


def test_a_higher_priority_is_served_as_if_the_lower_ones_did_not_exist():
    supply_s = np.arange(1.0, BLOCK_S, 3.0)
    block = Block(500_000, seed=1, conditions=Conditions(FaultSchedule()))
    until_s = np.arange(60.0, BLOCK_S + 1.0, 60.0)
    alone, crowded = (
        Demand(0.6, patience_s=30.0, daily_share=0.0, shares=(0.3, others, others)).serve(
            block, np.random.default_rng(3), supply_s, until_s=until_s
        )[0]
        for others in (0.0, 5.0)
    )
    assert np.array_equal(alone.outcome.served_by, crowded.outcome.served_by)
    assert np.array_equal(alone.depth, crowded.depth)


def test_no_pair_serves_two_requests():
    supply_s = np.arange(1.0, BLOCK_S, 2.0)
    block = Block(500_000, seed=1, conditions=Conditions(FaultSchedule()))
    demand = Demand(1.0, patience_s=5.0, daily_share=0.2)
    rounds = demand.serve(block, np.random.default_rng(4), supply_s, until_s=np.array([float(BLOCK_S)]))
    taken = np.concatenate([each.outcome.served_by for each in rounds])
    assert len(taken) == len(set(taken.tolist())) > 100
