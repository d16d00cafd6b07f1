"""One case of the cause sweep: a fault strikes a small fleet while innocent changes happen, and somebody is paged.

All in memory. The page comes some minutes after the fault's signal has left the range that it had before, because
that is what an objective would notice; who is paged about is whoever the signal speaks of.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herald.evidence import entity_of
from hwsim import Fault, FaultSchedule, FleetSpec, Injection, build_sites, load_faults
from hwsim.fault import CHANGES
from hwsim.signal import Reduce
from model.clock import HOUR_NS, MINUTE_NS, SECOND_NS
from model.recording import CountTrack, LevelTrack, Recording, SampleTrack
from model.registry import Registry
from model.topology import Topology

Track = CountTrack | LevelTrack | SampleTrack
START_NS = 1_772_409_600 * SECOND_NS
_PAST_H = 12
_STEP_NS = MINUTE_NS
_CHUNK_NS = 2 * HOUR_NS
_DECOYS = 5
_TOGETHER_MINUTES = 10
_SMOOTH = 5  # minutes over which a signal is averaged before it is judged
_MARGIN = 0.25  # of its past range that it must leave that range by


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
    """Return the incident that the case makes; None if the signal never leaves its past range."""
    rng = np.random.default_rng((case.seed, list(load_faults()).index(case.fault.id)))
    past_ns, longest_ns = (
        (26 * HOUR_NS, 40 * HOUR_NS) if case.fault.skips_calibrations else (_PAST_H * HOUR_NS, 8 * HOUR_NS)
    )
    start_ns = START_NS + int(rng.integers(0, 7 * 24)) * HOUR_NS
    injected_ns = start_ns + past_ns + int(rng.integers(0, 60)) * MINUTE_NS
    decoys = _decoys(case, rng, injected_ns)
    strike = Injection(fault_id=case.fault.id, entity_id=case.entity, start_ns=injected_ns, magnitude=case.magnitude)
    strikes = [strike, *([_second(case, rng, injected_ns)] if case.pair else [])]
    faults = FaultSchedule([*strikes, *decoys])
    sites = build_sites(case.fleet, seed=case.seed, start_ns=start_ns, faults=faults)
    recordings = [[site.record(injected_ns, _STEP_NS) for site in sites]]
    found, until_ns = None, injected_ns
    delay_ns = int(rng.integers(5, 31)) * MINUTE_NS
    while found is None and until_ns < injected_ns + longest_ns:
        until_ns += _CHUNK_NS
        recordings.append([site.record(until_ns, _STEP_NS) for site in sites])
        found = find_hurt(
            case.fault,
            case.entity,
            recordings,
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
        recordings=tuple(r for chunk in recordings for r in chunk),
        topologies=tuple(site.topology for site in sites),
        strikes=tuple(strikes),
        decoys=tuple(decoys),
    )


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


def find_hurt(
    fault: Fault,
    struck: str,
    recordings: Sequence[Sequence[Recording]],
    *,
    injected_ns: int,
    until_ns: int,
    registry: Registry,
) -> tuple[str, int] | None:
    """Return whom the signal speaks of and since when it is out of the range that it had before."""
    whole = [[chunk[site] for chunk in recordings] for site in range(len(recordings[0]))]
    edges_ns = np.concatenate([recordings[0][0].edges_ns, *(chunk[0].edges_ns[1:] for chunk in recordings[1:])])
    named = any("{entity}" in str(value) for _, value in fault.signal.where)
    hurt = {}
    for name in [struck] if named else _carriers(fault, recordings, registry):
        parts = [[_of_entity(fault, r, name, named=named, registry=registry) for r in site] for site in whole]
        read = [fault.signal.read([site[i] for site in parts], struck) for i in range(len(recordings))]
        values = np.concatenate(read)
        when = _leaves(values * fault.signal.direction, edges_ns[1:], injected_ns, fault.signal.reduce)
        if when is not None and when <= until_ns:
            hurt[name] = when
    return min(hurt.items(), key=lambda pair: (pair[1], pair[0])) if hurt else None


def _carriers(fault: Fault, recordings: Sequence[Sequence[Recording]], registry: Registry) -> list[str]:
    tracks = [t for recording in recordings[0] for t in _tracks(recording) if t.metric == fault.signal.metric]
    return sorted({_speaks_of(track, registry) for track in tracks})


def _tracks(recording: Recording) -> Iterator[Track]:
    yield from recording.counts
    yield from recording.levels
    yield from recording.samples


def _speaks_of(track: Track, registry: Registry) -> str:
    return entity_of({registry.column(name): str(value) for name, value in track.attributes})


def _of_entity(fault: Fault, recording: Recording, name: str, *, named: bool, registry: Registry) -> Recording:
    def wanted(track: Track) -> bool:
        known = track.metric in (fault.signal.metric, fault.signal.over)
        return known and (named or _speaks_of(track, registry) == name)

    return Recording(
        site=recording.site,
        edges_ns=recording.edges_ns,
        counts=[t for t in recording.counts if wanted(t)],
        levels=[t for t in recording.levels if wanted(t)],
        samples=[t for t in recording.samples if wanted(t)],
        happenings=recording.happenings,
    )


def _leaves(values: NDArray[np.float64], ends_ns: NDArray[np.int64], injected_ns: int, how: Reduce) -> int | None:
    number = len(values) // _SMOOTH
    with np.errstate(invalid="ignore"):
        cells = np.where(np.isnan(values), 0.0, values)[: number * _SMOOTH].reshape(number, _SMOOTH).sum(axis=1)
        known = (~np.isnan(values))[: number * _SMOOTH].reshape(number, _SMOOTH).sum(axis=1)
        smooth = cells / known
    at_ns = ends_ns[: number * _SMOOTH].reshape(number, _SMOOTH)[:, 0]
    past = smooth[(at_ns <= injected_ns) & ~np.isnan(smooth)]
    if len(past) < 3:
        return None
    span = max(past.max() - past.min(), 0.02 * abs(past.max()), 1e-12)
    if how in (Reduce.SUM, Reduce.EVENTS):
        span = max(span, 2.0 / _SMOOTH)
    out = np.flatnonzero((smooth > past.max() + _MARGIN * span) & (at_ns > injected_ns))
    return int(at_ns[out[0]]) // MINUTE_NS * MINUTE_NS if len(out) else None
