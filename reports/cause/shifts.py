"""Which series left their own past, when, by how much: robust statistics over all rows of a table at once.

A series is looked at in blocks of several lengths that end now. What blocks of a length usually scatter by is
measured on the series' own past at that very length, so slow wandering and daily structure count as scatter and are
not taken for a shift. A shift must also refute that the past's trend goes on, must not rest on a single minute, and
must last until now.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reports.cause.deviation import MOVED_SIGMAS, find_deviations, find_step_deviations
from reports.cause.onset import find_onset
from reports.cause.table import Table, select_rows

Float64s = NDArray[np.float64]
SCALES = (1, 5, 15, 60)
"""Block lengths in minutes."""
_STEP_SCALES = (1, 15)
_FEWEST_BLOCKS = 3
_LASTING_SHARE = 0.2
_FEWEST_TOLD = 4
_AS_CLEAR = 0.5
_RECENT_MINUTES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """How many sigmas off a shift must be, and a single last sample, of which nothing more is known yet."""

    moved: float
    lone: float


CLEAR = Bar(moved=MOVED_SIGMAS, lone=5.0)
FAINT = Bar(moved=2.5, lone=2.5)
"""What is worth a look where nothing is clear, though chance does it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One row that left its past: `onset` in minutes from the table's start.

    It may have begun up to `resolution` minutes earlier or `latitude` minutes later. `sigmas` is signed; `before` and
    `after` are in the metric's unit (shares 0..1, counts per minute). It `lasts` if it shows in the last half hour.
    """

    row: int
    onset: int
    resolution: int
    latitude: int
    sigmas: float
    before: float
    after: float
    lasts: bool


def find_shifts(table: Table, *, past: int, bar: Bar = CLEAR) -> list[Shift]:
    """Return the shift of each row that has one; the first `past` minutes are its normal."""
    found = (shift for scale in SCALES for shift in _at_scale(table, past, scale, bar))
    return _clearest(found)


def find_shifts_and_steps(table: Table, *, past: int, bar: Bar = CLEAR) -> list[Shift]:
    """Return the same, of levels also by how far they step: one that wanders hides a slow harm.

    Only of an entity's one series of the metric: of a hundred qubits one steps farther than ever before by chance.
    """
    parts = Counter(table.entities)
    alone = [row for row, entity in enumerate(table.entities) if parts[entity] == 1]
    if table.kind != "level" or not alone:
        return find_shifts(table, past=past, bar=bar)
    single = select_rows(table, alone)
    steps = (s for scale in _STEP_SCALES for s in _at_scale(single, past, scale, bar, steps=True))
    return _clearest(
        [*find_shifts(table, past=past, bar=bar), *(replace(step, row=alone[step.row]) for step in steps)]
    )


def _clearest(found: Iterable[Shift]) -> list[Shift]:
    """Return one shift for each row: the first, unless a later one is clearer by half."""
    best: dict[int, Shift] = {}
    for shift in found:
        known = best.get(shift.row)
        if known is None or abs(shift.sigmas) > 1.5 * abs(known.sigmas):
            best[shift.row] = shift
    return [best[row] for row in sorted(best)]


def _at_scale(table: Table, past: int, scale: int, bar: Bar, *, steps: bool = False) -> list[Shift]:
    value, weight = _cut(table, scale)
    edge = value.shape[1] - -(-(table.over.shape[1] - past) // scale)
    told = weight > 0
    enough = told[:, :edge].sum(axis=1) >= _FEWEST_BLOCKS
    rows = np.flatnonzero(enough & told[:, edge:].any(axis=1))
    if not len(rows):
        return []
    offset = table.over.shape[1] - value.shape[1] * scale
    value, weight = value[rows], weight[rows]
    sums = table.over[rows, :past].sum(axis=1), table.under[rows, :past].sum(axis=1)
    center, z = (
        find_step_deviations(value, edge)
        if steps
        else find_deviations(value, edge, past=sums, weight=weight[:, edge:], kind=table.kind)
    )
    found = []
    for number in np.flatnonzero((np.abs(z) >= bar.moved).any(axis=1)).tolist():
        row = int(rows[number])
        never = table.kind != "level" and sums[0][number] == 0
        start = _onset(z[number], bar.moved, bar.moved if never else bar.lone)
        if start is None:
            continue
        after = z[number, start:]
        known = ~np.isnan(after)
        minute = offset + (edge + start) * scale
        shift = _refined(
            table,
            row,
            minute,
            scale,
            sigmas=float(np.mean(after[known])),
            center=float(center[number]),
            normal=float((sums[0][number] + 0.5) / (sums[1][number] + 1.0))
            if table.kind != "level"
            else float(center[number]),
        )
        found += [shift] if shift else []
    return found


def _cut(table: Table, scale: int) -> tuple[Float64s, Float64s]:
    """Return value and weight of each row's blocks; the last one ends with the table."""
    number = table.over.shape[1] // scale
    skipped = table.over.shape[1] - number * scale
    shape = (len(table.over), number, scale)
    weight = table.under[:, skipped:].reshape(shape).sum(axis=2)
    total = table.over[:, skipped:].reshape(shape).sum(axis=2)
    return np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), np.nan), weight


