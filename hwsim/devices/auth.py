"""The authentication service: tokens that expire and are rotated, logins, and what should not happen at all.

Services authenticate with a token that is rotated well before it expires. The rotation that fails, a lifetime that
no longer fits the rotation, and somebody who tries doors show in the same counters. Whether the token is valid is a
nature, so that whoever calls with it (a provider's backend, say) fails at the same moment. Telemetry items
link.TEL21, scaleup.TEL32, scaleup.TEL33, scaleup.TEL36, network.TEL54, community.TEL25, community.TEL26,
community.TEL43, community.TEL49.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.arrivals import count_arrivals
from hwsim.block import BLOCK_S, Block, recurring
from hwsim.conditions import Conditions
from hwsim.kind import Kind
from hwsim.maintenance import Maintenance
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.attributes import Attributes, attributes
from model.clock import DAY_NS, MINUTE_NS, SECOND_NS
from model.names import (
    ATTR_DEVICE_ID,
    ATTR_ERROR_TYPE,
    ATTR_OUTCOME,
    EVENT_AUTH_UNEXPECTED_ATTEMPT,
    METRIC_AUTH_AUDIT_RECORDS,
    METRIC_AUTH_CREDENTIAL_AGE,
    METRIC_AUTH_CREDENTIAL_LIFETIME,
    METRIC_AUTH_REQUESTS,
    METRIC_AUTH_ROTATIONS,
    METRIC_AUTH_SESSION_DURATION,
    METRIC_AUTH_UNEXPECTED,
)
from model.readings import Happening

TOKEN_LIFETIME: Final = "token_lifetime_factor"  # noqa: S105 - the name of a parameter
ROTATION_STALLED: Final = "rotation_stalled"
INTRUSION_RATE: Final = "intrusion_rate_hz"
_HORIZON_NS = 3 * DAY_NS
_INTRUSION_LIMIT_HZ = 2e-3

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthPreset:
    """Calls with the services' token, logins of people, and the token's life."""

    calls_hz: float
    logins_hz: float
    mistyped_probability: float
    intrusion_rate_hz: float
    token_lifetime_s: float
    rotation_s: float
    session_s: float
    audit_loss_probability: float

    def problems(self) -> list[tuple[str, str]]:
        """Return what the numbers break together."""
        if 0 < self.rotation_s < self.token_lifetime_s:
            return []
        return [("rotation_s", f"is {self.rotation_s:g} and must lie between 0 and token_lifetime_s")]


class Credentials:
    """The services' token over time: when it was issued and until when it is valid."""

    def __init__(self, auth_id: str, preset: AuthPreset, conditions: Conditions) -> None:
        self._id = auth_id
        self._preset = preset
        self._conditions = conditions
        self._rotation_ns = round(preset.rotation_s * SECOND_NS)

    def rotations(self, start_ns: int, end_ns: int) -> tuple[Int64s, Int64s]:
        """Return when a rotation in `(start_ns, end_ns]` succeeded and when one failed."""
        due = np.array(recurring(start_ns, end_ns, self._rotation_ns), dtype=np.int64)
        stalled = self._conditions.values(self._id, ROTATION_STALLED, 0.0, due) > 0.5
        return due[~stalled], due[stalled]

    def age_s(self, times_ns: Int64s) -> Float64s:
        """Return the age of the token at each of the times, which are in order."""
        first_ns, last_ns = int(times_ns[0]), int(times_ns[-1])
        issued, _ = self.rotations(first_ns - self._rotation_ns, last_ns)
        if not len(issued) or issued[0] > first_ns:
            issued, _ = self.rotations(first_ns - _HORIZON_NS, last_ns)
            issued = np.concatenate([[first_ns - _HORIZON_NS], issued])
        age: Float64s = (times_ns - issued[np.searchsorted(issued, times_ns, side="right") - 1]) / SECOND_NS
        return age

    def lifetime_s(self, times_ns: Int64s) -> Float64s:
        """Return for how long a token lives."""
        factor = self._conditions.values(self._id, TOKEN_LIFETIME, 1.0, times_ns)
        lifetime: Float64s = self._preset.token_lifetime_s * factor
        return lifetime

    def is_valid(self, times_ns: Int64s) -> NDArray[np.bool_]:
        """Return at each of the times, which are in order, whether the token is accepted."""
        valid: NDArray[np.bool_] = self.age_s(times_ns) <= self.lifetime_s(times_ns)
        return valid


