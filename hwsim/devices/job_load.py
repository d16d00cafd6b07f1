"""Who submits which jobs: tenants with a class each, a daily course, and everything about a job that chance decides.

A job carries its own luck, drawn when it is submitted, so that what becomes of it later needs no further randomness
and does not depend on the order in which things happen.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, Block
from hwsim.devices.orchestrator_preset import (
    ARRIVAL_FACTOR,
    BATCHED,
    JOB_LENGTH_FACTOR,
    PRIORITIES,
    SDK_MISMATCH_SHARE,
    SUBMISSION_FAILURE,
    OrchestratorPreset,
)
from model.clock import DAY_NS, HOUR_NS, SECOND_NS

Float64s = NDArray[np.float64]
ATTEMPTS: Final = 3
_SUBMISSION_TRIES = 3  # after which a client gives up
_PEAK_NS = 14 * HOUR_NS  # the hour of the day (UTC) with the highest load


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A customer: the class of its jobs, its share of them, and how many it may have in the system at once."""

    id: str
    priority: str
    share: float
    quota: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job; times in seconds since the epoch.

    `luck` decides whether executions are aborted, one number per attempt. `tolerance` is how much less than the
    usual result fidelity the tenant's validation accepts, as a share of it.
    """

    number: int
    tenant: Tenant
    submitted_s: float
    prefers: int
    width: float
    depth: float
    compile_s: float
    cold_start_s: float
    execute_s: float
    postprocess_s: float
    tolerance: float
    sdk_mismatch: bool
    luck: tuple[float, ...]

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Return itself: it never changes."""
        return self


class JobLoad:
    """The arrivals at one orchestrator."""

    def __init__(
        self, orchestrator_id: str, preset: OrchestratorPreset, tenants: tuple[Tenant, ...], backends: int
    ) -> None:
        self._id = orchestrator_id
        self._preset = preset
        self._tenants = tenants
        self._backends = backends
        self._whole = sum(tenant.share for tenant in tenants)

    def arrivals(self, block: Block) -> list[Job]:
        """Return the block's jobs in order of submission."""
        everyone = block.parameter(self._id, ARRIVAL_FACTOR, 1.0)
        rng = block.rng(self._id, "arrivals")
        moments = [self._moments(block, tenant, everyone, rng) for tenant in self._tenants]
        at_s = np.concatenate(moments)
        order = np.argsort(at_s, kind="stable")
        owners = np.repeat(np.arange(len(moments)), [len(each) for each in moments])[order]
        return list(self._draw(block, owners, at_s[order])) if len(at_s) else []

    def _moments(
        self, block: Block, tenant: Tenant, everyone: float | Float64s, rng: np.random.Generator
    ) -> Float64s:
        """Return when a tenant's jobs arrive: a Poisson process, of whole batches for background tenants."""
        p = self._preset
        factor = everyone * block.parameter(self._id, f"{ARRIVAL_FACTOR}_{tenant.priority}", 1.0)
        daily = 1 + p.daily_load_share * np.cos(2 * math.pi * ((block.ends_ns - _PEAK_NS) / DAY_NS))
        rate_hz = p.jobs_per_hour / 3600 * tenant.share / self._whole * daily * factor
        batch = p.batch_jobs if tenant.priority in BATCHED else 1.0
        expected = np.concatenate([[0.0], np.cumsum(rate_hz / batch)])
        moments = np.sort(rng.uniform(0.0, expected[-1], rng.poisson(expected[-1])))
        starts_s = np.interp(moments, expected, np.arange(BLOCK_S + 1))
        return starts_s if batch <= 1 else np.repeat(starts_s, rng.geometric(1 / batch, len(starts_s)))

    def _draw(self, block: Block, owners: NDArray[np.intp], at_s: Float64s) -> Iterator[Job]:
        p, size, rng = self._preset, len(at_s), block.rng(self._id, "jobs")
        length = block.parameter_at(self._id, JOB_LENGTH_FACTOR, 1.0, at_s)
        mismatch = block.parameter_at(self._id, SDK_MISMATCH_SHARE, p.sdk_mismatch_share, at_s)
        lost = rng.random(size) < block.parameter_at(self._id, SUBMISSION_FAILURE, 0.0, at_s) ** _SUBMISSION_TRIES
        columns = (
            owners.tolist(),
            lost.tolist(),
            (block.start_ns / SECOND_NS + at_s).tolist(),
            rng.integers(0, self._backends, size).tolist(),
            np.clip(rng.poisson(p.width_mean - 2, size) + 2.0, 2, p.width_highest).tolist(),
            lognormal(p.depth_mean, p.depth_spread, size, rng).tolist(),
            lognormal(p.compile_s, p.duration_spread, size, rng).tolist(),
            lognormal(p.cold_start_s, p.duration_spread, size, rng).tolist(),
            (length * lognormal(p.execute_s, p.execute_spread, size, rng)).tolist(),
            lognormal(p.postprocess_s, p.duration_spread, size, rng).tolist(),
            rng.uniform(p.tolerance_lowest, p.tolerance_highest, size).tolist(),
            (rng.random(size) < mismatch).tolist(),
            rng.random((size, ATTEMPTS)).tolist(),
        )
        for number, row in enumerate(zip(*columns, strict=True)):
            (
                owner,
                is_lost,
                submitted_s,
                prefers,
                width,
                depth,
                compile_s,
                cold_s,
                execute_s,
                post_s,
                tolerance,
                wrong,
                luck,
            ) = row
            if is_lost:
                continue
            yield Job(
                number=(block.index << 20) + number,
                tenant=self._tenants[owner],
                submitted_s=submitted_s,
                prefers=prefers,
                width=width,
                depth=depth,
                compile_s=compile_s,
                cold_start_s=cold_s,
                execute_s=execute_s,
                postprocess_s=post_s,
                tolerance=tolerance,
                sdk_mismatch=wrong,
                luck=tuple(luck),
            )


def lognormal(mean: float, variation: float, size: int, rng: np.random.Generator) -> Float64s:
    """Return log-normal numbers of this mean and coefficient of variation; exactly the mean where that is 0."""
    sigma = math.sqrt(math.log1p(variation**2))
    return mean * np.exp(rng.normal(-(sigma**2) / 2, sigma, size))


def classes(tenants: tuple[Tenant, ...]) -> list[str]:
    """Return the classes that the tenants use, the most urgent first."""
    used = {tenant.priority for tenant in tenants}
    return [priority for priority in PRIORITIES if priority in used]
