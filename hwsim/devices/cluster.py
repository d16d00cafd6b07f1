"""A cluster of containers that runs the classical side: device plugin, pods, functions, notebooks.

The device plugin attaches devices to pods; after a restart of the node agent it forgets the mapping and attachments
fail (memory.S1). Functions start cold when none is warm. Telemetry items memory.TEL16, memory.TEL17, link.TEL14,
link.TEL15, link.TEL54, community.TEL12, community.TEL16, community.TEL18, community.TEL19.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.arrivals import count_arrivals, draw_arrivals, per_hour
from hwsim.block import INTERVALS, Block
from hwsim.kind import Kind
from hwsim.maintenance import Maintenance
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.attributes import attributes
from model.clock import MINUTE_NS, SECOND_NS
from model.names import (
    ATTR_DEVICE_ID,
    ATTR_OUTCOME,
    ATTR_START_KIND,
    METRIC_CLUSTER_ATTACH_DURATION,
    METRIC_CLUSTER_ATTACHMENTS,
    METRIC_CLUSTER_INVOCATION_DURATION,
    METRIC_CLUSTER_INVOCATIONS,
    METRIC_CLUSTER_KERNEL_RESTARTS,
    METRIC_CLUSTER_POD_HEALTHY,
    METRIC_CLUSTER_POD_LIMIT,
)

ATTACH_ERRORS: Final = "attach_error_probability"
COLD_STARTS: Final = "cold_start_probability"
POD_FAILURES: Final = "pod_failure_share"
_LIMIT = 0.1  # of each, beyond what nominal life has
_OUTCOMES = ("success", "failure")

Float64s = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPreset:
    """Pods, attachments of devices to them, functions and notebooks."""

    pods: float
    pod_failure_share: float
    attachments_per_h: float
    attach_s: float
    attach_error_probability: float
    invocations_hz: float
    invocation_s: float
    invocation_error_probability: float
    cold_start_probability: float
    cold_start_s: float
    spread: float
    kernel_restarts_per_h: float


class Cluster:
    """Reports one cluster."""

    def __init__(self, spec: DeviceSpec, maintenance: Maintenance) -> None:
        self.id = spec.id
        self._preset: ClusterPreset = spec.preset
        self._maintenance = maintenance
        self._identity = attributes({ATTR_DEVICE_ID: spec.id})

    def simulate(self, block: Block) -> None:
        """Report a block of attachments, invocations, pods and notebooks."""
        rng = block.rng(self.id, "workloads")
        self._attach(block, rng)
        self._invoke(block, rng)
        self._report_pods(block, rng)
        restarts = count_arrivals(block, rng, per_hour(self._preset.kernel_restarts_per_h))
        block.count(METRIC_CLUSTER_KERNEL_RESTARTS, self._identity, restarts)
        block.when_asked(self._state_truths)
        self._maintenance.report(block)

    def _state_truths(self, block: Block) -> None:
        for parameter in (ATTACH_ERRORS, COLD_STARTS, POD_FAILURES):
            nominal = getattr(self._preset, parameter)
            values = block.parameter(self.id, parameter, nominal)
            block.truth(self.id, "cluster", parameter, values, low=0.0, high=_LIMIT)

    def _attach(self, block: Block, rng: np.random.Generator) -> None:
        preset = self._preset
        at_s = draw_arrivals(block, rng, per_hour(preset.attachments_per_h))
        error = block.parameter_at(self.id, ATTACH_ERRORS, preset.attach_error_probability, at_s)
        failed = rng.random(len(at_s)) < error
        for outcome, ended_so in zip(_OUTCOMES, (~failed, failed), strict=True):
            identity = attributes({ATTR_DEVICE_ID: self.id, ATTR_OUTCOME: outcome})
            block.count_at(METRIC_CLUSTER_ATTACHMENTS, identity, at_s[ended_so])
        duration_s = self._durations_s(preset.attach_s, len(at_s), rng)
        block.samples(METRIC_CLUSTER_ATTACH_DURATION, self._identity, duration_s, at_s)

    def _invoke(self, block: Block, rng: np.random.Generator) -> None:
        preset = self._preset
        at_s = draw_arrivals(block, rng, preset.invocations_hz)
        cold = rng.random(len(at_s)) < block.parameter_at(self.id, COLD_STARTS, preset.cold_start_probability, at_s)
        failed = rng.random(len(at_s)) < preset.invocation_error_probability
        for start, started_so in (("warm", ~cold), ("cold", cold)):
            for outcome, ended_so in zip(_OUTCOMES, (~failed, failed), strict=True):
                about = {ATTR_DEVICE_ID: self.id, ATTR_OUTCOME: outcome, ATTR_START_KIND: start}
                block.count_at(METRIC_CLUSTER_INVOCATIONS, attributes(about), at_s[started_so & ended_so])
        duration_s = self._durations_s(preset.invocation_s, len(at_s), rng)
        duration_s += np.where(cold, self._durations_s(preset.cold_start_s, len(at_s), rng), 0.0)
        block.samples(METRIC_CLUSTER_INVOCATION_DURATION, self._identity, duration_s, at_s)

    def _report_pods(self, block: Block, rng: np.random.Generator) -> None:
        times_ns = block.moments(MINUTE_NS)
        share = block.each_second(self.id, POD_FAILURES, self._preset.pod_failure_share)
        pods = round(self._preset.pods)
        failed = rng.binomial(pods, share[(times_ns - block.start_ns) // SECOND_NS - 1])
        block.levels(METRIC_CLUSTER_POD_HEALTHY, self._identity, (pods - failed).astype(np.float64), times_ns)
        limits = np.full(INTERVALS, float(pods))
        block.levels(METRIC_CLUSTER_POD_LIMIT, self._identity, limits, block.interval_ends_ns)

    def _durations_s(self, median_s: float, number: int, rng: np.random.Generator) -> Float64s:
        return median_s * np.exp(rng.normal(0.0, self._preset.spread, number))


def _build(world: World, spec: DeviceSpec) -> Cluster:
    return Cluster(spec, world.maintenance(spec.id))


KIND = Kind(
    name="cluster",
    identity=ATTR_DEVICE_ID,
    preset_type=ClusterPreset,
    build=_build,
    parameters=frozenset({ATTACH_ERRORS, COLD_STARTS, POD_FAILURES}),
)
