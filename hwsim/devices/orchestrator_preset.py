"""The numbers of an orchestrator, and the names of what faults may change about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

PRIORITIES: Final = ("interactive", "production", "background")
"""From the most to the least urgent; interactive jobs may displace background jobs that run."""
BATCHED: Final = frozenset({"background"})
"""Classes whose jobs are submitted in sessions of many."""

ARRIVAL_FACTOR: Final = "arrival_factor"
"""On all arrivals; `arrival_factor_<priority>` on those of a class; nominally 1."""
JOB_LENGTH_FACTOR: Final = "job_length_factor"
"""On the time that executions take, as of experiments that nobody bounds; nominally 1."""
PRIORITY_INVERSION: Final = "priority_inversion"
"""1 while the least urgent class is served first and nothing is displaced; nominally 0."""
QUOTA_FACTOR: Final = "quota_factor"
"""On how many jobs a tenant may have in the system; nominally 1."""
COST_FACTOR: Final = "cost_factor"
"""On the price of device time; nominally 1."""
SUBMISSION_FAILURE: Final = "submission_failure_probability"
"""Chance that a call of the API fails; nominally the preset's."""
API_LATENCY_FACTOR: Final = "api_latency_factor"
"""On the time that the API takes to answer; nominally 1."""
SDK_MISMATCH_SHARE: Final = "sdk_mismatch_share"
"""Share of jobs whose client speaks another version than the backend and fail; nominally the preset's."""
PARAMETERS: Final = frozenset(
    {
        ARRIVAL_FACTOR,
        *(f"{ARRIVAL_FACTOR}_{priority}" for priority in PRIORITIES),
        JOB_LENGTH_FACTOR,
        PRIORITY_INVERSION,
        QUOTA_FACTOR,
        COST_FACTOR,
        SUBMISSION_FAILURE,
        API_LATENCY_FACTOR,
        SDK_MISMATCH_SHARE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrchestratorPreset:
    """Load, durations and prices. Spreads are coefficients of variation of log-normal durations.

    `daily_load_share` is how far the arrival rate swings about its mean in a day.
    """

    jobs_per_hour: float
    daily_load_share: float
    batch_jobs: float
    width_mean: float
    width_highest: float
    depth_mean: float
    depth_spread: float
    compile_s: float
    cold_start_s: float
    keep_warm_s: float
    execute_s: float
    execute_spread: float
    postprocess_s: float
    duration_spread: float
    tolerance_lowest: float
    tolerance_highest: float
    sdk_mismatch_share: float
    retry_wait_s: float
    interactive_timeout_s: float
    production_timeout_s: float
    background_timeout_s: float
    device_dollars_per_s: float
    power_dollars_per_j: float
    host_dollars_per_s: float
    api_calls_per_s: float
    api_s: float
    api_spread: float
    api_failure_probability: float

    def timeout_s(self, priority: str) -> float:
        """Return how long a job of the class waits at most."""
        return float(getattr(self, f"{priority}_timeout_s"))

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield what no orchestrator can be: key and rule."""
        if self.batch_jobs < 1:
            yield "batch_jobs", "must be at least 1"
        if self.width_mean < 2:
            yield "width_mean", "must be at least 2"
        if not self.tolerance_lowest <= self.tolerance_highest <= 1:
            yield "tolerance_highest", "must lie between tolerance_lowest and 1"
        if self.daily_load_share > 1:
            yield "daily_load_share", "must be at most 1"
