"""Storage jobs on their way through a bank: request, lease, write, hold, read, reset, release.

What chance decides about a job is drawn when it arrives; what physics decides is worked out when its read ends. Times
are seconds since the start of the block.
"""

from dataclasses import dataclass, fields
from math import pi

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, Block
from hwsim.devices.controller import ControlPlane
from hwsim.devices.memory.preset import MemoryPreset
from hwsim.devices.memory.slots import Assignment
from model.clock import DAY_NS, SECOND_NS

JOBS_PER_S = "jobs_per_s"
TRANSDUCER = "transducer_efficiency"
MODE_MATCH = "mode_match_efficiency"
LEASE_LEAK = "lease_leak_probability"

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]
_TIMES = ("arrival_s", "start_s", "write_end_s", "read_start_s", "end_s", "release_s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Jobs as they arrive, in order of time.

    `written` says what the herald reports, `stored` what is true: a loss that nobody heralds looks like a state.
    `hold_s` lasts until the partner is ready and the message that asks for the state has come, which takes `delay_s`
    of it. `leaked` leases are never released.
    """

    arrival_s: Float64s
    written: Bools
    stored: Bools
    hold_s: Float64s
    delay_s: Float64s
    leaked: Bools

    def service_s(self, preset: MemoryPreset) -> Float64s:
        """Return for how long each job occupies its slot, the reset or the reclaim of a leaked lease included."""
        used_s = np.where(self.written, self.hold_s + preset.read_s, 0.0) + (preset.write_s + preset.reset_s)
        return np.where(self.leaked, np.maximum(used_s, preset.lease_s), used_s) if self.leaked.any() else used_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Accepted jobs with the moments of their stages."""

    arrival_s: Float64s
    start_s: Float64s
    write_end_s: Float64s
    read_start_s: Float64s
    end_s: Float64s
    release_s: Float64s
    delay_s: Float64s
    slot: Int64s
    written: Bools
    stored: Bools
    leaked: Bools

    def __len__(self) -> int:
        return len(self.slot)

    @property
    def hold_s(self) -> Float64s:
        """Return the time between write and read."""
        return self.read_start_s - self.write_end_s

    def select(self, which: Bools | Int64s) -> "Jobs":
        """Return some of the jobs."""
        return Jobs(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    def followed_by(self, other: "Jobs") -> "Jobs":
        """Return these jobs and then the others."""
        if not len(self):
            return other
        return Jobs(
            **{
                field.name: np.concatenate([getattr(self, field.name), getattr(other, field.name)])
                for field in fields(self)
            }
        )

    def earlier_by(self, passed_s: float) -> "Jobs":
        """Return the jobs as seen from a block that starts `passed_s` later."""
        moved = {name: getattr(self, name) - passed_s for name in _TIMES}
        return Jobs(**{field.name: moved.get(field.name, getattr(self, field.name)) for field in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Draws what arrives at a bank: a Poisson process whose rate swings over the day around its mean."""

    bank_id: str
    preset: MemoryPreset
    plane: ControlPlane
    controller_id: str
    jobs_per_s: float
    daily_swing: float

    def rate_hz(self, block: Block) -> Float64s:
        """Return the rate of requests in each second; it peaks at 18:00 UTC."""
        day = 2 * pi * ((block.ends_ns - SECOND_NS // 2) % DAY_NS) / DAY_NS
        rate_hz: Float64s = block.parameter(self.bank_id, JOBS_PER_S, self.jobs_per_s) * (
            1 - self.daily_swing * np.sin(day)
        )
        return np.maximum(rate_hz, 0.0)

    def conversion(self, block: Block) -> float | Float64s:
        """Return the chance that the transducer converts a photon."""
        return share(block.parameter(self.bank_id, TRANSDUCER, self.preset.transducer_efficiency))

    def write_efficiency(self, block: Block) -> float | Float64s:
        """Return the chance that one mode of a write is stored: mode matching times efficiency."""
        matched = share(block.parameter(self.bank_id, MODE_MATCH, self.preset.mode_match_efficiency))
        return matched * self.preset.write_efficiency

    def write_probability(self, block: Block) -> float | Float64s:
        """Return the chance that a write stores the state in at least one of its modes."""
        return 1 - (1 - self.write_efficiency(block)) ** self.preset.modes

    def leak_probability(self, block: Block) -> float | Float64s:
        """Return the chance that a lease is never released."""
        return share(block.parameter(self.bank_id, LEASE_LEAK, self.preset.lease_leak_probability))

    def draw(self, block: Block, rng: np.random.Generator) -> tuple[Requests, Int64s]:
        """Return the block's requests whose photon was converted, and the photons lost in the transducer a second."""
        preset, at_s = self.preset, self._arrivals(block, rng)
        second = at_s.astype(np.int64)
        converted = rng.random(len(at_s)) < at_second(self.conversion(block), second)
        lost = np.bincount(second[~converted], minlength=BLOCK_S)
        at_s, second = at_s[converted], second[converted]
        number = len(second)
        stored = rng.random(number) < at_second(self.write_probability(block), second)
        delay_s = self.plane.draw_s(block.start_ns + SECOND_NS * (second + 1), rng)
        requests = Requests(
            arrival_s=at_s,
            written=stored | (rng.random(number) >= preset.herald_probability),
            stored=stored,
            hold_s=rng.gamma(preset.hold_shape, preset.mean_hold_s / preset.hold_shape, number) + delay_s,
            delay_s=delay_s,
            leaked=rng.random(number) < at_second(self.leak_probability(block), second),
        )
        return requests, lost

    def _arrivals(self, block: Block, rng: np.random.Generator) -> Float64s:
        """Return the moments of a Poisson process: uniform ones in the integral of its rate, which is inverted."""
        expected = np.concatenate([[0.0], np.cumsum(self.rate_hz(block))])
        drawn = np.sort(expected[-1] * rng.random(rng.poisson(expected[-1])))
        at_s = np.interp(drawn, expected, np.arange(BLOCK_S + 1.0))
        return np.asarray(np.minimum(at_s, np.nextafter(BLOCK_S, 0.0)))


def schedule_jobs(requests: Requests, assignment: Assignment, preset: MemoryPreset) -> tuple[Jobs, Float64s]:
    """Return the accepted jobs with their moments, and the arrivals that were rejected."""
    start_s, written = assignment.start_s, requests.written
    write_end_s = start_s + preset.write_s
    read_start_s = write_end_s + np.where(written, requests.hold_s, 0.0)
    jobs = Jobs(
        arrival_s=requests.arrival_s,
        start_s=start_s,
        write_end_s=write_end_s,
        read_start_s=read_start_s,
        end_s=read_start_s + np.where(written, preset.read_s, 0.0),
        release_s=start_s + requests.service_s(preset),
        delay_s=requests.delay_s,
        slot=assignment.slot,
        written=written,
        stored=requests.stored,
        leaked=requests.leaked,
    )
    accepted = assignment.slot >= 0
    if accepted.all():
        return jobs, np.empty(0)
    return jobs.select(accepted), requests.arrival_s[~accepted]


def at_second(value: float | Float64s, second: Int64s | int) -> float | Float64s:
    """Return a parameter at some seconds of the block, or at one."""
    return value if isinstance(value, float) else value[second]


def share(value: float | Float64s) -> float | Float64s:
    """Return a share within 0..1, whatever a fault made of it."""
    return value if isinstance(value, float) else np.clip(value, 0.0, 1.0)
