"""The slots of a bank and the line in front of them: first come, first served, onto the slot free the longest.

Times are seconds since the start of the block. The state is carried from block to block, so the line is exact
whatever the block. Of the events at which a slot becomes free, in order of time, the i-th job takes the i-th; so the
starts solve start[i] = max(arrival[i], i-th of the sorted ends), which is found by a few sorts instead of one step
per job: begin with every job starting on arrival, and repeat until nothing moves. Each round only delays jobs that
must wait at least that long, and the solution is unique, because a job's start depends on earlier jobs only. Where a
bank is so busy that this does not settle, or the line is full, a plain loop over the jobs does the same.
"""

from collections import deque
from dataclasses import dataclass
from heapq import heapify, heapreplace

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]

_ROUNDS = 12  # the sorts that cost as much as the loop


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """When each job starts and on which slot; `slot` is -1 for jobs that found the line full."""

    start_s: Float64s
    slot: Int64s


class SlotLine:
    """The slots, the moments at which they become free, and the jobs that wait."""

    def __init__(self, *, slots: int, queue_limit: int) -> None:
        self._queue_limit = queue_limit
        self._free_s: Float64s = np.zeros(slots)
        self._free_slot: Int64s = np.arange(slots)
        self._waiting_s: Float64s = np.empty(0)  # starts after the last arrival that was admitted

    def admit(self, arrival_s: Float64s, service_s: Float64s) -> Assignment:
        """Assign jobs that arrive in order of time and occupy a slot for `service_s` each, resets included."""
        settled = self._settle(arrival_s, service_s)
        if settled is None or self._overflows(arrival_s, settled[0]):
            return self._step_by_step(arrival_s, service_s)
        start_s, ends_s = settled
        order = np.argsort(ends_s, kind="stable")
        left = order[len(start_s) :]
        assigned = self._free_slot[_first_owners(len(self._free_s), order[: len(start_s)])]
        self._free_s, self._free_slot = ends_s[left], assigned[left]
        self._remember_waiting(arrival_s, start_s)
        return Assignment(start_s=start_s, slot=assigned[len(self._free_s) :])

    def carry(self, passed_s: float) -> None:
        """Go on to a block that starts `passed_s` later."""
        self._free_s = self._free_s - passed_s
        self._waiting_s = self._waiting_s[self._waiting_s > passed_s] - passed_s

    @property
    def free_s(self) -> Float64s:
        """Return when each slot becomes free, in order of time; it may lie in the past."""
        return self._free_s

    @property
    def waiting_s(self) -> Float64s:
        """Return when the jobs start that wait in the line, in order of time."""
        return self._waiting_s

    def _settle(self, arrival_s: Float64s, service_s: Float64s) -> tuple[Float64s, Float64s] | None:
        """Return the starts, and the moments at which slots become free: the known ones first, then the jobs'."""
        start_s, known = arrival_s, len(self._free_s)
        ends_s = np.empty(known + len(arrival_s))
        ends_s[:known] = self._free_s
        for _ in range(_ROUNDS):
            np.add(start_s, service_s, out=ends_s[known:])
            later_s = np.maximum(arrival_s, np.sort(ends_s)[: len(arrival_s)])
            if np.array_equal(later_s, start_s):
                return start_s, ends_s
            start_s = later_s
        return None

    def _overflows(self, arrival_s: Float64s, start_s: Float64s) -> bool:
        """Return whether any job found the line full; the starts are those of a line without end."""
        starts_s = np.concatenate([self._waiting_s, start_s])
        ahead = np.arange(len(self._waiting_s), len(starts_s)) - np.searchsorted(starts_s, arrival_s, side="right")
        waits = start_s > arrival_s
        return bool((ahead[waits] >= self._queue_limit).any())

    def _step_by_step(self, arrival_s: Float64s, service_s: Float64s) -> Assignment:
        free = list(zip(self._free_s.tolist(), self._free_slot.tolist(), strict=True))
        heapify(free)
        waiting = deque(self._waiting_s.tolist())
        slots, starts = [], []
        for arrival, service in zip(arrival_s.tolist(), service_s.tolist(), strict=True):
            start, slot = free[0]
            if start <= arrival:
                start = arrival
            else:
                while waiting and waiting[0] <= arrival:
                    waiting.popleft()
                if len(waiting) >= self._queue_limit:
                    slots.append(-1)
                    starts.append(arrival)
                    continue
                waiting.append(start)
            heapreplace(free, (start + service, slot))
            slots.append(slot)
            starts.append(start)
        free.sort()
        self._free_s = np.array([free_s for free_s, _ in free])
        self._free_slot = np.array([slot for _, slot in free], dtype=np.int64)
        self._waiting_s = np.array(waiting, dtype=np.float64)
        return Assignment(start_s=np.array(starts, dtype=np.float64), slot=np.array(slots, dtype=np.int64))

    def _remember_waiting(self, arrival_s: Float64s, start_s: Float64s) -> None:
        if len(arrival_s):
            starts_s = np.concatenate([self._waiting_s, start_s])
            self._waiting_s = starts_s[starts_s > arrival_s[-1]]


def _first_owners(free: int, taken: Int64s) -> Int64s:
    """Return which of the free slots each event belongs to: these slots' own, and that which each job takes.

    A job's event leads to the one before it on its slot; leading twice as far each time soon reaches the first one.
    """
    leads = np.concatenate([np.arange(free), taken])
    while not np.array_equal(further := leads[leads], leads):
        leads = further
    return leads
