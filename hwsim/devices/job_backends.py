"""A processor as an orchestrator sees it: when it takes jobs, how often it aborts them, how good results are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from hwsim.block import BLOCK_S, Block
from hwsim.devices.job_load import Job
from hwsim.devices.processor import ProcessorNature
from hwsim.devices.processor_hours import Closure
from hwsim.devices.processor_preset import RETRY_PROBABILITY, ProcessorPreset
from hwsim.physics.gates import circuit_fidelity
from model.clock import DAY_NS, HOUR_NS, SECOND_NS

_PAIR_SHARE = 0.25  # of the width times depth of a circuit that is two-qubit gates


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

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Return itself: what it knows of a block it forgets at the block's end."""
        return self

    def enter(self, block: Block) -> None:
        """Learn what holds in a block."""
        self._retry = course(block, self.id, RETRY_PROBABILITY, self.preset.retry_probability)

    def leave(self) -> None:
        """Forget it."""
        self._retry = constant(self.preset.retry_probability)

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
        errors = self._nature.quality.at(round(now_s * SECOND_NS)).mean_errors()
        gates = job.width * job.depth
        counts = (gates * (1 - _PAIR_SHARE), gates * _PAIR_SHARE / 2, job.width)
        fidelity, typical = circuit_fidelity([errors, self.preset.typical_errors], counts)
        return bool(fidelity >= typical * (1 - job.tolerance))


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
