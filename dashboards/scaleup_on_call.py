"""The scale-up board for whoever is on call: what fails, what waits, which processor is unfit, what changed."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames, job_panels
from dashboards.board import Board
from dashboards.counter_panels import rates, share_query
from dashboards.distribution_panels import percentiles
from dashboards.domains import SCALEUP, in_sites
from dashboards.frames import OWN
from dashboards.look import BAD, GOOD, GREY, RATIO, SECONDS, at_most, word_mappings
from dashboards.objective_panels import bound_steps, target_steps
from dashboards.panels import Column, Head, stat, table
from dashboards.sql import UNTIL_NOW, rolled, sql
from dashboards.trace_panels import latest_jobs
from model.names import (
    EVENT_ALARM,
    METRIC_CALIBRATION_AGE,
    METRIC_JOB_COMPLETIONS,
    METRIC_JOB_FAILURES,
    METRIC_JOB_WAIT_DURATION,
    METRIC_PROCESSOR_DOWNTIME,
    METRIC_PROCESSOR_QUBIT_COUNT,
    SPAN_JOB,
)
from slo import Objective

_TILE = {"width": 4, "height": 4}


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return frames.on_call(
        SCALEUP,
        objectives,
        question="Which processor or queue fails its jobs now, since when, and what changed before?",
        cites=("scaleup.PO1",),
        changes_cite=("scaleup.PO5",),
        now=[_success(objectives), _waiting(objectives)],
        rows=[
            [_failed_jobs(), _reasons()],
            [_failure_rate(), _queue(objectives)],
            [_calibrations(objectives), _health(objectives)],
            [_waits(objectives)],
        ],
    )


def _success(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN,
        title="Job success now",
        about="Share of jobs that ended well, newest step",
        cites=("scaleup.PO1",),
        **_TILE,
    )
    query = share_query(METRIC_JOB_COMPLETIONS, "'jobs'", job_panels.SUCCEEDED, SCALEUP.chosen)
    steps = target_steps(objectives, "scaleup-job-success")
    return stat(head, query, unit=RATIO, decimals=1, steps=steps, sparkline=True, no_value="NO TRAFFIC")


def _waiting(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 1,
        title="Jobs waiting now",
        about="Length of the queue, newest step. Growing: a processor is closed or slow, or too much was submitted",
        cites=("scaleup.PO3",),
        **_TILE,
    )
    return job_panels.queue_now(head, bound_steps(objectives, "scaleup-queue-length"))


def _failed_jobs() -> core.Panel:
    head = Head(
        id=OWN + 2,
        title="Failed jobs, newest first",
        about="Traced jobs that failed or timed out. Click one for its stages on the debug board",
        cites=("scaleup.PO1",),
        width=16,
    )
    return latest_jobs(head, SPAN_JOB, in_sites(), uid=SCALEUP.uid("debug"), failed=True)


def _reasons() -> core.Panel:
    head = Head(
        id=OWN + 3,
        title="Why jobs failed",
        about="Failed jobs of the range by reason. Hardware: the processor; quality: its calibration; sdk: the "
        "users' side",
        cites=("scaleup.PO1",),
        width=8,
    )
    return job_panels.failures(head, METRIC_JOB_FAILURES, "failure_reason", in_sites())


def _failure_rate() -> core.Panel:
    head = Head(
        id=OWN + 4,
        title="Failed jobs by reason",
        about="Failed jobs per second by reason. Whether one reason began or all grew with the load",
        cites=("scaleup.PO1",),
    )
    return rates(head, METRIC_JOB_FAILURES, "failure_reason", in_sites(), unit="suffix: jobs/s")


def _queue(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 5,
        title="Length of the queue",
        about="Jobs that wait, by class. Interactive growing while background falls is a priority inversion",
        cites=("scaleup.PO3", "scaleup.X2"),
    )
    return job_panels.queue(head, bound_steps(objectives, "scaleup-queue-length"))


def _calibrations(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 6,
        title="Age of calibration",
        about="Time since the calibration set in force came into force; red beyond what the objective allows. Red: "
        "recalibrate before sensitive runs",
        cites=("scaleup.PO2", "scaleup.M6"),
        width=8,
        height=6,
    )
    return job_panels.calibration_ages(head, SCALEUP.chosen, bound_steps(objectives, "scaleup-calibration-freshness"))


def _health(objectives: Sequence[Objective]) -> core.Panel:
    query = sql(
        """
        SELECT name AS "Processor",
          CASE WHEN down.share > 0 THEN 'closed at times' WHEN seen.name IS NULL THEN 'unknown'
            ELSE 'open' END AS "Health", down.share AS "Closed", qubits.last AS "Qubits", done.success
              AS "Job success",
          calibration.age AS "Calibrated", coalesce(alarms.number, 0) AS "Alarms"
        FROM (SELECT DISTINCT backend AS name FROM series WHERE metric = '@age' AND @chosen) AS processor
        LEFT JOIN (SELECT backend AS name, max(last) AS age FROM (
            SELECT backend, (array_agg(last ORDER BY time DESC))[1] AS last FROM @ages WHERE @chosen
              GROUP BY 1) AS newest
          GROUP BY 1) AS calibration USING (name)
        LEFT JOIN (SELECT backend AS name, min(min) AS last FROM @qubits WHERE @chosen GROUP BY 1)
          AS qubits USING (name)
        LEFT JOIN (SELECT DISTINCT backend AS name FROM @ages WHERE @chosen) AS seen USING (name)
        LEFT JOIN (SELECT backend AS name, sum(increase)
            / extract(epoch FROM @until - $__timeFrom()::timestamptz)::float8 AS share
          FROM @downtime WHERE @chosen GROUP BY 1) AS down USING (name)
        LEFT JOIN (SELECT backend AS name, sum(increase) FILTER (WHERE @succeeded) / nullif(sum(increase),
          0) AS success
          FROM @jobs WHERE @chosen GROUP BY 1) AS done USING (name)
        LEFT JOIN (SELECT backend AS name, count(*) AS number FROM event
          WHERE $__timeFilter(time) AND name = '@alarm' GROUP BY 1) AS alarms USING (name)
        ORDER BY 3 DESC NULLS LAST, 5, 1
        """,
        until=UNTIL_NOW,
        age=METRIC_CALIBRATION_AGE,
        ages=rolled(METRIC_CALIBRATION_AGE),
        qubits=rolled(METRIC_PROCESSOR_QUBIT_COUNT),
        downtime=rolled(METRIC_PROCESSOR_DOWNTIME),
        jobs=rolled(METRIC_JOB_COMPLETIONS),
        succeeded=job_panels.SUCCEEDED,
        alarm=EVENT_ALARM,
        chosen=SCALEUP.chosen,
    )
    head = Head(
        id=OWN + 7,
        title="Health of processors",
        about="Share of the range in which each was closed, its working qubits, how its jobs ended, the age of its "
        "calibration and its own alarms; the worst first",
        cites=("scaleup.PO4", "scaleup.PO2"),
        width=16,
        height=6,
    )
    columns = {
        "Health": Column(
            mappings=word_mappings(
                {"open": ("open", GOOD), "closed at times": ("CLOSED AT TIMES", BAD), "unknown": ("NO DATA", GREY)}
            )
        ),
        "Closed": Column(unit=RATIO, decimals=1, steps=at_most(0.05, 0.2)),
        "Job success": Column(unit=RATIO, decimals=1, steps=target_steps(objectives, "scaleup-job-success")),
        "Calibrated": Column(unit=SECONDS, decimals=1),
    }
    return table(head, query, columns, no_value="no processor is known yet")


def _waits(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 8,
        title="Wait in the queue",
        about="Median and 95th percentile by class of jobs",
        cites=("scaleup.PO3", "scaleup.M2"),
        width=24,
        height=7,
    )
    steps = bound_steps(objectives, "scaleup-queue-wait")
    return percentiles(head, METRIC_JOB_WAIT_DURATION, "job_priority", in_sites(), 0.5, 0.95, steps=steps)
