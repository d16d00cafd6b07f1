"""A bank of memory slots: storage jobs with write, hold and read, and what the bank measures about itself.

Counts are exact draws: Poisson arrivals, Bernoulli outcomes, a real line in front of the slots. Whether and how well
each state comes back follows from its own hold and from the lifetimes of its slot at that moment.
"""

from typing import TypedDict
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, INTERVAL_S, Block
from hwsim.devices.memory.control import ControlTrend
from hwsim.devices.memory.interface_test import report_interface
from hwsim.devices.memory.jobs import Demand, Jobs, at_second, schedule_jobs
from hwsim.devices.memory.lifetimes import ExtraRates, Lifetimes
from hwsim.devices.memory.preset import MemoryPreset
from hwsim.devices.memory.reports import JobReports
from hwsim.devices.memory.retrieval import Readout, idle_fidelity, read_conditions, retrieve
from hwsim.devices.memory.scans import LifetimeScans
from hwsim.devices.memory.slots import SlotLine
from hwsim.devices.memory.snapshots import report_snapshot
from hwsim.devices.memory.tracing import trace_jobs
from hwsim.devices.memory.truths import Truths
from hwsim.maintenance import Maintenance
from hwsim.spec import DeviceSpec
from model.attributes import attributes
from model.clock import HOUR_NS, SECOND_NS
from model.names import ATTR_DEVICE_ID

Float64s = NDArray[np.float64]


class _Occasion(TypedDict):
    """What every measurement of one interval has in common."""

    at_ns: int
    calibrated_ns: int
    rng: np.random.Generator


class MemoryBank:
    """The slots of one bank under its load."""

    def __init__(self, spec: DeviceSpec, lifetimes: Lifetimes, demand: Demand, maintenance: Maintenance) -> None:
        self.id = spec.id
        self._preset: MemoryPreset = spec.preset
        self._lifetimes = lifetimes
        self._demand = demand
        self._maintenance = maintenance
        self._line = SlotLine(slots=spec.settings.slots, queue_limit=int(self._preset.queue_limit))
        self._pending: Jobs | None = None
        self._reports = JobReports(spec.id, spec.settings.slots, spec.settings.tenants)
        self._scans = LifetimeScans(spec.id, spec.settings.slots, self._preset, lifetimes)
        self._control = ControlTrend(spec.id, self._preset)
        self._truths = Truths(demand)
        self._slots = spec.settings.slots
        self._bank = attributes({ATTR_DEVICE_ID: spec.id})
        self._measured_s = 30 + crc32(spec.id.encode()) % (INTERVAL_S - 60)  # banks do not measure all at once

    def simulate(self, block: Block) -> None:
        """Live through a block: its jobs, then its measurements."""
        slots = self._lifetimes.of_block(block)
        rates = self._lifetimes.extra_rates(block.ends_ns)
        readout = read_conditions(self.id, self._preset, slots, block)
        self._run_jobs(block, rates, readout)
        self._measure(block, readout)
        block.when_asked(lambda asked: self._truths.state(asked, slots=slots, rates=rates, readout=readout))
        self._maintenance.report(block)

    def _run_jobs(self, block: Block, rates: ExtraRates, readout: Readout) -> None:
        rng, preset = block.rng(self.id, "jobs"), self._preset
        self._line.carry(BLOCK_S)
        requests, lost = self._demand.draw(block, rng)
        assignment = self._line.admit(requests.arrival_s, requests.service_s(preset))
        new, rejected_s = schedule_jobs(requests, assignment, preset)
        jobs = new if self._pending is None else self._pending.followed_by(new)
        released_s = np.sort(jobs.release_s)
        done = jobs.select(np.flatnonzero((jobs.end_s > 0) & (jobs.end_s <= BLOCK_S)))
        second = block.second(done.end_s)
        retrievals = retrieve(
            done,
            second,
            preset=preset,
            slots=self._lifetimes.of_block(block),
            rates=rates,
            readout=readout,
            neighbours=self._neighbours(jobs, released_s, done) if preset.crosstalk_error else 0.0,
            rng=rng,
        )
        reports = self._reports
        reports.report_requests(block, jobs, lost, rejected_s)
        reports.report_reads(block, done, second, retrievals)
        known = np.flatnonzero(retrievals.is_read & (rng.random(len(done)) < preset.benchmark_share))
        reports.report_readouts(block, second[known], retrievals.excess[known], readout.at(second[known]), rng)
        reports.report_occupancy(block, jobs, released_s)
        trace_jobs(self.id, block, done, retrievals.is_read)
        self._pending = jobs.select(np.flatnonzero(jobs.release_s > BLOCK_S)).earlier_by(BLOCK_S)

    @staticmethod
    def _neighbours(jobs: Jobs, released_s: Float64s, done: Jobs) -> Float64s:
        """Return how many other slots are in use at the end of each of the reads."""
        started = np.searchsorted(jobs.start_s, done.end_s, side="right")
        ended = np.searchsorted(released_s, done.end_s, side="right")
        return np.asarray(np.maximum(started - ended - 1, 0), dtype=np.float64)

    def _measure(self, block: Block, readout: Readout) -> None:
        """Measure once in every interval, each bank at a moment of its own."""
        rng = block.rng(self.id, "measurements")
        moments_ns = [each.start_ns + self._measured_s * SECOND_NS for each in block.intervals]
        calibrated = [self._maintenance.calibrated_ns(at_ns) for at_ns in moments_ns]
        self._scans.measure(block, moments_ns, calibrated, rng)
        written = self._demand.write_efficiency(block)
        for interval, at_ns, calibrated_ns in zip(block.intervals, moments_ns, calibrated, strict=True):
            second = interval.start_s + self._measured_s - 1
            then, efficiency = readout.at(second), at_second(written, second)
            about: _Occasion = {"at_ns": at_ns, "calibrated_ns": calibrated_ns, "rng": rng}
            self._control.measure(block, interval, float(then.control_shift_rad), **about)
            self._measure_interface(block, then, float(efficiency), **about)
            if interval.start_ns % HOUR_NS == 0:
                report_snapshot(
                    block,
                    interval,
                    self.id,
                    self._slots,
                    preset=self._preset,
                    lifetimes=self._lifetimes,
                    readout=then,
                    **about,
                )

    def _measure_interface(
        self,
        block: Block,
        readout: Readout,
        written: float,
        *,
        at_ns: int,
        calibrated_ns: int,
        rng: np.random.Generator,
    ) -> None:
        """Send test pulses through write, the mean hold and read."""
        preset, kept = self._preset, 1.0
        if preset.collective_share:
            t1_s, t2_s = self._lifetimes.at(np.array([at_ns]))
            kept = float(np.max(idle_fidelity(preset.mean_hold_s, t1_s, t2_s, preset)[1]))
        report_interface(
            block,
            self._bank,
            efficiency=float(written * readout.efficiency * kept),
            input_photons=preset.input_photons,
            noise_photons=float(readout.noise_photons),
            at_ns=at_ns,
            calibrated_ns=calibrated_ns,
            rng=rng,
        )