def _onset(z: Float64s, moved_sigmas: float, lone_sigmas: float) -> int | None:
    """Return the first block from which the deviation lasts; one lone minute is no onset unless it is the last.

    A first one by chance is passed over: what came since must speak for a step there at least half as clearly as for
    one at the clearest place.
    """
    known = np.flatnonzero(~np.isnan(z))
    values = z[known]
    suffix = np.cumsum(values[::-1])[::-1] / np.arange(len(values), 0, -1)
    outside = np.abs(values) >= moved_sigmas
    lasting = np.sign(suffix) * np.sign(values) > 0
    peak = np.maximum.accumulate(np.abs(values)[::-1])[::-1]
    lasting &= np.abs(suffix) >= np.maximum(1.5, _LASTING_SHARE * np.minimum(peak, 50.0))
    same = np.cumsum((outside * np.sign(values))[::-1])[::-1]
    left = np.arange(len(values), 0, -1)
    many = (np.abs(same) >= 2) & (np.abs(same) >= _LASTING_SHARE * left)
    lone = (left == 1) & (np.abs(values) >= lone_sigmas)
    places = np.flatnonzero(outside & lasting & (many | lone))
    if not len(places):
        return None
    clear = suffix[places] ** 2 * left[places]  # twice the log likelihood ratio of a step there
    return int(known[places[np.argmax(clear >= _AS_CLEAR * clear.max())]])


def _refined(
    table: Table, row: int, minute: int, scale: int, *, sigmas: float, center: float, normal: float
) -> Shift | None:
    """Return the shift with its onset to the minute and what it came to, None if it rests on a single minute."""
    over, under = table.over[row], table.under[row]
    minute, resolution, latitude = find_onset(over, under, minute, scale, normal=normal, kind=table.kind)
    if _is_lone(over[minute:], under[minute:], center) and not _happened_again(over, minute, kind=table.kind):
        return None
    after = over[minute:].sum() / max(under[minute:].sum(), 1e-300)
    said = np.flatnonzero(under > 0)
    recently = np.searchsorted(said, max(minute, len(under) - _RECENT_MINUTES))
    last = said[min(int(recently), len(said) - 1) :]
    recent = over[last].sum() / under[last].sum()
    return Shift(
        row=row,
        onset=minute,
        resolution=resolution,
        latitude=latitude,
        sigmas=sigmas,
        before=center,
        after=float(after),
        lasts=bool((recent - center) / (after - center) >= _LASTING_SHARE) if after != center else True,
    )


def _happened_again(over: Float64s, minute: int, *, kind: str) -> bool:
    """Return whether what never happened before did so in several minutes: it comes in bursts then."""
    return kind == "count" and not over[:minute].any() and int(np.count_nonzero(over[minute:])) > 1


def _is_lone(over: Float64s, under: Float64s, center: float) -> bool:
    """Return whether of several minutes a single one makes the difference."""
    told = np.flatnonzero(under > 0)
    if len(told) < _FEWEST_TOLD:
        return False
    off = over[told] - center * under[told]
    rest = np.delete(np.arange(len(told)), np.argmax(np.abs(off)))
    whole, without = off.sum() / under[told].sum(), off[rest].sum() / under[told[rest]].sum()
    return bool(without / whole < _LASTING_SHARE) if whole else True
