"""Traces of storage jobs: one finished job in five minutes per bank, never each of them."""

import numpy as np
from numpy.typing import NDArray

from hwsim.devices.slots import Jobs
from hwsim.tally import Tally
from model.attributes import Attributes, attributes
from model.clock import MINUTE_NS, SECOND_NS
from model.names import ATTR_DEVICE_ID, ATTR_JOB_ID, ATTR_OUTCOME, ATTR_SLOT_ID, SPAN_MEMORY_JOB
from model.readings import Stage

TRACE_INTERVAL_NS = 5 * MINUTE_NS


class JobTracer:
    """Picks the first job that finishes after each interval and reports its stages as spans."""

    def __init__(self, bank_id: str, *, origin_ns: int) -> None:
        self._bank_id = bank_id
        self._origin_ns = origin_ns
        self._next_ns = origin_ns

    def report(self, finished: tuple[Jobs, NDArray[np.bool_]], tally: Tally) -> None:
        """Report at most one of the finished jobs."""
        jobs, succeeded = finished
        if len(jobs.slot) == 0 or tally.end_ns < self._next_ns:
            return
        ends_ns = self._origin_ns + (jobs.end_s * SECOND_NS).astype(np.int64)
        due = np.flatnonzero(ends_ns >= self._next_ns)
        if len(due) == 0:
            return
        index = int(due[np.argmin(ends_ns[due])])
        self._next_ns = (int(ends_ns[index]) // TRACE_INTERVAL_NS + 1) * TRACE_INTERVAL_NS
        for stage in self._stages(jobs, index, succeeded=bool(succeeded[index])):
            tally.stage(stage)

    def _stages(self, jobs: Jobs, index: int, *, succeeded: bool) -> list[Stage]:
        moments = [
            self._origin_ns + round(float(column[index]) * SECOND_NS)
            for column in (jobs.arrival_s, jobs.start_s, jobs.write_end_s, jobs.hold_end_s, jobs.end_s)
        ]
        written = bool(jobs.written[index])
        trace = f"{self._bank_id}-{moments[0]:x}"
        about = self._attributes(trace, int(jobs.slot[index]), succeeded=succeeded)
        names = ("queue", "write", "hold", "read") if written else ("queue", "write")
        failing = "" if succeeded else names[-1]
        root = Stage(
            trace=trace,
            name=SPAN_MEMORY_JOB,
            attributes=about,
            start_ns=moments[0],
            end_ns=moments[-1],
            failed=not succeeded,
        )
        return [root] + [
            Stage(
                trace=trace,
                name=name,
                attributes=about,
                start_ns=start_ns,
                end_ns=end_ns,
                parent=SPAN_MEMORY_JOB,
                failed=name == failing,
            )
            for name, start_ns, end_ns in zip(names, moments, moments[1:], strict=False)
        ]

    def _attributes(self, trace: str, slot: int, *, succeeded: bool) -> Attributes:
        return attributes(
            {
                ATTR_DEVICE_ID: self._bank_id,
                ATTR_SLOT_ID: f"slot-{slot}",
                ATTR_JOB_ID: f"job-{trace}",
                ATTR_OUTCOME: "success" if succeeded else "failure",
            }
        )
