"""The community board for those who answer for users: jobs, money, whose experiments fail, promises kept."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames, job_panels
from dashboards.board import Board
from dashboards.cost_panels import forecast, spent, spent_so_far
from dashboards.counter_panels import share
from dashboards.domains import COMMUNITY, in_sites
from dashboards.frames import OWN
from dashboards.objective_panels import target_steps
from dashboards.panels import Head
from model.names import METRIC_CI_RUNS
from slo import Objective


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return frames.executive(
        COMMUNITY,
        objectives,
        question="Do users' experiments succeed within budget, and whose do not?",
        cites=("community.PE4",),
        rows=[
            [_success(objectives), _trend(objectives)],
            [*_money(), _spent_so_far()],
            [_cost(), _failing()],
            [_sdk(objectives)],
        ],
    )


def _success(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN,
        title="Jobs that succeeded, whole range",
        about="Share of all users' jobs of the range that ended well; red below the target of the objective",
        cites=("community.PE1", "community.M1"),
        width=6,
    )
    return job_panels.success_in_range(head, in_sites(), target_steps(objectives, "community-job-success"))


def _trend(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 1,
        title="Job success of each tenant",
        about="Share of each tenant's jobs that ended well. One tenant alone: its own code or SDK; all: the service",
        cites=("community.PE1", "community.M1"),
        width=18,
    )
    return job_panels.success(head, "tenant", in_sites(), target_steps(objectives, "community-job-success"))


def _money() -> list[core.Panel]:
    now = Head(
        id=OWN + 2,
        title="Spent in the range",
        about="What all jobs of the range cost, all tenants together",
        cites=("community.PE2", "community.PX2"),
        width=4,
    )
    later = Head(
        id=OWN + 3,
        title="Forecast for 30 days",
        about="What 30 days cost at the mean rate of the past week before the range ends",
        cites=("community.PE2", "community.PX2"),
        width=4,
    )
    return [spent(now), forecast(later)]


def _spent_so_far() -> core.Panel:
    head = Head(
        id=OWN + 4,
        title="Cost so far, with forecast",
        about="Cost summed up over the range, per tenant, and a straight line at the mean rate of the first half. "
        "Above the line: spending speeds up",
        cites=("community.PE2", "community.PX2", "community.M7"),
        width=16,
    )
    return spent_so_far(head)


def _cost() -> core.Panel:
    head = Head(
        id=OWN + 5,
        title="Cost per hour of each tenant",
        about="Dollars per hour, by tenant. A step without more jobs is a dearer backend or more shots",
        cites=("community.PX2", "community.PE2"),
    )
    return job_panels.cost_per_hour(head, "tenant")


def _failing() -> core.Panel:
    head = Head(
        id=OWN + 6,
        title="Experiments that fail most",
        about="Jobs of the range by tenant and class, the highest share of failures first, with whose they are. "
        "Talk to the first row",
        cites=("community.PE3",),
    )
    columns = 'tenant AS "Tenant", job_priority AS "Class"'
    return job_panels.worst_jobs(head, columns, in_sites())


def _sdk(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 7,
        title="CI runs that pass, by SDK version",
        about="Share of CI runs that passed with each SDK version. The pinned one falling is us, the newest one "
        "theirs",
        cites=("community.PE3", "community.M11"),
        width=24,
        height=7,
    )
    steps = target_steps(objectives, "community-sdk-compatibility")
    return share(head, METRIC_CI_RUNS, "sdk", "outcome = 'success'", in_sites(), steps=steps)
