"""What a bank tells about its jobs: counts of every step, samples of every read, and the slots in use."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, INTERVALS, Block
from hwsim.devices.memory.jobs import Jobs
from hwsim.devices.memory.retrieval import Readout, Retrievals
from model.attributes import attributes
from model.clock import MINUTE_NS, SECOND_NS
from model.names import (
    ATTR_DEVICE_ID,
    ATTR_OUTCOME,
    ATTR_READOUT_BASIS,
    ATTR_SLOT_ID,
    ATTR_TENANT_ID,
    METRIC_MEMORY_FIDELITY,
    METRIC_MEMORY_HOLD_DURATION,
    METRIC_MEMORY_HOLD_TIME,
    METRIC_MEMORY_HOLDS,
    METRIC_MEMORY_LEASE_DURATION,
    METRIC_MEMORY_LEASE_WAIT_DURATION,
    METRIC_MEMORY_LEASES,
    METRIC_MEMORY_QUEUE_DEPTH,
    METRIC_MEMORY_READOUTS,
    METRIC_MEMORY_READS,
    METRIC_MEMORY_REJECTS,
    METRIC_MEMORY_RETRIEVAL_DURATION,
    METRIC_MEMORY_SLOT_LIMIT,
    METRIC_MEMORY_SLOT_USAGE,
    METRIC_MEMORY_TRANSDUCER_PHOTONS,
    METRIC_MEMORY_WRITES,
)

BASES = ("x", "y", "z")

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]


class JobReports:
    """The series of one bank's jobs."""

    def __init__(self, bank_id: str, slots: int, tenants: Sequence[str]) -> None:
        self._bank = attributes({ATTR_DEVICE_ID: bank_id})
        self._outcomes = {
            outcome: attributes({ATTR_DEVICE_ID: bank_id, ATTR_OUTCOME: outcome})
            for outcome in ("success", "failure", "timeout")
        }
        self._readouts = [
            attributes({ATTR_DEVICE_ID: bank_id, ATTR_READOUT_BASIS: basis, ATTR_OUTCOME: outcome})
            for basis in BASES
            for outcome in ("success", "failure")
        ]
        self._slots = [attributes({ATTR_DEVICE_ID: bank_id, ATTR_SLOT_ID: f"slot-{n}"}) for n in range(slots)]
        self._tenants = [attributes({ATTR_DEVICE_ID: bank_id, ATTR_TENANT_ID: tenant}) for tenant in tenants]

    def report_requests(self, block: Block, jobs: Jobs, lost: Int64s, rejected_s: Float64s) -> None:
        """Report what arrived, was written and was released in the block; `lost` photons are counted by second."""
        converted = _within(block, np.concatenate([jobs.arrival_s, rejected_s]))
        block.count(METRIC_MEMORY_TRANSDUCER_PHOTONS, self._outcomes["success"], _per_second(converted))
        block.count(METRIC_MEMORY_TRANSDUCER_PHOTONS, self._outcomes["failure"], lost)
        block.count_at(METRIC_MEMORY_REJECTS, self._bank, rejected_s)
        self._split(block, METRIC_MEMORY_WRITES, jobs.write_end_s, jobs.written, "failure")
        self._split(block, METRIC_MEMORY_LEASES, jobs.release_s, ~jobs.leaked, "timeout")
        granted = np.flatnonzero((jobs.start_s > 0) & (jobs.start_s <= BLOCK_S))
        released = np.flatnonzero((jobs.release_s > 0) & (jobs.release_s <= BLOCK_S))
        for metric, index, at_s, since_s in (
            (METRIC_MEMORY_LEASE_WAIT_DURATION, granted, jobs.start_s, jobs.arrival_s),
            (METRIC_MEMORY_LEASE_DURATION, released, jobs.release_s, jobs.start_s),
        ):
            block.samples(metric, self._bank, (at_s - since_s)[index], at_s[index])
        self._report_metering(block, (jobs.release_s - jobs.start_s)[released], jobs.release_s[released])

    def report_reads(self, block: Block, done: Jobs, second: Int64s, retrievals: Retrievals) -> None:
        """Report the reads that ended; a state that was given up at its deadline is a failed read."""
        good = np.flatnonzero(done.written & retrievals.is_read)
        bad = np.flatnonzero(done.written & ~retrievals.is_read)
        late = bad[retrievals.is_late[bad]]
        read, failed, expired = (_per_second(second[which]) for which in (good, bad, late))
        block.count(METRIC_MEMORY_READS, self._outcomes["success"], read)
        block.count(METRIC_MEMORY_READS, self._outcomes["failure"], failed)
        block.count(METRIC_MEMORY_HOLDS, self._outcomes["success"], read + failed - expired)
        block.count(METRIC_MEMORY_HOLDS, self._outcomes["timeout"], expired)
        at_s = done.end_s[good]
        block.samples(METRIC_MEMORY_HOLD_DURATION, self._bank, done.hold_s[good], at_s)
        wanted_s = done.read_start_s[good] - done.delay_s[good]
        block.samples(METRIC_MEMORY_RETRIEVAL_DURATION, self._bank, at_s - wanted_s, at_s)
        self._report_fidelity(block, done.slot[good], retrievals.estimated_fidelity[good], at_s)

    def report_readouts(
        self, block: Block, second: Int64s, excess: Float64s, readout: Readout, rng: np.random.Generator
    ) -> None:
        """Report readouts of known states by basis and by whether the result was right; one value a readout each."""
        basis = rng.integers(0, len(BASES), len(second))
        kind = 2 * basis + (rng.random(len(second)) < readout.wrong_probability(excess, basis))
        kinds = len(self._readouts)
        table = np.bincount(second * kinds + kind, minlength=BLOCK_S * kinds).reshape(BLOCK_S, kinds)
        for number, identity in enumerate(self._readouts):
            block.count(METRIC_MEMORY_READOUTS, identity, table[:, number])

    def report_occupancy(self, block: Block, jobs: Jobs, released_s: Float64s) -> None:
        """Report each minute the slots in use and the line in front of them; a leaked lease is in use."""
        times_ns = block.moments(MINUTE_NS)
        at_s = (times_ns - block.start_ns) / SECOND_NS
        arrived, started, released = (
            np.searchsorted(moments, at_s, side="right") for moments in (jobs.arrival_s, jobs.start_s, released_s)
        )
        block.levels(METRIC_MEMORY_SLOT_USAGE, self._bank, (started - released).astype(np.float64), times_ns)
        block.levels(METRIC_MEMORY_QUEUE_DEPTH, self._bank, (arrived - started).astype(np.float64), times_ns)
        limits = np.full(INTERVALS, float(len(self._slots)))
        block.levels(METRIC_MEMORY_SLOT_LIMIT, self._bank, limits, block.interval_ends_ns)

    def _split(self, block: Block, metric: str, at_s: Float64s, good: NDArray[np.bool_], otherwise: str) -> None:
        second = _within(block, at_s[good])
        block.count(metric, self._outcomes["success"], _per_second(second))
        block.count(metric, self._outcomes[otherwise], _per_second(_within(block, at_s[~good])))

    def _report_fidelity(self, block: Block, slot: Int64s, fidelity: Float64s, at_s: Float64s) -> None:
        order = np.argsort(slot, kind="stable")
        ends = np.cumsum(np.bincount(slot, minlength=len(self._slots)))
        for number in np.flatnonzero(np.diff(ends, prepend=0)):
            mine = order[ends[number - 1] if number else 0 : ends[number]]
            block.samples(METRIC_MEMORY_FIDELITY, self._slots[number], fidelity[mine], at_s[mine])

    def _report_metering(self, block: Block, leased_s: Float64s, at_s: Float64s) -> None:
        """Report leased time; tenants take turns."""
        second = block.second(at_s)
        for number, identity in enumerate(self._tenants):
            mine = slice(number, None, len(self._tenants))
            used_s = np.bincount(second[mine], weights=leased_s[mine], minlength=BLOCK_S)
            block.count(METRIC_MEMORY_HOLD_TIME, identity, used_s)


def _within(block: Block, at_s: Float64s) -> Int64s:
    """Return the second of each moment that lies in the block."""
    return block.second(at_s[(at_s > 0) & (at_s <= BLOCK_S)])


def _per_second(second: Int64s) -> Int64s:
    return np.bincount(second, minlength=BLOCK_S)
