"""A provider's backend as its clients see it: an API that answers late, wrongly or not at all.

A call fails because the provider is down, because the caller's token is not valid, because it uses what a new version
of the API no longer has, because of a passing error, or because the answer takes longer than the caller waits. What a
call meets is a nature, so that contract tests elsewhere meet the same. Telemetry items community.TEL45,
community.TEL50, scaleup.TEL26, scaleup.TEL29 to scaleup.TEL31, memory.TEL56, network.TEL20, network.TEL22.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.arrivals import draw_arrivals
from hwsim.block import BLOCK_S, Block
from hwsim.conditions import Conditions
from hwsim.devices.auth import Credentials
from hwsim.kind import Kind
from hwsim.maintenance import Maintenance
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.attributes import Attributes, attributes
from model.clock import MINUTE_NS, SECOND_NS
from model.names import (
    ATTR_BACKEND_ID,
    ATTR_ERROR_TYPE,
    ATTR_NETWORK_IO_DIRECTION,
    ATTR_OUTCOME,
    METRIC_PROVIDER_AVAILABLE,
    METRIC_PROVIDER_IO,
    METRIC_PROVIDER_RPC_DURATION,
    METRIC_PROVIDER_RPCS,
)
from model.topology import Relation

RPC_LATENCY: Final = "rpc_latency_s"
RPC_ERRORS: Final = "rpc_error_probability"
API_BREAK: Final = "api_break_share"
API_OUTAGE: Final = "outage"
_ERROR_LIMIT = 0.02  # probability of a passing error that is still nominal

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]


class Answer(IntEnum):
    """How a call ended; the names of the failures in lower case are what `error.type` says."""

    SUCCESS = 0
    UNAVAILABLE = 1
    UNAUTHENTICATED = 2
    INCOMPATIBLE = 3
    INTERNAL = 4
    TIMEOUT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendPreset:
    """An API: its load, the log-normal duration of a call, passing errors, and how long callers wait."""

    calls_hz: float
    rpc_latency_s: float
    rpc_latency_spread: float
    rpc_error_probability: float
    timeout_s: float
    request_bytes: float
    response_bytes: float


class Api:
    """What a call meets at any time."""

    def __init__(self, spec: DeviceSpec, conditions: Conditions, credentials: Credentials | None) -> None:
        self.preset: BackendPreset = spec.preset
        self._id = spec.id
        self._conditions = conditions
        self._credentials = credentials

    def call(
        self, times_ns: Int64s, rng: np.random.Generator, *, authenticated: bool = True
    ) -> tuple[Float64s, Int64s]:
        """Return how long each call takes in seconds and its `Answer`; the times are in order.

        A call without the services' token (`authenticated=False`, contract tests have a key of their own) does not
        fail with that token.
        """
        preset, chance = self.preset, rng.random((2, len(times_ns)))
        median_s = self._value(RPC_LATENCY, preset.rpc_latency_s, times_ns)
        duration_s = median_s * np.exp(rng.normal(0.0, preset.rpc_latency_spread, len(times_ns)))
        answers = np.full(len(times_ns), Answer.SUCCESS)
        answers[duration_s > preset.timeout_s] = Answer.TIMEOUT
        answers[chance[0] < self._value(RPC_ERRORS, preset.rpc_error_probability, times_ns)] = Answer.INTERNAL
        answers[chance[1] < self._value(API_BREAK, 0.0, times_ns)] = Answer.INCOMPATIBLE
        if authenticated and self._credentials is not None and len(times_ns):
            answers[~self._credentials.is_valid(times_ns)] = Answer.UNAUTHENTICATED
        answers[~self.is_up(times_ns)] = Answer.UNAVAILABLE
        return np.minimum(duration_s, preset.timeout_s), answers

    def is_up(self, times_ns: Int64s) -> NDArray[np.bool_]:
        """Return whether the provider is up at each of the times."""
        up: NDArray[np.bool_] = self._value(API_OUTAGE, 0.0, times_ns) < 0.5
        return up

    def _value(self, parameter: str, nominal: float, times_ns: Int64s) -> Float64s:
        return self._conditions.values(self._id, parameter, nominal, times_ns)


class Backend:
    """Reports the calls that clients make to a provider."""

    def __init__(self, spec: DeviceSpec, api: Api, maintenance: Maintenance) -> None:
        self.id = spec.id
        self._preset: BackendPreset = spec.preset
        self._api = api
        self._maintenance = maintenance
        self._identity = attributes({ATTR_BACKEND_ID: spec.id})
        self._answers = {answer: self._about(answer) for answer in Answer}
        self._received, self._sent = (
            attributes({ATTR_BACKEND_ID: spec.id, ATTR_NETWORK_IO_DIRECTION: direction})
            for direction in ("receive", "transmit")
        )

    def _about(self, answer: Answer) -> Attributes:
        if answer is Answer.SUCCESS:
            return attributes({ATTR_BACKEND_ID: self.id, ATTR_OUTCOME: "success"})
        return attributes({ATTR_BACKEND_ID: self.id, ATTR_OUTCOME: "failure", ATTR_ERROR_TYPE: answer.name.lower()})

    def simulate(self, block: Block) -> None:
        """Report the block's calls, the provider's status and what changed."""
        rng = block.rng(self.id, "calls")
        at_s = draw_arrivals(block, rng, self._preset.calls_hz)
        times_ns = block.start_ns + np.ceil(at_s * SECOND_NS).astype(np.int64)
        duration_s, answers = self._api.call(times_ns, rng)
        for answer, identity in self._answers.items():
            block.count_at(METRIC_PROVIDER_RPCS, identity, at_s[answers == answer])
        block.samples(METRIC_PROVIDER_RPC_DURATION, self._identity, duration_s, at_s)
        calls = np.bincount(block.second(at_s), minlength=BLOCK_S)
        answered = np.bincount(block.second(at_s[answers == Answer.SUCCESS]), minlength=BLOCK_S)
        block.count(METRIC_PROVIDER_IO, self._sent, calls * round(self._preset.request_bytes))
        block.count(METRIC_PROVIDER_IO, self._received, answered * round(self._preset.response_bytes))
        minutes_ns = block.moments(MINUTE_NS)
        up = self._api.is_up(minutes_ns).astype(np.float64)
        block.levels(METRIC_PROVIDER_AVAILABLE, self._identity, up, minutes_ns)
        block.when_asked(self._state_truth)
        self._maintenance.report(block)

    def _state_truth(self, block: Block) -> None:
        usual_s = self._preset.rpc_latency_s
        for parameter, nominal, high in (
            (RPC_LATENCY, usual_s, 2 * usual_s),
            (RPC_ERRORS, self._preset.rpc_error_probability, _ERROR_LIMIT),
            (API_BREAK, 0.0, 0.0),
            (API_OUTAGE, 0.0, 0.0),
        ):
            values = block.parameter(self.id, parameter, nominal)
            block.truth(self.id, "backend", parameter, values, low=0.0, high=high)


def _build_nature(world: World, spec: DeviceSpec) -> Api:
    auth = world.source(spec, Relation.CONTROLS, "auth")
    return Api(spec, world.conditions, None if auth is None else world.nature(auth.id))


def _build(world: World, spec: DeviceSpec) -> Backend:
    return Backend(spec, world.nature(spec.id), world.maintenance(spec.id))


KIND = Kind(
    name="backend",
    identity=ATTR_BACKEND_ID,
    preset_type=BackendPreset,
    build=_build,
    parameters=frozenset({RPC_LATENCY, RPC_ERRORS, API_BREAK, API_OUTAGE}),
    nature=_build_nature,
)
