"""What an orchestrator reports of a block's jobs: counters with their zeros, durations, depth of the queue."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from hwsim.block import BLOCK_S, Block
from hwsim.devices.job_load import Job, Tenant, classes
from hwsim.devices.job_records import REASONS, QueueLog, Run
from model.attributes import Attributes, attributes
from model.clock import MINUTE_NS, SECOND_NS
from model.names import (
    ATTR_BACKEND_ID,
    ATTR_DEVICE_ID,
    ATTR_JOB_FAILURE_REASON,
    ATTR_JOB_PRIORITY,
    ATTR_OUTCOME,
    ATTR_TENANT_ID,
    METRIC_JOB_COLD_START_DURATION,
    METRIC_JOB_COMPILE_DURATION,
    METRIC_JOB_COMPLETIONS,
    METRIC_JOB_DEVICE_TIME,
    METRIC_JOB_EXECUTION_DURATION,
    METRIC_JOB_FAILURES,
    METRIC_JOB_FALLBACKS,
    METRIC_JOB_HOST_TIME,
    METRIC_JOB_LATENCY,
    METRIC_JOB_PREEMPTIONS,
    METRIC_JOB_REJECTIONS,
    METRIC_JOB_RETRIES,
    METRIC_JOB_SUBMISSIONS,
    METRIC_JOB_WAIT_DURATION,
    METRIC_QUEUE_DEPTH,
    METRIC_QUEUE_LONGEST_WAIT,
)

SUCCESS, FAILURE, TIMED_OUT = "success", "failure", "timeout"
_Points = Iterable[tuple[float, float]]  # moment in seconds since the epoch, value


class JobLedger:
    """Turns the log of a queue into telemetry; every counter that can exist is reported, at zero too."""

    def __init__(self, orchestrator_id: str, tenants: Sequence[Tenant], backend_ids: Sequence[str]) -> None:
        self._device = {ATTR_DEVICE_ID: orchestrator_id}
        self._backend_ids = backend_ids
        self._identities: dict[tuple[str, ...], Attributes] = {}
        self._counters = list(self._all_counters(tenants))

    def report(self, block: Block, log: QueueLog) -> None:
        """Report a block."""
        self._report_counters(block, log)
        self._report_durations(block, log)
        minutes_ns = block.moments(MINUTE_NS)
        for metric, by_minute in ((METRIC_QUEUE_DEPTH, log.depths), (METRIC_QUEUE_LONGEST_WAIT, log.waits_s)):
            for priority in by_minute[0]:
                told = np.array([minute[priority] for minute in by_minute], dtype=np.float64)
                block.levels(metric, self._with(ATTR_JOB_PRIORITY, priority), told, minutes_ns)

    def _report_counters(self, block: Block, log: QueueLog) -> None:
        found: dict[tuple[str, Attributes], list[tuple[float, float]]] = defaultdict(list)
        for now_s, job in log.submitted:
            found[METRIC_JOB_SUBMISSIONS, self._of_job(job)].append((now_s, 1))
        for now_s, job in log.rejected:
            found[METRIC_JOB_REJECTIONS, self._with(ATTR_TENANT_ID, job.tenant.id)].append((now_s, 1))
        for now_s, run in log.retried:
            found[METRIC_JOB_RETRIES, self._with(ATTR_BACKEND_ID, self._backend_ids[run.backend])].append((now_s, 1))
        for now_s, run in log.displaced:
            priority = run.ticket.job.tenant.priority
            found[METRIC_JOB_PREEMPTIONS, self._with(ATTR_JOB_PRIORITY, priority)].append((now_s, 1))
        found[METRIC_JOB_FALLBACKS, self._with()] = [(now_s, 1) for now_s in log.fallbacks]
        for now_s, job, last, reason in log.ended:
            found[METRIC_JOB_COMPLETIONS, self._completion(job, last, reason)].append((now_s, 1))
            if reason:
                found[METRIC_JOB_FAILURES, self._with(ATTR_JOB_FAILURE_REASON, reason)].append((now_s, 1))
        for now_s, run in log.left:
            found[METRIC_JOB_DEVICE_TIME, self._device_time(run)].append((now_s, now_s - run.start_s))
            job = run.ticket.job
            found[METRIC_JOB_HOST_TIME, self._with()].append((now_s, job.compile_s + job.postprocess_s))
        for series in self._counters:
            block.count(*series, self._per_second(block, found.get(series, ())))

    def _report_durations(self, block: Block, log: QueueLog) -> None:
        found: dict[tuple[str, Attributes], list[tuple[float, float]]] = defaultdict(list)
        for now_s, run in log.started:
            job = run.ticket.job
            found[METRIC_JOB_COMPILE_DURATION, self._with()].append((now_s, job.compile_s))
            if run.ticket.attempt == 0 and run.ticket.displaced == 0:
                priority = self._with(ATTR_JOB_PRIORITY, job.tenant.priority)
                found[METRIC_JOB_WAIT_DURATION, priority].append((now_s, now_s - job.submitted_s))
            if run.warm_s > run.compiled_s:
                found[METRIC_JOB_COLD_START_DURATION, self._with()].append((now_s, run.warm_s - run.compiled_s))
        for now_s, job, finished, reason in log.ended:
            if finished is not None and not finished.aborted:
                backend = self._with(ATTR_BACKEND_ID, self._backend_ids[finished.backend])
                found[METRIC_JOB_EXECUTION_DURATION, backend].append((now_s, finished.end_s - finished.warm_s))
            if not reason:
                priority = self._with(ATTR_JOB_PRIORITY, job.tenant.priority)
                found[METRIC_JOB_LATENCY, priority].append((now_s, now_s - job.submitted_s))
        start_s = block.start_ns / SECOND_NS
        for (metric, identity), points in found.items():
            moments, values = np.array(points).T
            block.samples(metric, identity, values, moments - start_s)

    def _per_second(self, block: Block, points: _Points) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        if not points:
            return _NOTHING
        start_s, increments = block.start_ns / SECOND_NS, np.zeros(BLOCK_S)
        for now_s, amount in points:
            increments[min(max(math.ceil(now_s - start_s) - 1, 0), BLOCK_S - 1)] += amount
        return increments

    def _all_counters(self, tenants: Sequence[Tenant]) -> Iterable[tuple[str, Attributes]]:
        for tenant in tenants:
            yield METRIC_JOB_SUBMISSIONS, self._identity_of(tenant)
            yield METRIC_JOB_REJECTIONS, self._with(ATTR_TENANT_ID, tenant.id)
            yield METRIC_JOB_COMPLETIONS, self._identity_of(tenant, ATTR_OUTCOME, TIMED_OUT)
            for backend_id in self._backend_ids:
                yield METRIC_JOB_DEVICE_TIME, self._with(ATTR_BACKEND_ID, backend_id, ATTR_TENANT_ID, tenant.id)
                for outcome in (SUCCESS, FAILURE):
                    yield (
                        METRIC_JOB_COMPLETIONS,
                        self._identity_of(tenant, ATTR_BACKEND_ID, backend_id, ATTR_OUTCOME, outcome),
                    )
        for backend_id in self._backend_ids:
            yield METRIC_JOB_RETRIES, self._with(ATTR_BACKEND_ID, backend_id)
        for reason in REASONS:
            yield METRIC_JOB_FAILURES, self._with(ATTR_JOB_FAILURE_REASON, reason)
        if "background" in classes(tuple(tenants)):
            yield METRIC_JOB_PREEMPTIONS, self._with(ATTR_JOB_PRIORITY, "background")
        yield METRIC_JOB_FALLBACKS, self._with()
        yield METRIC_JOB_HOST_TIME, self._with()

    def _completion(self, job: Job, run: Run | None, reason: str) -> Attributes:
        if run is None:
            return self._identity_of(job.tenant, ATTR_OUTCOME, TIMED_OUT)
        outcome = FAILURE if reason else SUCCESS
        backend_id = self._backend_ids[run.backend]
        return self._identity_of(job.tenant, ATTR_BACKEND_ID, backend_id, ATTR_OUTCOME, outcome)

    def _device_time(self, run: Run) -> Attributes:
        backend_id, tenant_id = self._backend_ids[run.backend], run.ticket.job.tenant.id
        return self._with(ATTR_BACKEND_ID, backend_id, ATTR_TENANT_ID, tenant_id)

    def _of_job(self, job: Job) -> Attributes:
        return self._identity_of(job.tenant)

    def _identity_of(self, tenant: Tenant, *pairs: str) -> Attributes:
        return self._with(ATTR_TENANT_ID, tenant.id, ATTR_JOB_PRIORITY, tenant.priority, *pairs)

    def _with(self, *pairs: str) -> Attributes:
        """Return the orchestrator's identity with more attributes: key, value, key, value."""
        known = self._identities.get(pairs)
        if known is None:
            known = attributes({**self._device, **dict(zip(pairs[::2], pairs[1::2], strict=True))})
            self._identities[pairs] = known
        return known


_NOTHING: Final = np.zeros(BLOCK_S)
