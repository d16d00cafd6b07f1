"""A processor as an orchestrator sees it: when it takes jobs, how often it aborts them, how good results are."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from hwsim.block import BLOCK_S, Block
from hwsim.devices.chip import of_each
from hwsim.devices.job_load import Job
from hwsim.devices.processor import ProcessorNature
from hwsim.devices.processor_hours import Closure
from hwsim.devices.processor_preset import RETRY_PROBABILITY, ProcessorPreset
from hwsim.physics.gates import circuit_fidelity
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS

_PAIR_SHARE = 0.25  # of the places of a layer that a two-qubit gate takes; it takes two
_LEAST_SURVIVAL = 1e-9
_MINUTES = BLOCK_S // 60
_Survival = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Hours of each day (UTC) in which a backend serves one tenant only."""

    tenant: str
    backend: str
    from_hour: float
    hours: float

    def holds(self, now_s: float) -> bool:
        """Return whether it is in force at a moment, in seconds since the epoch."""
        hour = now_s % (DAY_NS // SECOND_NS) / (HOUR_NS // SECOND_NS)
        return (hour - self.from_hour) % 24 < self.hours


class Backend:
    """One backend of an orchestrator."""

    def __init__(
        self, backend_id: str, preset: ProcessorPreset, nature: ProcessorNature, reservations: tuple[Reservation, ...]
    ) -> None:
        self.id = backend_id
        self.preset = preset
        self._nature = nature
        self._reservations = tuple(each for each in reservations if each.backend == backend_id)
        self._retry = constant(preset.retry_probability)
        self._survival: list[_Survival] = []
        self._typical = _survival(preset.typical_errors)
        self._start_s = 0.0

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Return itself: what it knows of a block it forgets at the block's end."""
        return self

    def enter(self, block: Block) -> None:
        """Learn what holds in a block."""
        self._retry = course(block, self.id, RETRY_PROBABILITY, self.preset.retry_probability)
        self._start_s = block.start_ns / SECOND_NS
        states = self._nature.quality.course(block.start_ns, MINUTE_NS, _MINUTES)
        self._survival = of_each(states, lambda state: _survival(state.mean_errors()))

    def closures(self, block_start_ns: int) -> list[Closure]:
        """Return the stretches of a block in which no job may start."""
        return self._nature.hours.closures(block_start_ns)

    def admits(self, tenant_id: str, now_s: float) -> bool:
        """Return whether no reservation keeps the tenant out."""
        return all(each.tenant == tenant_id or not each.holds(now_s) for each in self._reservations)

    def retry_probability(self, now_s: float) -> float:
        """Return the chance that an execution is aborted."""
        return self._retry(now_s)

    def satisfies(self, job: Job, now_s: float) -> bool:
        """Return whether the result is as good as the tenant's validation asks, compared with a typical day."""
        minute = min(int(now_s - self._start_s) // 60, len(self._survival) - 1)
        (gate, read), (typical_gate, typical_read) = self._survival[minute], self._typical
        lost = job.width * job.depth * math.log(typical_gate / gate) + job.width * math.log(typical_read / read)
        return lost <= -math.log1p(-job.tolerance)


def _survival(errors: tuple[float, float, float]) -> _Survival:
    """Return what a qubit keeps of the fidelity in one layer and in its readout."""
    layer = float(circuit_fidelity(errors[:2], (1 - _PAIR_SHARE, _PAIR_SHARE / 2)))
    return max(layer, _LEAST_SURVIVAL), max(1 - errors[2], _LEAST_SURVIVAL)


def constant(value: float) -> Callable[[float], float]:
    """Return the function that is `value` at all times."""
    return lambda _now_s: value


def course(block: Block, entity_id: str, name: str, nominal: float) -> Callable[[float], float]:
    """Return a parameter as a function of the moment within the block, in seconds since the epoch."""
    values = block.parameter(entity_id, name, nominal)
    if isinstance(values, float):
        return constant(values)
    start_s, last = block.start_ns / SECOND_NS, BLOCK_S - 1
    return lambda now_s: float(values[min(max(int(now_s - start_s), 0), last)])
