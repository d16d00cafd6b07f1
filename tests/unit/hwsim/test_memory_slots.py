"""Storage jobs in line for slots."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.devices.memory.slots import SlotLine

SERVICE_S = 1.5


def admit(line: SlotLine, arrivals, service_s=SERVICE_S):
    arrival_s = np.array(arrivals, dtype=np.float64)
    return line.admit(arrival_s, np.full(len(arrival_s), service_s))


def test_jobs_that_find_a_free_slot_start_at_once():
    jobs = admit(SlotLine(slots=2, queue_limit=1), [0.0, 0.1])
    assert jobs.start_s.tolist() == [0.0, 0.1]
    assert sorted(jobs.slot.tolist()) == [0, 1]


def test_a_job_waits_for_the_slot_that_is_free_first():
    jobs = admit(SlotLine(slots=2, queue_limit=1), [0.0, 0.5, 0.6])
    assert jobs.start_s[2] == pytest.approx(SERVICE_S)
    assert jobs.slot[2] == jobs.slot[0]


def test_requests_beyond_the_queue_limit_are_rejected():
    line = SlotLine(slots=1, queue_limit=2)
    jobs = admit(line, [0.0, 0.1, 0.2, 0.3])
    assert jobs.slot.tolist() == [0, 0, 0, -1]
    assert line.waiting_s.tolist() == [SERVICE_S, 2 * SERVICE_S]


def test_a_job_that_waits_over_the_end_of_a_block_keeps_its_place():
    line = SlotLine(slots=1, queue_limit=1)
    admit(line, [599.0, 599.5])
    line.carry(600.0)
    assert line.waiting_s.tolist() == [0.5]
    assert admit(line, [0.1]).slot.tolist() == [-1]  # the one place in the line is taken
    assert admit(line, [0.6]).start_s.tolist() == [2.0]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    slots=st.integers(1, 6),
    limit=st.integers(0, 20),
    load=st.floats(0.05, 1.6),
    cut=st.integers(0, 200),
)
def test_sorting_and_stepping_give_the_same_line_in_any_pieces(seed, slots, limit, load, cut):
    rng = np.random.default_rng(seed)
    arrival_s = np.cumsum(rng.exponential(1.0, 200))
    service_s = rng.gamma(2.0, load * slots / 2.0, 200)
    sorting, stepping = (SlotLine(slots=slots, queue_limit=limit) for _ in range(2))
    first, second = sorting.admit(arrival_s[:cut], service_s[:cut]), sorting.admit(arrival_s[cut:], service_s[cut:])
    whole = stepping._step_by_step(arrival_s, service_s)
    taken = whole.slot >= 0
    assert np.concatenate([first.slot, second.slot]).tolist() == whole.slot.tolist()
    assert np.concatenate([first.start_s, second.start_s])[taken] == pytest.approx(whole.start_s[taken], rel=1e-12)
    assert sorting.free_s == pytest.approx(stepping.free_s)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), slots=st.integers(1, 5))
def test_no_slot_holds_two_jobs_at_once_and_none_idles_while_jobs_wait(seed, slots):
    rng = np.random.default_rng(seed)
    arrival_s, service_s = np.sort(rng.uniform(0, 60, 80)), rng.gamma(2.0, 0.5 * slots, 80)
    jobs = SlotLine(slots=slots, queue_limit=80).admit(arrival_s, service_s)
    ends_s = jobs.start_s + service_s
    for slot in range(slots):
        mine = jobs.slot == slot
        assert (jobs.start_s[mine][1:] >= ends_s[mine][:-1] - 1e-9).all()
    for start_s in jobs.start_s[jobs.start_s > arrival_s + 1e-9]:
        assert ((jobs.start_s < start_s) & (ends_s >= start_s - 1e-9)).sum() >= slots
