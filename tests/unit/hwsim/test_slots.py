"""Storage jobs in line for slots."""

import numpy as np
import pytest

from hwsim.devices.slots import Requests, SlotQueue


def requests(arrivals, *, hold_s=1.0, written=True) -> Requests:
    number = len(arrivals)
    return Requests(
        arrival_s=np.array(arrivals, dtype=float),
        write_s=np.full(number, 0.5),
        hold_s=np.full(number, hold_s),
        read_s=np.full(number, 0.25),
        reset_s=np.full(number, 0.25),
        written=np.full(number, written),
    )


def test_jobs_that_find_a_free_slot_start_at_once():
    jobs, rejected = SlotQueue(slots=2, queue_limit=1).admit(requests([0.0, 0.1]))
    assert jobs.start_s.tolist() == [0.0, 0.1]
    assert rejected == 0


def test_a_job_waits_for_the_slot_that_is_free_first():
    jobs, _ = SlotQueue(slots=2, queue_limit=1).admit(requests([0.0, 0.5, 0.6]))
    assert jobs.start_s[2] == pytest.approx(2.0)
    assert jobs.slot[2] == jobs.slot[0]


def test_requests_beyond_the_queue_limit_are_rejected():
    queue = SlotQueue(slots=1, queue_limit=2)
    jobs, rejected = queue.admit(requests([0.0, 0.1, 0.2, 0.3]))
    assert (len(jobs.slot), rejected) == (3, 1)
    assert queue.waiting_at(0.3) == 2


def test_a_failed_write_skips_hold_and_read():
    jobs, _ = SlotQueue(slots=1, queue_limit=5).admit(requests([0.0, 0.0], written=False))
    assert jobs.end_s.tolist() == [0.5, 1.25]


def test_a_slot_is_busy_until_it_is_reset():
    queue = SlotQueue(slots=2, queue_limit=1)
    queue.admit(requests([0.0]))
    assert [queue.busy_at(when) for when in (0.0, 1.9, 2.0)] == [1, 1, 0]


def test_admitting_piece_by_piece_changes_nothing():
    arrivals = np.sort(np.random.default_rng(1).uniform(0, 50, 80))
    whole, rejected = SlotQueue(slots=2, queue_limit=3).admit(requests(arrivals))
    queue = SlotQueue(slots=2, queue_limit=3)
    pieces = [queue.admit(requests([arrival])) for arrival in arrivals]
    assert np.concatenate([jobs.start_s for jobs, _ in pieces]).tolist() == whole.start_s.tolist()
    assert sum(count for _, count in pieces) == rejected > 0


def test_no_slot_holds_two_jobs_at_once():
    arrivals = np.sort(np.random.default_rng(2).uniform(0, 60, 100))
    jobs, _ = SlotQueue(slots=3, queue_limit=50).admit(requests(arrivals))
    for slot in range(3):
        mine = jobs.select(jobs.slot == slot)
        assert (mine.start_s[1:] >= mine.end_s[:-1] + 0.25 - 1e-9).all()
