"""Whom a fault hurts, and since when: whose signal leaves the range that it has in the same hours without the fault.

A signal wanders, and counts vary by chance: nobody pages for that, or wrongly, and nothing caused it.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from herald.evidence import entity_of
from hwsim import Fault
from hwsim.signal import Reduce
from model.clock import MINUTE_NS
from model.recording import CountTrack, LevelTrack, Recording, SampleTrack
from model.registry import Registry

Float64s = NDArray[np.float64]
Track = CountTrack | LevelTrack | SampleTrack
Chunks = Sequence[Sequence[Recording]]
"""What all sites recorded, one stretch of time after the other."""

_SMOOTH = 5  # minutes over which a signal is averaged before it is judged
_MARGIN = 0.25  # of its usual range that it must leave that range by
_FEWEST = 3


def find_hurt(
    fault: Fault,
    struck: str,
    recordings: Chunks,
    untouched: Callable[[], Chunks],
    *,
    injected_ns: int,
    until_ns: int,
    registry: Registry,
) -> tuple[str, int] | None:
    """Return whom the signal speaks of and since when it is out of its range.

    `untouched` tells the same hours without the fault, if anything has left the range of its past.
    """
    ends_ns = np.concatenate([chunk[0].edges_ns[1:] for chunk in recordings])
    past = int((ends_ns <= injected_ns).sum())
    hurt = {}
    for name in _carriers(fault, struck, recordings, registry):
        values = _read(fault, struck, name, recordings, registry)
        if _leaves(values, values[:past], past, fault) is None:
            continue
        cell = _leaves(values, _read(fault, struck, name, untouched(), registry), past, fault)
        if cell is not None and ends_ns[cell] <= until_ns:
            hurt[name] = int(ends_ns[cell]) // MINUTE_NS * MINUTE_NS
    return min(hurt.items(), key=lambda pair: (pair[1], pair[0])) if hurt else None


def _read(fault: Fault, struck: str, name: str, chunks: Chunks, registry: Registry) -> Float64s:
    """Return the fault's signal as far as it speaks of `name`, a number per cell of all chunks."""
    of_name = [[_of_entity(fault, each, name, registry) for each in chunk] for chunk in chunks]
    return np.concatenate([fault.signal.read(chunk, struck) for chunk in of_name])


def _carriers(fault: Fault, struck: str, recordings: Chunks, registry: Registry) -> list[str]:
    """Return of whom the signal may speak: of the struck, or of everybody who has it."""
    if _names_struck(fault):
        return [struck]
    tracks = [t for recording in recordings[0] for t in _tracks(recording) if t.metric == fault.signal.metric]
    return sorted({_speaks_of(track, registry) for track in tracks})


def _names_struck(fault: Fault) -> bool:
    return any("{entity}" in str(value) for _, value in fault.signal.where)


def _tracks(recording: Recording) -> Iterator[Track]:
    yield from recording.counts
    yield from recording.levels
    yield from recording.samples


def _speaks_of(track: Track, registry: Registry) -> str:
    return entity_of({registry.column(name): str(value) for name, value in track.attributes})


def _of_entity(fault: Fault, recording: Recording, name: str, registry: Registry) -> Recording:
    def wanted(track: Track) -> bool:
        known = track.metric in (fault.signal.metric, fault.signal.over)
        return known and (_names_struck(fault) or _speaks_of(track, registry) == name)

    return Recording(
        site=recording.site,
        edges_ns=recording.edges_ns,
        counts=[t for t in recording.counts if wanted(t)],
        levels=[t for t in recording.levels if wanted(t)],
        samples=[t for t in recording.samples if wanted(t)],
        happenings=recording.happenings,
    )


def _leaves(values: Float64s, normal: Float64s, past: int, fault: Fault) -> int | None:
    """Return the first cell after the past from which on the signal is clearly worse than it ever is normally."""
    smooth, usual = (_smooth(each * fault.signal.direction) for each in (values, normal))
    usual = usual[~np.isnan(usual)]
    if len(usual) < _FEWEST:
        return None
    span = max(usual.max() - usual.min(), 0.02 * abs(usual.max()), 1e-12)
    if fault.signal.reduce in (Reduce.SUM, Reduce.EVENTS):
        span = max(span, 2.0 / _SMOOTH)
    out = np.flatnonzero(smooth > usual.max() + _MARGIN * span) * _SMOOTH
    return next((int(cell) for cell in out if cell >= past), None)


def _smooth(values: Float64s) -> Float64s:
    number = len(values) // _SMOOTH
    cells = values[: number * _SMOOTH].reshape(number, _SMOOTH)
    known = (~np.isnan(cells)).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nansum(cells, axis=1) / known)
