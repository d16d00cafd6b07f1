"""A bank of memory slots: storage jobs with write, hold and read, and the bank's own T1 and T2 measurements.

Counts are exact draws: Poisson arrivals, Bernoulli outcomes, a real queue. The fidelity of each retrieval
follows from its own hold time and the lifetimes of its slot at that moment.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

from hwsim.devices.characterisation import measure_decay_times
from hwsim.devices.lifetimes import Lifetimes
from hwsim.devices.maintenance import (
    calibration_offset_ns,
    recurring,
    report_calibrations,
    report_firmware_changes,
)
from hwsim.devices.slots import Jobs, Requests, SlotQueue
from hwsim.devices.tracing import JobTracer
from hwsim.drift import TICK_NS, DriftPath
from hwsim.fleet import MemorySpec
from hwsim.physics.idle import hold_at_fidelity, retrieval_fidelity
from hwsim.preset import MemoryPreset
from hwsim.randomness import spawn_generator
from hwsim.tally import Tally
from hwsim.truth import Truth
from model.attributes import attributes
from model.clock import SECOND_NS
from model.names import (
    ATTR_DEVICE_ID,
    ATTR_OUTCOME,
    ATTR_SLOT_ID,
    METRIC_MEMORY_FIDELITY,
    METRIC_MEMORY_HOLD_DURATION,
    METRIC_MEMORY_QUEUE_DEPTH,
    METRIC_MEMORY_READS,
    METRIC_MEMORY_REJECTS,
    METRIC_MEMORY_SLOT_LIMIT,
    METRIC_MEMORY_SLOT_USAGE,
    METRIC_MEMORY_T1,
    METRIC_MEMORY_T1_ERROR,
    METRIC_MEMORY_T2,
    METRIC_MEMORY_T2_ERROR,
    METRIC_MEMORY_WRITES,
)

GOOD_FIDELITY = 0.9
"""The floor of a good retrieval (catalogue memory.X2)."""

Floats = NDArray[np.float64]


class MemoryBank:
    """The slots of one bank under a steady load of storage jobs."""

    def __init__(
        self, spec: MemorySpec, preset: MemoryPreset, lifetimes: Lifetimes, *, seed: int, start_ns: int
    ) -> None:
        self.id = spec.id
        self._spec = spec
        self._preset = preset
        self._lifetimes = lifetimes
        self._origin_ns = start_ns
        self._jobs_rng = spawn_generator(seed, spec.id, "jobs")
        self._scans_rng = spawn_generator(seed, spec.id, "scans")
        self._t1_drift = self._drift("t1", preset.t1_drift, seed)
        self._t2_drift = self._drift("t2", preset.t2_drift, seed)
        self._queue = SlotQueue(slots=spec.slots, queue_limit=int(preset.queue_limit))
        self._pending: Jobs | None = None
        self._scanned = False
        self._bank = attributes({ATTR_DEVICE_ID: spec.id})
        self._outcomes = {
            ok: attributes({ATTR_DEVICE_ID: spec.id, ATTR_OUTCOME: "success" if ok else "failure"})
            for ok in (True, False)
        }
        self._slots = [attributes({ATTR_DEVICE_ID: spec.id, ATTR_SLOT_ID: f"slot-{n}"}) for n in range(spec.slots)]
        self._tracer = JobTracer(spec.id, origin_ns=start_ns)

    def advance(self, tally: Tally) -> None:
        """Run the jobs of the step and report what ended in it."""
        end_s = self._seconds(tally.end_ns)
        rejected = self._accept(self._seconds(tally.start_ns), end_s)
        done = self._report_operations(tally, end_s)
        tally.count(METRIC_MEMORY_REJECTS, self._bank, rejected)
        self._report_occupancy(tally, end_s)
        self._report_lifetimes(tally)
        self._tracer.report(done, tally)
        report_calibrations(tally, ATTR_DEVICE_ID, self.id)
        report_firmware_changes(tally, ATTR_DEVICE_ID, self.id)

    def truths(self, at_ns: int) -> list[Truth]:
        """Return the bank's mean lifetimes and the chance that a retrieval succeeds above the fidelity floor."""
        t1_s, t2_s = self._slot_lifetimes(at_ns)
        values = {
            "t1_s": (float(t1_s.mean()), 0.6 * self._preset.t1_s, 1.6 * self._preset.t1_s),
            "t2_s": (float(t2_s.mean()), 0.6 * self._preset.t2_s, 1.6 * self._preset.t2_s),
            "good_retrieval_probability": (self._good_retrieval(t1_s, t2_s), 0.99, 1.0),
        }
        return [
            Truth(entity=self.id, kind="memory", quantity=quantity, value=value, low=low, high=high)
            for quantity, (value, low, high) in values.items()
        ]

    def _accept(self, start_s: float, end_s: float) -> int:
        """Draw the step's requests into the queue; return how many were rejected."""
        rng, preset = self._jobs_rng, self._preset
        number = rng.poisson(self._spec.jobs_per_s * (end_s - start_s))
        requests = Requests(
            arrival_s=np.sort(rng.uniform(start_s, end_s, number)),
            write_s=np.full(number, preset.write_s),
            hold_s=rng.gamma(preset.hold_shape, preset.mean_hold_s / preset.hold_shape, number),
            read_s=np.full(number, preset.read_s),
            reset_s=np.full(number, preset.reset_s),
            written=rng.random(number) < preset.write_success,
        )
        jobs, rejected = self._queue.admit(requests)
        self._pending = jobs if self._pending is None else self._pending.followed_by(jobs)
        return rejected

    def _report_operations(self, tally: Tally, end_s: float) -> tuple[Jobs, NDArray[np.bool_]]:
        """Report writes and reads that ended; return the finished jobs and which of them succeeded."""
        jobs = self._pending
        assert jobs is not None
        start_s = self._seconds(tally.start_ns)
        ended = (jobs.write_end_s > start_s) & (jobs.write_end_s <= end_s)
        for ok in (True, False):
            tally.count(METRIC_MEMORY_WRITES, self._outcomes[ok], int((ended & (jobs.written == ok)).sum()))
        done = jobs.select(jobs.end_s <= end_s)
        self._pending = jobs.select(jobs.end_s > end_s)
        read = done.written & (self._jobs_rng.random(len(done.slot)) < self._preset.read_success)
        tally.count(METRIC_MEMORY_READS, self._outcomes[True], int(read.sum()))
        tally.count(METRIC_MEMORY_READS, self._outcomes[False], int((done.written & ~read).sum()))
        self._report_retrievals(tally, done.select(read))
        return done, read

    def _report_retrievals(self, tally: Tally, jobs: Jobs) -> None:
        hold_s = jobs.hold_end_s - jobs.write_end_s
        times_ns = self._origin_ns + (jobs.end_s * SECOND_NS).astype(np.int64)
        t1_s, t2_s = self._lifetimes.at(
            times_ns,
            self._t1_drift.at_each(times_ns, jobs.slot),
            self._t2_drift.at_each(times_ns, jobs.slot),
        )
        fidelity = retrieval_fidelity(hold_s, t1_s, t2_s, self._preset.operation_error)
        noise = self._jobs_rng.normal(0.0, self._preset.fidelity_noise, len(hold_s))
        estimated = np.clip(fidelity + noise, 0.0, 1.0)
        tally.samples(METRIC_MEMORY_HOLD_DURATION, self._bank, hold_s)
        for slot, identity in enumerate(self._slots):
            tally.samples(METRIC_MEMORY_FIDELITY, identity, estimated[jobs.slot == slot])

    def _report_occupancy(self, tally: Tally, end_s: float) -> None:
        when_ns = tally.end_ns
        tally.level(METRIC_MEMORY_SLOT_USAGE, self._bank, self._queue.busy_at(end_s), when_ns)
        tally.level(METRIC_MEMORY_SLOT_LIMIT, self._bank, self._spec.slots, when_ns)
        tally.level(METRIC_MEMORY_QUEUE_DEPTH, self._bank, self._queue.waiting_at(end_s), when_ns)

    def _report_lifetimes(self, tally: Tally) -> None:
        """Report a measurement every ten minutes, and one as soon as the bank starts."""
        moments = list(recurring(tally.start_ns, tally.end_ns, TICK_NS, 0))
        if not self._scanned and not moments:
            moments = [tally.end_ns]
        self._scanned = True
        for when_ns in moments:
            t1_s, t2_s = self._slot_lifetimes(when_ns)
            preset = self._preset
            for value_metric, error_metric, true_s, nominal_s, shots in (
                (METRIC_MEMORY_T1, METRIC_MEMORY_T1_ERROR, t1_s, preset.t1_s, preset.t1_shots),
                (METRIC_MEMORY_T2, METRIC_MEMORY_T2_ERROR, t2_s, preset.t2_s, preset.t2_shots),
            ):
                estimate = measure_decay_times(true_s, nominal_s=nominal_s, shots=int(shots), rng=self._scans_rng)
                for slot, identity in enumerate(self._slots):
                    tally.level(value_metric, identity, estimate.value_s[slot], when_ns)
                    tally.level(error_metric, identity, estimate.error_s[slot], when_ns)

    def _slot_lifetimes(self, at_ns: int) -> tuple[Floats, Floats]:
        times_ns = np.full(self._spec.slots, at_ns)
        return self._lifetimes.at(times_ns, self._t1_drift.at(at_ns), self._t2_drift.at(at_ns))

    def _good_retrieval(self, t1_s: Floats, t2_s: Floats) -> float:
        preset = self._preset
        scale_s = preset.mean_hold_s / preset.hold_shape
        longest_s = [
            hold_at_fidelity(GOOD_FIDELITY, t1, t2, preset.operation_error) for t1, t2 in zip(t1_s, t2_s, strict=True)
        ]
        above = gammainc(preset.hold_shape, np.array(longest_s) / scale_s)
        return float(preset.read_success * above.mean())

    def _drift(self, name: str, sigma: float, seed: int) -> DriftPath:
        return DriftPath(
            sigmas=np.full(self._spec.slots, sigma),
            correlation_s=self._preset.drift_correlation_s,
            start_ns=self._origin_ns,
            calibration_ns=calibration_offset_ns(self.id),
            rng=spawn_generator(seed, self.id, f"{name} drift"),
        )

    def _seconds(self, when_ns: int) -> float:
        return (when_ns - self._origin_ns) / SECOND_NS
