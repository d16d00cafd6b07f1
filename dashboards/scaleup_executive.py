"""The scale-up board for those who answer for the processors: jobs, cost, who uses them, how true results are."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames, job_panels
from dashboards.board import Board
from dashboards.distribution_panels import percentiles
from dashboards.domains import SCALEUP, in_sites
from dashboards.estimate_panels import estimates
from dashboards.frames import OWN
from dashboards.look import RATIO
from dashboards.objective_panels import bound_steps, target_steps
from dashboards.panels import Head, timeseries
from dashboards.sql import rolled, sql
from model.names import METRIC_JOB_DEVICE_TIME, METRIC_JOB_LATENCY, METRIC_PROCESSOR_DOWNTIME, METRIC_RESULT_FIDELITY
from slo import Objective


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return frames.executive(
        SCALEUP,
        objectives,
        question="Do the processors finish their users' jobs, at what cost, for whom, and are results still good?",
        cites=("scaleup.PE1",),
        rows=[
            [_success(objectives), _trend(objectives)],
            [_cost(), _tenants()],
            [_fidelity(objectives), _latency(objectives)],
            [_downtime()],
        ],
    )


def _success(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN,
        title="Jobs that succeeded, whole range",
        about="Share of all jobs of the range that ended well; red below the target of the objective",
        cites=("scaleup.PE1", "scaleup.M1"),
        width=6,
    )
    return job_panels.success_in_range(head, SCALEUP.chosen, target_steps(objectives, "scaleup-job-success"))


def _trend(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 1,
        title="Job success of each processor",
        about="Share of jobs that ended well. One processor alone: its calibration or its firmware; both: the "
        "orchestrator",
        cites=("scaleup.PE1", "scaleup.M1"),
        width=18,
    )
    return job_panels.success(head, "backend", SCALEUP.chosen, target_steps(objectives, "scaleup-job-success"))


def _cost() -> core.Panel:
    head = Head(
        id=OWN + 2,
        title="Cost per hour",
        about="What jobs cost per hour: processor time, cooling and preparation. Cooling that grows alone is the "
        "cryostat, preparation alone the compiler",
        cites=("scaleup.PE2", "scaleup.M7"),
    )
    return job_panels.cost_per_hour(head, "cost_component")


def _tenants() -> core.Panel:
    query = sql(
        """
        SELECT $__timeGroupAlias(time,$__interval), tenant AS metric,
          sum(increase) / ($__interval_ms / 1000.0) / nullif(max(processors), 0) AS value
        FROM @rolled, (SELECT count(DISTINCT backend) AS processors FROM series WHERE metric = '@metric' AND @chosen)
          AS fleet
        WHERE @chosen GROUP BY 1, 2 ORDER BY 1, 2
        """,
        rolled=rolled(METRIC_JOB_DEVICE_TIME),
        metric=METRIC_JOB_DEVICE_TIME,
        chosen=SCALEUP.chosen,
    )
    head = Head(
        id=OWN + 3,
        title="Utilisation by tenant",
        about="Share of the chosen processors' time that each tenant used. The sum near 100 % is saturation: queues "
        "grow; one tenant with all of it asks for a quota",
        cites=("scaleup.PE3",),
    )
    return timeseries(head, query, unit=RATIO, decimals=1, minimum=0)


def _fidelity(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 4,
        title="Result fidelity",
        about="Fidelity of results by mirror circuits, within its 95 % limits. A slope between calibrations is "
        "drift; a step is a change",
        cites=("scaleup.PE4", "scaleup.M5"),
    )
    steps = bound_steps(objectives, "scaleup-result-fidelity")
    return estimates(head, METRIC_RESULT_FIDELITY, "backend", SCALEUP.chosen, steps=steps, decimals=1)


def _latency(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 5,
        title="Time from submission to result",
        about="Median and 95th percentile by class of jobs, waiting included",
        cites=("scaleup.PE1", "scaleup.M4"),
    )
    steps = bound_steps(objectives, "scaleup-end-to-end-latency")
    return percentiles(head, METRIC_JOB_LATENCY, "job_priority", in_sites(), 0.5, 0.95, steps=steps)


def _downtime() -> core.Panel:
    query = sql(
        """
        SELECT $__timeGroupAlias(time,$__interval), backend || ' ' || downtime_reason AS metric,
          sum(increase) / ($__interval_ms / 1000.0) AS value
        FROM @rolled WHERE @chosen GROUP BY 1, 2 ORDER BY 1, 2
        """,
        rolled=rolled(METRIC_PROCESSOR_DOWNTIME),
        chosen=SCALEUP.chosen,
    )
    head = Head(
        id=OWN + 6,
        title="Processors closed to users",
        about="Share of time in which each processor was closed, for calibration (planned) or by an outage (not)",
        cites=("scaleup.PE1", "scaleup.X1"),
        width=24,
        height=6,
    )
    return timeseries(head, query, unit=RATIO, decimals=0, minimum=0, maximum=1, style="bars")
