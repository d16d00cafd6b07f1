"""Traces of storage jobs: the first job that ends in each five minutes, never each of them."""

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, Block
from hwsim.devices.memory.jobs import Jobs
from model.attributes import Attributes, attributes
from model.clock import MINUTE_NS, SECOND_NS
from model.names import ATTR_DEVICE_ID, ATTR_JOB_ID, ATTR_OUTCOME, ATTR_SLOT_ID, SPAN_MEMORY_JOB
from model.readings import Stage

TRACE_INTERVAL_S = 5 * MINUTE_NS // SECOND_NS


def trace_jobs(bank_id: str, block: Block, done: Jobs, is_read: NDArray[np.bool_]) -> None:
    """Report the stages of a few of the jobs that ended in the block; `is_read` says which gave a state."""
    cell = np.ceil(done.end_s / TRACE_INTERVAL_S).astype(np.int64) - 1
    for number in range(BLOCK_S // TRACE_INTERVAL_S):
        mine = np.flatnonzero(cell == number)
        if len(mine):
            first = int(mine[np.argmin(done.end_s[mine])])
            for stage in _stages(bank_id, block, done, first, succeeded=bool(is_read[first])):
                block.stage(stage)


def _stages(bank_id: str, block: Block, jobs: Jobs, index: int, *, succeeded: bool) -> list[Stage]:
    moments = [
        block.start_ns + round(float(column[index]) * SECOND_NS)
        for column in (jobs.arrival_s, jobs.start_s, jobs.write_end_s, jobs.read_start_s, jobs.end_s)
    ]
    trace = f"{bank_id}-{moments[0]:x}"
    about = _attributes(bank_id, trace, int(jobs.slot[index]), succeeded=succeeded)
    names = ("queue", "write", "hold", "read") if jobs.written[index] else ("queue", "write")
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


def _attributes(bank_id: str, trace: str, slot: int, *, succeeded: bool) -> Attributes:
    return attributes(
        {
            ATTR_DEVICE_ID: bank_id,
            ATTR_SLOT_ID: f"slot-{slot}",
            ATTR_JOB_ID: f"job-{trace}",
            ATTR_OUTCOME: "success" if succeeded else "failure",
        }
    )
