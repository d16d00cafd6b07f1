"""The community board for diagnosis: one job through every layer, its environment, its raw results, the wire."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames, variables
from dashboards.board import Board
from dashboards.counter_panels import rate_map
from dashboards.distribution_panels import bucket_histogram, bucket_map
from dashboards.domains import COMMUNITY, in_sites
from dashboards.estimate_panels import estimates
from dashboards.frames import OWN
from dashboards.look import COUNT, RATIO
from dashboards.panels import Column, Head, table
from dashboards.sql import rolled, sql
from dashboards.trace_panels import latest_jobs, stages_of_job
from model.names import (
    METRIC_CI_RUNS,
    METRIC_CI_TESTS,
    METRIC_JOB_CIRCUIT_DEPTH,
    METRIC_JOB_EXECUTION_DURATION,
    METRIC_PROVIDER_RPC_DURATION,
    METRIC_PROVIDER_RPCS,
    METRIC_RESULT_FIDELITY,
    METRIC_RESULT_FIDELITY_SPREAD,
    SPAN_JOB,
)
from slo import Objective

_FAILED = "outcome <> 'success'"


def build(_objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return frames.debug(
        COMMUNITY,
        question="Through which layer did this experiment fail, and can its result be reproduced?",
        cites=("community.PX1",),
        more=[variables.jobs()],
        rows=[
            [_jobs(), _stages()],
            [_versions(), _suites()],
            [_results(), _spread()],
            [_depths(), _durations()],
            [_errors(), _latency()],
        ],
    )


def _jobs() -> core.Panel:
    head = Head(
        id=OWN,
        title="Latest jobs",
        about="Traced jobs, newest first. Click one to see its stages beside it",
        cites=("community.PD1", "community.PX1"),
        width=14,
    )
    return latest_jobs(head, SPAN_JOB, in_sites(), uid=COMMUNITY.uid("debug"))


def _stages() -> core.Panel:
    head = Head(
        id=OWN + 1,
        title="Stages of one job",
        about="The trace of the newest chosen job, orchestration and backend: queue, compile, cold start, execute, "
        "postprocess. The longest bar is where its time went",
        cites=("community.PD1",),
        width=10,
    )
    return stages_of_job(head, SPAN_JOB, in_sites())


def _versions() -> core.Panel:
    head = Head(
        id=OWN + 2,
        title="CI runs by SDK version",
        about="Runs of the range by SDK version of their environment, and how many failed. A version that fails "
        "alone is incompatible: pin it",
        cites=("community.PD2", "community.M11"),
    )
    return _passed(head, METRIC_CI_RUNS, 'sdk AS "SDK"')


def _suites() -> core.Panel:
    head = Head(
        id=OWN + 3,
        title="Tests by suite and backend",
        about="Tests of the range by suite, contract tests by backend too. Reproducibility failing alone is the "
        "environment, contract failing is the backend",
        cites=("community.PD2", "community.M12", "community.M6"),
    )
    return _passed(head, METRIC_CI_TESTS, "concat_ws(' ', suite, nullif(backend, '')) AS \"Suite\"")


def _passed(head: Head, metric: str, column: str) -> core.Panel:
    """Return how many of what a counter counts passed, per value of `column`, the worst first."""
    query = sql(
        """
        SELECT @column, sum(increase)::float8 AS "Runs",
          coalesce(sum(increase) FILTER (WHERE @failed), 0)::float8 AS "Failed",
          sum(increase) FILTER (WHERE outcome = 'success') / nullif(sum(increase), 0) AS "Passed"
        FROM @rolled WHERE @sites GROUP BY 1 HAVING sum(increase) > 0 ORDER BY 4 ASC NULLS FIRST, 1
        """,
        column=column,
        failed=_FAILED,
        rolled=rolled(metric),
        sites=in_sites(),
    )
    columns = {
        "Runs": Column(unit=COUNT),
        "Failed": Column(unit=COUNT),
        "Passed": Column(unit=RATIO, decimals=1, bar=True),
    }
    return table(head, query, columns, no_value="nothing ran in this range")


def _results() -> core.Panel:
    head = Head(
        id=OWN + 4,
        title="Measured result fidelity",
        about="Fidelity of results by mirror circuits, within its 95 % limits from the shots behind it",
        cites=("community.PD3", "community.M5"),
    )
    return estimates(head, METRIC_RESULT_FIDELITY, "backend", in_sites(), decimals=1)


def _spread() -> core.Panel:
    head = Head(
        id=OWN + 5,
        title="Spread of equal runs",
        about="Standard deviation of fidelity between equal runs, within its 95 % limits from their number. Above "
        "what the shots explain: the backend wanders between runs",
        cites=("community.PD3", "community.M5"),
    )
    return estimates(head, METRIC_RESULT_FIDELITY_SPREAD, "backend", in_sites(), decimals=1)


def _depths() -> core.Panel:
    head = Head(
        id=OWN + 6,
        title="Circuit depths",
        about="How many jobs of the range had which depth after compilation. Deeper than usual: results fade by "
        "design",
        cites=("community.PD3",),
    )
    return bucket_histogram(head, METRIC_JOB_CIRCUIT_DEPTH, "jobs", in_sites())


def _durations() -> core.Panel:
    head = Head(
        id=OWN + 7,
        title="Execution times",
        about="How many jobs of the range ran for how long on a backend, longest buckets to the right",
        cites=("community.PD3",),
    )
    return bucket_histogram(head, METRIC_JOB_EXECUTION_DURATION, "jobs", in_sites())


def _errors() -> core.Panel:
    head = Head(
        id=OWN + 8,
        title="Failed calls to providers",
        about="Failed calls per second, one row per backend and error. A row that lights up is one provider; a "
        "column is our side",
        cites=("community.PD4",),
    )
    label = "backend || ' ' || coalesce(error_type, 'other')"
    condition = f"{_FAILED} AND {COMMUNITY.chosen}"
    no_value = "no call failed in this range"
    return rate_map(head, METRIC_PROVIDER_RPCS, label, condition, unit="suffix: calls/s", no_value=no_value)


def _latency() -> core.Panel:
    head = Head(
        id=OWN + 9,
        title="Latency of calls to providers",
        about="How many calls took how long, by upper bound in seconds. Mass that moves up is the network or the "
        "provider; two bands are two paths",
        cites=("community.PD4",),
    )
    return bucket_map(head, METRIC_PROVIDER_RPC_DURATION, COMMUNITY.chosen)
