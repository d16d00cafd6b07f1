"""Continuous integration: runs on several SDK versions, contract tests against each backend, reproducibility tests.

A run builds in an environment. One that is not pinned has another SDK version than production (`mismatch_share`):
its integration tests pass now and fail then, and a repetition gives another result. A version that does not fit at
all (`incompatible_share`) fails at once. Contract tests call the providers' APIs that feed the CI. Telemetry items
community.TEL13, community.TEL20, community.TEL21, community.TEL32, community.TEL35, community.TEL36,
community.TEL46, link.TEL16, link.TEL17, network.TEL24, network.TEL26.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.arrivals import draw_arrivals, per_hour
from hwsim.block import Block
from hwsim.devices.backend import Answer, Api
from hwsim.kind import Kind
from hwsim.maintenance import Maintenance
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.attributes import attributes
from model.clock import SECOND_NS
from model.names import (
    ATTR_BACKEND_ID,
    ATTR_CI_SUITE,
    ATTR_DEVICE_ID,
    ATTR_OUTCOME,
    ATTR_SDK_VERSION,
    METRIC_CI_DEPLOYMENT_DURATION,
    METRIC_CI_DEPLOYMENTS,
    METRIC_CI_RUN_DURATION,
    METRIC_CI_RUNS,
    METRIC_CI_TESTS,
)
from model.topology import Relation

INCOMPATIBLE: Final = "incompatible_share"
MISMATCH: Final = "mismatch_share"
PINNED: Final = "pinned"
OTHER: Final = "other"
_SHARE_LIMIT = 0.05  # of runs, beyond what nominal life has
_OUTCOMES = ("success", "failure")

Float64s = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class CiPreset:
    """How often CI runs, how many tests a run has, and how often they fail for no reason."""

    runs_per_h: float
    integration_tests: float
    reproducibility_tests: float
    contract_tests: float
    flaky_probability: float
    incompatible_share: float
    mismatch_share: float
    mismatch_error: float
    run_s: float
    run_spread: float
    deployments_per_h: float
    deployment_s: float


class Ci:
    """Reports the runs of one CI installation; the APIs of the backends that feed it are what it tests against."""

    def __init__(self, spec: DeviceSpec, apis: dict[str, Api], maintenance: Maintenance) -> None:
        self.id = spec.id
        self._preset: CiPreset = spec.preset
        self._apis = apis
        self._maintenance = maintenance
        self._identity = attributes({ATTR_DEVICE_ID: spec.id})

    def simulate(self, block: Block) -> None:
        """Report a block of runs with their tests, and deployments."""
        rng = block.rng(self.id, "runs")
        preset = self._preset
        at_s = draw_arrivals(block, rng, per_hour(preset.runs_per_h))
        draws = rng.random((2, len(at_s)))
        incompatible = draws[0] < block.parameter_at(self.id, INCOMPATIBLE, preset.incompatible_share, at_s)
        mismatch = (draws[1] < block.parameter_at(self.id, MISMATCH, preset.mismatch_share, at_s)) & ~incompatible
        wrong = np.where(mismatch, preset.mismatch_error, preset.flaky_probability)
        failed = incompatible | (self._test(block, "integration", at_s, wrong, rng) > 0)
        self._test(block, "reproducibility", at_s, wrong, rng)
        failed |= self._check_contracts(block, at_s, rng) > 0
        self._report_runs(block, at_s, failed, incompatible | mismatch, rng)
        self._report_deployments(block, rng)
        block.when_asked(self._state_truths)
        self._maintenance.report(block)

    def _state_truths(self, block: Block) -> None:
        preset = self._preset
        for parameter, nominal in ((INCOMPATIBLE, preset.incompatible_share), (MISMATCH, preset.mismatch_share)):
            values = block.parameter(self.id, parameter, nominal)
            block.truth(self.id, "ci", parameter, values, low=0.0, high=_SHARE_LIMIT)

    def _test(
        self, block: Block, suite: str, at_s: Float64s, wrong: Float64s, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Report the tests of a suite; return how many failed in each run."""
        number = round(getattr(self._preset, f"{suite}_tests"))
        failures = rng.binomial(number, wrong)
        self._count(block, {ATTR_CI_SUITE: suite}, at_s, number - failures, failures)
        return failures

    def _check_contracts(self, block: Block, at_s: Float64s, rng: np.random.Generator) -> NDArray[np.int64]:
        """Call every backend's API; return how many calls failed in each run."""
        number = round(self._preset.contract_tests)
        all_failures = np.zeros(len(at_s), dtype=np.int64)
        times_ns = np.repeat(block.start_ns + np.ceil(at_s * SECOND_NS).astype(np.int64), number)
        for backend, api in self._apis.items():
            _, answers = api.call(times_ns, rng, authenticated=False)
            failures = np.sum((answers != Answer.SUCCESS).reshape(len(at_s), number), axis=1)
            about = {ATTR_CI_SUITE: "contract", ATTR_BACKEND_ID: backend}
            self._count(block, about, at_s, number - failures, failures)
            all_failures += failures
        return np.where(all_failures > 1, all_failures, 0)  # a single failure is tried again

    def _count(
        self,
        block: Block,
        about: dict[str, str],
        at_s: Float64s,
        passed: NDArray[np.int64],
        failed: NDArray[np.int64],
    ) -> None:
        for outcome, numbers in zip(_OUTCOMES, (passed, failed), strict=True):
            identity = attributes({ATTR_DEVICE_ID: self.id, ATTR_OUTCOME: outcome, **about})
            block.count_at(METRIC_CI_TESTS, identity, np.repeat(at_s, numbers))

    def _report_runs(
        self, block: Block, at_s: Float64s, failed: Bools, foreign: Bools, rng: np.random.Generator
    ) -> None:
        for version, of_version in ((PINNED, ~foreign), (OTHER, foreign)):
            for outcome, ended_so in zip(_OUTCOMES, (~failed, failed), strict=True):
                about = {ATTR_DEVICE_ID: self.id, ATTR_OUTCOME: outcome, ATTR_SDK_VERSION: version}
                block.count_at(METRIC_CI_RUNS, attributes(about), at_s[of_version & ended_so])
        durations_s = self._preset.run_s * np.exp(rng.normal(0.0, self._preset.run_spread, len(at_s)))
        block.samples(METRIC_CI_RUN_DURATION, self._identity, durations_s, at_s)

    def _report_deployments(self, block: Block, rng: np.random.Generator) -> None:
        at_s = draw_arrivals(block, rng, per_hour(self._preset.deployments_per_h))
        fails = rng.random(len(at_s)) < self._preset.flaky_probability
        for outcome, ended_so in zip(_OUTCOMES, (~fails, fails), strict=True):
            identity = attributes({ATTR_DEVICE_ID: self.id, ATTR_OUTCOME: outcome})
            block.count_at(METRIC_CI_DEPLOYMENTS, identity, at_s[ended_so])
        durations_s = self._preset.deployment_s * np.exp(rng.normal(0.0, self._preset.run_spread, len(at_s)))
        block.samples(METRIC_CI_DEPLOYMENT_DURATION, self._identity, durations_s, at_s)


def _build(world: World, spec: DeviceSpec) -> Ci:
    fed_by = [name for relation, name in spec.sources if relation is Relation.FEEDS]
    backends = [name for name in fed_by if world.fleet.entities[name] == "backend"]
    return Ci(spec, {name: world.nature(name) for name in backends}, world.maintenance(spec.id))


KIND = Kind(
    name="ci",
    identity=ATTR_DEVICE_ID,
    preset_type=CiPreset,
    build=_build,
    parameters=frozenset({INCOMPATIBLE, MISMATCH}),
)
