"""Traces of jobs: at most one an interval, a failed one if there is any.

Which job is told is decided when it ends, so its stages are told then, with their true times.
"""

from collections.abc import Callable, Sequence

import numpy as np

from hwsim.block import Block, by_interval
from hwsim.devices.job_load import Job
from hwsim.devices.job_records import QueueLog, Run
from model.attributes import Attributes, attributes
from model.clock import SECOND_NS
from model.names import (
    ATTR_BACKEND_ID,
    ATTR_CALIBRATION_ID,
    ATTR_DEVICE_ID,
    ATTR_JOB_FAILURE_REASON,
    ATTR_JOB_ID,
    ATTR_JOB_PRIORITY,
    ATTR_OUTCOME,
    ATTR_TENANT_ID,
    SPAN_JOB,
)
from model.readings import Stage


class JobTracer:
    """Tells the stages of chosen jobs.

    `calibration_in_force(backend, when_ns)` names the calibration set behind a result.
    """

    def __init__(
        self, orchestrator_id: str, backend_ids: Sequence[str], calibration_in_force: Callable[[str, int], str]
    ) -> None:
        self._id = orchestrator_id
        self._backend_ids = backend_ids
        self._calibration_in_force = calibration_in_force

    def report(self, block: Block, log: QueueLog) -> None:
        """Tell of one job that ended in each interval."""
        moments_s = np.array([entry[0] for entry in log.ended]) - block.start_ns / SECOND_NS
        for part in by_interval(moments_s):
            ended = log.ended[part]
            failed = [entry for entry in ended if entry[3]]
            for entry in (failed or ended)[:1]:
                for stage in self._stages(*entry):
                    block.stage(stage)

    def _stages(self, now_s: float, job: Job, run: Run | None, reason: str) -> list[Stage]:
        trace = f"{self._id}-{job.number:x}"
        about = self._attributes(trace, job, run, reason)
        told_ns = _ns(now_s)

        def stage(name: str, start_s: float, end_s: float, *, failed: bool = False) -> Stage:
            parent = None if name == SPAN_JOB else SPAN_JOB
            return Stage(
                trace=trace,
                name=name,
                attributes=about,
                start_ns=_ns(start_s),
                end_ns=_ns(end_s),
                parent=parent,
                failed=failed,
                told_ns=told_ns,
            )

        root = stage(SPAN_JOB, job.submitted_s, now_s, failed=bool(reason))
        if run is None:
            return [root, stage("queue", job.submitted_s, now_s, failed=True)]
        stages = [root, stage("queue", job.submitted_s, run.start_s), stage("compile", run.start_s, run.compiled_s)]
        if run.warm_s > run.compiled_s:
            stages.append(stage("cold_start", run.compiled_s, run.warm_s))
        stages.append(stage("execute", run.warm_s, run.end_s, failed=run.aborted))
        if not run.aborted:
            stages.append(stage("postprocess", run.end_s, now_s, failed=bool(reason)))
        return stages

    def _attributes(self, trace: str, job: Job, run: Run | None, reason: str) -> Attributes:
        about = {
            ATTR_DEVICE_ID: self._id,
            ATTR_TENANT_ID: job.tenant.id,
            ATTR_JOB_PRIORITY: job.tenant.priority,
            ATTR_JOB_ID: f"job-{trace}",
            ATTR_OUTCOME: "timeout" if run is None else "failure" if reason else "success",
        }
        if reason:
            about[ATTR_JOB_FAILURE_REASON] = reason
        if run is not None:
            backend_id = self._backend_ids[run.backend]
            about[ATTR_BACKEND_ID] = backend_id
            about[ATTR_CALIBRATION_ID] = self._calibration_in_force(backend_id, _ns(run.end_s))
        return attributes(about)


def _ns(moment_s: float) -> int:
    return round(moment_s * SECOND_NS)
