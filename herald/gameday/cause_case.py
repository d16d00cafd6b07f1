"""One case of the cause sweep: a fault strikes a small fleet while innocent changes happen, and somebody is paged.

All in memory. The page comes some minutes after the fault's signal has left the range that it has without the fault,
because that is what an objective would notice; who is paged about is whoever the signal speaks of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from herald.gameday.hurt import find_hurt
from hwsim import Fault, FaultSchedule, FleetSpec, Injection, build_sites, load_faults
from hwsim.fault import CHANGES
from model.clock import HOUR_NS, MINUTE_NS, SECOND_NS
from model.recording import Recording
from model.registry import Registry
from model.topology import Topology

START_NS = 1_772_409_600 * SECOND_NS
_PAST_H = 12
_STEP_NS = MINUTE_NS
_CHUNK_NS = 2 * HOUR_NS
_DECOYS = 5
_TOGETHER_MINUTES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A fault of some magnitude on a fleet, and the seed of everything random; of a `pair` another strikes too."""

    fault: Fault
    fleet: FleetSpec
    entity: str
    magnitude: float
    seed: int
    pair: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What is known when the page comes: who hurts since when, and everything that was recorded until then."""

    entity: str
    injected_ns: int
    impact_ns: int
    end_ns: int
    recordings: tuple[Recording, ...]
    topologies: tuple[Topology, ...]
    strikes: tuple[Injection, ...]
    decoys: tuple[Injection, ...]


def play_case(case: Case, registry: Registry) -> Incident | None:
    """Return the incident that the case makes; None if the signal never leaves its range."""
    rng = np.random.default_rng((case.seed, list(load_faults()).index(case.fault.id)))
    past_ns, longest_ns = (
        (26 * HOUR_NS, 40 * HOUR_NS) if case.fault.skips_calibrations else (_PAST_H * HOUR_NS, 8 * HOUR_NS)
    )
    start_ns = START_NS + int(rng.integers(0, 7 * 24)) * HOUR_NS
    injected_ns = start_ns + past_ns + int(rng.integers(0, 60)) * MINUTE_NS
    decoys = _decoys(case, rng, injected_ns)
    strike = Injection(fault_id=case.fault.id, entity_id=case.entity, start_ns=injected_ns, magnitude=case.magnitude)
    strikes = [strike, *([_second(case, rng, injected_ns)] if case.pair else [])]
    struck, untouched = (_Days(case, start_ns, injections) for injections in ([*strikes, *decoys], decoys))
    until_ns = injected_ns
    delay_ns = int(rng.integers(5, 31)) * MINUTE_NS
    struck.record(until_ns)
    found = None
    while found is None and until_ns < injected_ns + longest_ns:
        until_ns += _CHUNK_NS
        found = find_hurt(
            case.fault,
            case.entity,
            struck.record(until_ns),
            partial(untouched.record, until_ns),
            injected_ns=injected_ns,
            until_ns=until_ns - delay_ns,
            registry=registry,
        )
    if found is None:
        return None
    entity, impact_ns = found
    return Incident(
        entity=entity,
        injected_ns=injected_ns,
        impact_ns=impact_ns,
        end_ns=impact_ns + delay_ns,
        recordings=tuple(r for chunk in struck.chunks for r in chunk),
        topologies=tuple(site.topology for site in struck.sites),
        strikes=tuple(strikes),
        decoys=tuple(decoys),
    )


class _Days:
    """The fleet of a case from its start on, with what is injected."""

    def __init__(self, case: Case, start_ns: int, injections: Sequence[Injection]) -> None:
        self.sites = build_sites(case.fleet, seed=case.seed, start_ns=start_ns, faults=FaultSchedule(injections))
        self.chunks: list[list[Recording]] = []

    def record(self, until_ns: int) -> Sequence[Sequence[Recording]]:
        """Go on until then, and return everything that was recorded."""
        if not self.chunks or int(self.chunks[-1][0].edges_ns[-1]) < until_ns:
            self.chunks.append([site.record(until_ns, _STEP_NS) for site in self.sites])
        return self.chunks


def _second(case: Case, rng: np.random.Generator, injected_ns: int) -> Injection:
    """Return another fault, of typical strength, that strikes something else within ten minutes of the first."""
    fitting = [
        (fault, entity)
        for fault in load_faults().values()
        for entity, kind in case.fleet.entities.items()
        if kind == fault.strikes and entity != case.entity and fault.id != case.fault.id
    ]
    fault, entity = fitting[int(rng.integers(0, len(fitting)))]
    start_ns = injected_ns + int(rng.integers(-_TOGETHER_MINUTES, _TOGETHER_MINUTES + 1)) * MINUTE_NS
    return Injection(fault_id=fault.id, entity_id=entity, start_ns=start_ns, magnitude=fault.magnitude.typical)


def _decoys(case: Case, rng: np.random.Generator, injected_ns: int) -> list[Injection]:
    """Return harmless changes on the struck entity and others, within six hours around the fault."""
    fitting = [
        (fault, entity)
        for fault in load_faults().values()
        if fault.change in CHANGES
        for entity, kind in case.fleet.entities.items()
        if kind == fault.strikes
    ]
    near = [pair for pair in fitting if pair[1] == case.entity]
    chosen = [fitting[i] for i in rng.integers(0, len(fitting), _DECOYS)]
    chosen += [near[int(rng.integers(0, len(near)))]] if near else []
    minutes = rng.integers(-4 * 60, 60, len(chosen))
    return [
        Injection(
            fault_id=fault.id,
            entity_id=entity,
            start_ns=injected_ns + int(minute) * MINUTE_NS,
            magnitude=fault.magnitude.typical,
            harmless=True,
        )
        for (fault, entity), minute in zip(chosen, minutes, strict=True)
    ]
