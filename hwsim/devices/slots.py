"""Storage jobs on their way through a bank: queue, write, hold, read, reset.

First come, first served; each job takes the slot that has been free the longest. Times are seconds since
the bank's origin. The recursion is exact whatever the step, because a job's start depends on earlier jobs only.
"""

from collections import deque
from dataclasses import dataclass, fields
from heapq import heapreplace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Jobs as they arrive, in order of time; a failed write ends its job without hold and read."""

    arrival_s: Floats
    write_s: Floats
    hold_s: Floats
    read_s: Floats
    reset_s: Floats
    written: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Accepted jobs with the moments of their stages."""

    arrival_s: Floats
    start_s: Floats
    write_end_s: Floats
    hold_end_s: Floats
    end_s: Floats
    slot: NDArray[np.int64]
    written: NDArray[np.bool_]

    def select(self, mask: NDArray[np.bool_]) -> "Jobs":
        """Return the jobs where `mask` is true."""
        return Jobs(**{field.name: getattr(self, field.name)[mask] for field in fields(self)})

    def followed_by(self, other: "Jobs") -> "Jobs":
        """Return these jobs and then the others."""
        return Jobs(
            **{
                field.name: np.concatenate([getattr(self, field.name), getattr(other, field.name)])
                for field in fields(self)
            }
        )


class SlotQueue:
    """The slots of a bank and the line in front of them."""

    def __init__(self, *, slots: int, queue_limit: int) -> None:
        self._free = [(0.0, slot) for slot in range(slots)]  # a heap: when each slot is free
        self._queue_limit = queue_limit
        self._waiting: deque[float] = deque()  # starts that lie in the future

    def admit(self, requests: Requests) -> tuple[Jobs, int]:
        """Return the accepted jobs and how many requests found the queue full."""
        service_s = requests.write_s + requests.reset_s
        service_s += np.where(requests.written, requests.hold_s + requests.read_s, 0.0)
        slots, starts = self._assign(requests.arrival_s.tolist(), service_s.tolist())
        slot = np.array(slots, dtype=np.int64)
        accepted = slot >= 0
        start_s = np.array(starts)[accepted] if starts else np.empty(0)
        write_end_s = start_s + requests.write_s[accepted]
        written = requests.written[accepted]
        hold_end_s = write_end_s + np.where(written, requests.hold_s[accepted], 0.0)
        jobs = Jobs(
            arrival_s=requests.arrival_s[accepted],
            start_s=start_s,
            write_end_s=write_end_s,
            hold_end_s=hold_end_s,
            end_s=hold_end_s + np.where(written, requests.read_s[accepted], 0.0),
            slot=slot[accepted],
            written=written,
        )
        return jobs, int(np.count_nonzero(~accepted))

    def busy_at(self, when_s: float) -> int:
        """Return how many slots are in use or being reset, once every request up to then is admitted."""
        return sum(free_s > when_s for free_s, _ in self._free)

    def waiting_at(self, when_s: float) -> int:
        """Return how many jobs wait for a slot, once every request up to then is admitted."""
        self._forget(when_s)
        return len(self._waiting)

    def _assign(self, arrivals: list[float], services: list[float]) -> tuple[list[int], list[float]]:
        free = self._free
        slots, starts = [], []
        for arrival, service in zip(arrivals, services, strict=True):
            start, slot = free[0]
            if start <= arrival:
                start = arrival
            else:
                self._forget(arrival)
                if len(self._waiting) >= self._queue_limit:
                    slots.append(-1)
                    starts.append(0.0)
                    continue
                self._waiting.append(start)
            heapreplace(free, (start + service, slot))
            slots.append(slot)
            starts.append(start)
        return slots, starts

    def _forget(self, when_s: float) -> None:
        while self._waiting and self._waiting[0] <= when_s:
            self._waiting.popleft()
