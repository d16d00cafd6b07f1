"""The community board for whoever is on call: whose jobs wait, fail or are refused, and which backend is unfit."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames, job_panels
from dashboards.board import Board
from dashboards.counter_panels import rates, share_query
from dashboards.domains import COMMUNITY, in_sites
from dashboards.frames import OWN
from dashboards.look import COUNT, RATIO, at_most, none_expected
from dashboards.objective_panels import bound_steps, target_steps
from dashboards.panels import Column, Head, stat, table
from dashboards.sql import rolled, sql
from dashboards.telemetry_panels import settled
from dashboards.trace_panels import latest_jobs
from model.names import (
    METRIC_AUTH_REQUESTS,
    METRIC_JOB_COMPLETIONS,
    METRIC_JOB_FAILURES,
    METRIC_JOB_REJECTIONS,
    METRIC_PROVIDER_RPCS,
    METRIC_TENANT_QUOTA,
    METRIC_TENANT_USAGE,
    SPAN_JOB,
)
from slo import Objective

_TILE = {"width": 4, "height": 4}


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return frames.on_call(
        COMMUNITY,
        objectives,
        question="Whose jobs wait, fail or are refused now, and is it us, a backend or a credential?",
        cites=("community.PO2",),
        changes_cite=("community.PO4",),
        now=[_success(objectives), _waiting(objectives)],
        rows=[
            [_queue(objectives), _blocked()],
            [_failed_jobs(), _reasons()],
            [_calibrations(objectives), _auth(), _providers()],
        ],
    )


def _success(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN,
        title="Job success now",
        about="Share of jobs that ended well, newest step",
        cites=("community.PO2",),
        **_TILE,
    )
    query = share_query(METRIC_JOB_COMPLETIONS, "'jobs'", job_panels.SUCCEEDED, in_sites())
    steps = target_steps(objectives, "community-job-success")
    return stat(head, query, unit=RATIO, decimals=1, steps=steps, sparkline=True, no_value="NO TRAFFIC")


def _waiting(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 1,
        title="Jobs waiting now",
        about="Length of all queues, newest step. Growing: look for blocked tenants below",
        cites=("community.PO1",),
        **_TILE,
    )
    return job_panels.queue_now(head, bound_steps(objectives, "scaleup-queue-length"))


def _queue(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 2,
        title="Queue depth by class",
        about="Jobs that wait, by class, the most of each step",
        cites=("community.PO1", "community.X24"),
    )
    return job_panels.queue(head, bound_steps(objectives, "scaleup-queue-length"))


def _blocked() -> core.Panel:
    query = sql(
        """
        SELECT tenant AS "Tenant", usage.last AS "Jobs in system", quota.last AS "Quota",
          usage.last / nullif(quota.last, 0) AS "Used", @refused AS "Refused in range"
        FROM (SELECT tenant, (array_agg(last ORDER BY time DESC))[1] AS last FROM @usage WHERE @sites
          GROUP BY 1) AS usage
        LEFT JOIN (SELECT tenant, (array_agg(last ORDER BY time DESC))[1] AS last FROM @quota WHERE @sites GROUP BY 1)
          AS quota USING (tenant)
        LEFT JOIN (SELECT tenant, sum(increase) AS number FROM @rejections WHERE @sites GROUP BY 1)
          AS refused USING (tenant)
        ORDER BY 5 DESC NULLS LAST, 4 DESC NULLS LAST, 1
        """,
        refused=settled("coalesce(refused.number, 0)"),
        usage=rolled(METRIC_TENANT_USAGE),
        quota=rolled(METRIC_TENANT_QUOTA),
        rejections=rolled(METRIC_JOB_REJECTIONS),
        sites=in_sites(),
    )
    head = Head(
        id=OWN + 3,
        title="Blocked tenants",
        about="Jobs of each tenant in the system against its quota, and how many were refused in the range. At the "
        "quota new jobs are refused: raise it or find what holds the old ones. While minutes of the range wait to be "
        "counted, a zero is not shown",
        cites=("community.PO1",),
    )
    columns = {
        "Jobs in system": Column(unit=COUNT),
        "Quota": Column(unit=COUNT),
        "Used": Column(unit=RATIO, decimals=0, steps=at_most(0.8, 1.0)),
        "Refused in range": Column(unit=COUNT, steps=none_expected()),
    }
    return table(head, query, columns, no_value="no tenant has sent a job yet")


def _failed_jobs() -> core.Panel:
    head = Head(
        id=OWN + 4,
        title="Failed jobs, newest first",
        about="Traced jobs that failed or timed out, with the reason. Click one for its stages on the debug board",
        cites=("community.PO2",),
        width=16,
    )
    return latest_jobs(head, SPAN_JOB, in_sites(), uid=COMMUNITY.uid("debug"), failed=True)


def _reasons() -> core.Panel:
    head = Head(
        id=OWN + 5,
        title="Why jobs failed",
        about="Failed jobs of the range by reason. Sdk and timeout are near the user, hardware and quality are not",
        cites=("community.PO2",),
        width=8,
    )
    return job_panels.failures(head, METRIC_JOB_FAILURES, "failure_reason", in_sites())


def _calibrations(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 6,
        title="Calibration age of each backend",
        about="Time since the calibration set in force came into force; red beyond what the objective allows. Red: "
        "steer sensitive jobs elsewhere",
        cites=("community.PO3", "community.M4"),
        width=8,
    )
    steps = bound_steps(objectives, "community-calibration-freshness")
    return job_panels.calibration_ages(head, COMMUNITY.chosen, steps)


def _auth() -> core.Panel:
    head = Head(
        id=OWN + 7,
        title="Refused logins by reason",
        about="Requests per second that could not be authenticated: expired (rotate), mistyped (users), denied "
        "(attack or a wrong role)",
        cites=("community.PO4", "community.X7"),
        width=8,
    )
    condition = f"outcome <> 'success' AND {in_sites()}"
    return rates(head, METRIC_AUTH_REQUESTS, "coalesce(error_type, 'other')", condition, unit="reqps")


def _providers() -> core.Panel:
    head = Head(
        id=OWN + 8,
        title="Failed calls to providers",
        about="Calls per second to each provider's API that failed, by error. One backend: route around it; all: "
        "our credential or network",
        cites=("community.PO4",),
        width=8,
    )
    condition = f"outcome <> 'success' AND {COMMUNITY.chosen}"
    label = "backend || ' ' || coalesce(error_type, 'other')"
    return rates(head, METRIC_PROVIDER_RPCS, label, condition, unit="suffix: calls/s")