class Auth:
    """Counts who is let in, who is not and why."""

    def __init__(self, spec: DeviceSpec, credentials: Credentials, maintenance: Maintenance) -> None:
        self.id = spec.id
        self._preset: AuthPreset = spec.preset
        self._credentials = credentials
        self._maintenance = maintenance
        self._identity = self._about()
        self._success = self._about(success=True)
        self._failures = {
            reason: self._about(success=False, reason=reason) for reason in ("expired", "mistyped", "denied")
        }

    def _about(self, *, success: bool | None = None, reason: str = "") -> Attributes:
        labels = {ATTR_DEVICE_ID: self.id}
        if success is not None:
            labels[ATTR_OUTCOME] = "success" if success else "failure"
        if reason:
            labels[ATTR_ERROR_TYPE] = reason
        return attributes(labels)

    def simulate(self, block: Block) -> None:
        """Live through a block of calls, logins, rotations and attempts to get in."""
        rng = block.rng(self.id, "requests")
        valid = self._credentials.is_valid(block.ends_ns)
        calls = count_arrivals(block, rng, self._preset.calls_hz)
        logins = count_arrivals(block, rng, self._preset.logins_hz)
        mistyped = rng.binomial(logins, self._preset.mistyped_probability)
        denied = self._intrusions(block, rng)
        block.count(METRIC_AUTH_REQUESTS, self._success, np.where(valid, calls, 0) + logins - mistyped)
        for reason, numbers in (
            ("expired", np.where(valid, 0, calls)),
            ("mistyped", mistyped),
            ("denied", denied),
        ):
            block.count(METRIC_AUTH_REQUESTS, self._failures[reason], numbers)
        self._report_audit(block, calls + logins + denied, rng)
        self._report_sessions(block, logins - mistyped, rng)
        self._report_token(block, valid)
        self._maintenance.report(block)

    def _intrusions(self, block: Block, rng: np.random.Generator) -> Int64s:
        rate_hz = block.each_second(self.id, INTRUSION_RATE, self._preset.intrusion_rate_hz)
        block.truth(self.id, "auth", INTRUSION_RATE, rate_hz, low=0.0, high=_INTRUSION_LIMIT_HZ)
        attempts = rng.poisson(rate_hz)
        block.count(METRIC_AUTH_UNEXPECTED, self._identity, attempts)
        for second in np.flatnonzero(attempts):
            block.happening(
                Happening(
                    event=EVENT_AUTH_UNEXPECTED_ATTEMPT,
                    attributes=self._identity,
                    time_ns=int(block.ends_ns[second]),
                    body=f"{attempts[second]} unexpected attempt(s) to authenticate at {self.id}, denied",
                    severity="WARN",
                )
            )
        return attempts

    def _report_sessions(self, block: Block, logins: Int64s, rng: np.random.Generator) -> None:
        at_s = np.repeat(np.arange(1, BLOCK_S + 1, dtype=np.float64), logins)
        lengths_s = rng.exponential(self._preset.session_s, len(at_s))
        block.samples(METRIC_AUTH_SESSION_DURATION, self._identity, lengths_s, at_s)

    def _report_audit(self, block: Block, expected: Int64s, rng: np.random.Generator) -> None:
        lost = rng.binomial(expected, self._preset.audit_loss_probability)
        block.count(METRIC_AUTH_AUDIT_RECORDS, self._success, expected - lost)
        block.count(METRIC_AUTH_AUDIT_RECORDS, self._about(success=False), lost)

    def _report_token(self, block: Block, valid: NDArray[np.bool_]) -> None:
        done, failed = self._credentials.rotations(block.start_ns, block.end_ns)
        for moments, identity in ((done, self._success), (failed, self._about(success=False))):
            at_s = (moments - block.start_ns) / SECOND_NS
            block.count_at(METRIC_AUTH_ROTATIONS, identity, at_s)
        times_ns = block.moments(MINUTE_NS)
        for metric, value_s in (
            (METRIC_AUTH_CREDENTIAL_AGE, self._credentials.age_s(times_ns)),
            (METRIC_AUTH_CREDENTIAL_LIFETIME, self._credentials.lifetime_s(times_ns)),
        ):
            block.levels(metric, self._identity, value_s, times_ns)
        block.truth(self.id, "auth", "token_valid", valid.astype(np.float64), low=1.0, high=1.0)


def _build_nature(world: World, spec: DeviceSpec) -> Credentials:
    return Credentials(spec.id, spec.preset, world.conditions)


def _build(world: World, spec: DeviceSpec) -> Auth:
    return Auth(spec, world.nature(spec.id), world.maintenance(spec.id))


KIND = Kind(
    name="auth",
    identity=ATTR_DEVICE_ID,
    preset_type=AuthPreset,
    build=_build,
    parameters=frozenset({TOKEN_LIFETIME, ROTATION_STALLED, INTRUSION_RATE}),
    nature=_build_nature,
)
