"""What jobs cost, and what compiling them takes: the numbers around an execution."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from hwsim.block import BLOCK_S, Block
from hwsim.devices.job_backends import Backend, course
from hwsim.devices.job_records import QueueLog
from hwsim.devices.orchestrator_preset import COST_FACTOR, OrchestratorPreset
from model.attributes import attributes
from model.clock import SECOND_NS
from model.names import (
    ATTR_COST_COMPONENT,
    ATTR_DEVICE_ID,
    ATTR_IO_DIRECTION,
    ATTR_TENANT_ID,
    ATTR_TRANSPILER_STAGE,
    ATTR_TRANSPILER_SYNTHESIS,
    METRIC_API_IO,
    METRIC_JOB_CIRCUIT_DEPTH,
    METRIC_JOB_COST,
    METRIC_TRANSPILER_GATES,
    METRIC_TRANSPILER_PASSES,
    METRIC_TRANSPILER_SYNTHESES,
)

_PASSES = 30  # of a usual transpiler run; routing is repeated for deep circuits
_GATES_SAVED = 0.35  # share of two-qubit gates that optimisation removes, on average
_APPROXIMATE_SHARE = 0.08  # of syntheses
_BYTES_PER_GATE, _BYTES_PER_RESULT = 24, 64_000


class CostMeter:
    """Prices each job that leaves the service: device time, its share of the cooling, classical preprocessing."""

    def __init__(self, orchestrator_id: str, preset: OrchestratorPreset, backends: Sequence[Backend]) -> None:
        self._id = orchestrator_id
        self._preset = preset
        self._backends = backends

    def report(self, block: Block, log: QueueLog) -> None:
        """Report the cost of the jobs that ended on a backend in the block."""
        p, factor = self._preset, course(block, self._id, COST_FACTOR, 1.0)
        found: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        for now_s, job, run, _ in log.ended:
            if run is None:
                continue
            held_s = run.end_s - run.start_s
            parts = {
                "device": (run.end_s - run.warm_s) * p.device_dollars_per_s * factor(now_s),
                "cryogenics": held_s * self._backends[run.backend].preset.power_w * p.power_dollars_per_j,
                "preprocessing": job.compile_s * p.host_dollars_per_s,
            }
            for component, dollars in parts.items():
                found[job.tenant.id, component].append((now_s, dollars))
        for (tenant_id, component), points in found.items():
            moments, dollars_each = np.array(points).T
            identity = attributes(
                {ATTR_DEVICE_ID: self._id, ATTR_TENANT_ID: tenant_id, ATTR_COST_COMPONENT: component}
            )
            block.samples(METRIC_JOB_COST, identity, dollars_each, moments - block.start_ns / SECOND_NS)


class Transpiler:
    """Reports what compiling the block's jobs took, and what went in and out."""

    def __init__(self, orchestrator_id: str) -> None:
        self._id = orchestrator_id
        device = {ATTR_DEVICE_ID: orchestrator_id}
        self._identity = attributes(device)
        self._before, self._after = (attributes({**device, ATTR_TRANSPILER_STAGE: s}) for s in ("before", "after"))
        self._exact, self._approximate = (
            attributes({**device, ATTR_TRANSPILER_SYNTHESIS: how}) for how in ("exact", "approximate")
        )
        self._ingress, self._egress = (attributes({**device, ATTR_IO_DIRECTION: d}) for d in ("ingress", "egress"))

    def report(self, block: Block, log: QueueLog) -> None:
        """Report the circuits whose jobs started in the block."""
        start_s = block.start_ns / SECOND_NS
        at_s = np.array([now_s for now_s, _ in log.started]) - start_s
        depth = np.array([run.ticket.job.depth for _, run in log.started])
        gates = depth * np.array([run.ticket.job.width for _, run in log.started]) / 4
        rng = block.rng(self._id, "transpiler")
        before = np.round(gates / (1 - np.minimum(np.abs(rng.normal(_GATES_SAVED, 0.1, len(depth))), 0.8)))
        syntheses = rng.poisson(gates / 8)
        approximate = rng.binomial(syntheses, _APPROXIMATE_SHARE)
        block.samples(METRIC_JOB_CIRCUIT_DEPTH, self._identity, np.round(depth), at_s)
        seconds = block.second(at_s)
        for metric, identity, amounts in (
            (METRIC_TRANSPILER_PASSES, self._identity, _PASSES + np.floor(depth / 20)),
            (METRIC_TRANSPILER_GATES, self._before, before),
            (METRIC_TRANSPILER_GATES, self._after, np.round(gates)),
            (METRIC_TRANSPILER_SYNTHESES, self._exact, syntheses - approximate),
            (METRIC_TRANSPILER_SYNTHESES, self._approximate, approximate),
            (METRIC_API_IO, self._ingress, before * _BYTES_PER_GATE),
        ):
            block.count(metric, identity, np.bincount(seconds, amounts, minlength=BLOCK_S).astype(np.int64))
        out_s = np.array([now_s for now_s, _, run, _ in log.ended if run is not None]) - start_s
        results = np.bincount(block.second(out_s), minlength=BLOCK_S)
        block.count(METRIC_API_IO, self._egress, _BYTES_PER_RESULT * results)
