"""Whom a fault hurts, and since when: whose signal leaves the range that it had before.

A signal wanders: where it speaks of others than the struck, it must not be the same as it would be without the fault.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from herald.evidence import entity_of
from hwsim import Fault
from hwsim.signal import Reduce
from model.clock import MINUTE_NS
from model.recording import CountTrack, LevelTrack, Recording, SampleTrack
from model.registry import Registry

Track = CountTrack | LevelTrack | SampleTrack
Chunks = Sequence[Sequence[Recording]]
"""What all sites recorded, one stretch of time after the other."""

_SMOOTH = 5  # minutes over which a signal is averaged before it is judged
_MARGIN = 0.25  # of its past range that it must leave that range by


def names_struck(fault: Fault) -> bool:
    """Return whether the fault's signal is one of the struck entity itself; others speak of whomever it reaches."""
    return any("{entity}" in str(value) for _, value in fault.signal.where)


def find_hurt(
    fault: Fault,
    struck: str,
    recordings: Chunks,
    untouched: Chunks,
    *,
    injected_ns: int,
    until_ns: int,
    registry: Registry,
) -> tuple[str, int] | None:
    """Return whom the signal speaks of and since when it is out of the range that it had before.

    `untouched` are the same hours without the fault, where the signal speaks of others than the struck.
    """
    ends_ns = np.concatenate([chunk[0].edges_ns[1:] for chunk in recordings])
    names = [struck] if names_struck(fault) else _carriers(fault, recordings, registry)
    hurt = {}
    for name in names:
        values = _read(fault, struck, name, recordings, registry)
        when = _leaves(values * fault.signal.direction, ends_ns, injected_ns, fault.signal.reduce)
        if when is None or when > until_ns:
            continue
        known = ends_ns <= when + _SMOOTH * MINUTE_NS
        if names_struck(fault) or not _are_equal(values, _read(fault, struck, name, untouched, registry), known):
            hurt[name] = when
    return min(hurt.items(), key=lambda pair: (pair[1], pair[0])) if hurt else None


def _read(fault: Fault, struck: str, name: str, chunks: Chunks, registry: Registry) -> NDArray[np.float64]:
    """Return the fault's signal as far as it speaks of `name`, a number per cell of all chunks."""
    of_name = [[_of_entity(fault, each, name, registry) for each in chunk] for chunk in chunks]
    return np.concatenate([fault.signal.read(chunk, struck) for chunk in of_name])


def _are_equal(one: NDArray[np.float64], other: NDArray[np.float64], where: NDArray[np.bool_]) -> bool:
    return np.array_equal(one[where], other[where], equal_nan=True)


def _carriers(fault: Fault, recordings: Chunks, registry: Registry) -> list[str]:
    tracks = [t for recording in recordings[0] for t in _tracks(recording) if t.metric == fault.signal.metric]
    return sorted({_speaks_of(track, registry) for track in tracks})


def _tracks(recording: Recording) -> Iterator[Track]:
    yield from recording.counts
    yield from recording.levels
    yield from recording.samples


def _speaks_of(track: Track, registry: Registry) -> str:
    return entity_of({registry.column(name): str(value) for name, value in track.attributes})


def _of_entity(fault: Fault, recording: Recording, name: str, registry: Registry) -> Recording:
    def wanted(track: Track) -> bool:
        known = track.metric in (fault.signal.metric, fault.signal.over)
        return known and (names_struck(fault) or _speaks_of(track, registry) == name)

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
