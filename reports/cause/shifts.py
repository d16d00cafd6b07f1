"""Which series left their own past, when, by how much: robust statistics over all rows of a table at once.

A series is looked at in blocks of several lengths that end now. What blocks of a length usually scatter by is
measured on the series' own past at that very length, so slow wandering and daily structure count as scatter and are
not taken for a shift. A shift must also refute that the past's trend goes on, must not rest on a single minute, and
must last until now.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.cause.onset import find_onset
from reports.cause.table import Table

Float64s = NDArray[np.float64]
SCALES = (1, 5, 15, 60)
"""Block lengths in minutes."""
MOVED_SIGMAS = 4.0
CAP_SIGMAS = 1000.0
LONE_SIGMAS = 8.0
"""What a single last sample must show, of which nothing more is known yet, unless the like was never seen."""
_FEWEST_BLOCKS = 3
_LASTING_SHARE = 0.2
_MAD_TO_SIGMA = 1.4826
_RANGE_TO_SIGMA = 1 / 3.29  # between the 5th and the 95th percentile
_RELATIVE_FLOOR = 1e-3
_ABSOLUTE_FLOOR = 1e-12
_FEWEST_TOLD = 4
_RECENT_MINUTES = 30


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


def find_shifts(table: Table, *, past: int) -> list[Shift]:
    """Return the shift of each row that has one; the first `past` minutes are its normal."""
    best: dict[int, Shift] = {}
    for scale in SCALES:
        for shift in _at_scale(table, past, scale):
            known = best.get(shift.row)
            if known is None or abs(shift.sigmas) > 1.5 * abs(known.sigmas):
                best[shift.row] = shift
    return [best[row] for row in sorted(best)]


def _at_scale(table: Table, past: int, scale: int) -> list[Shift]:
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
    center, z = _deviation(value, edge, _chance(*sums, weight[:, edge:], table.kind))
    if table.kind == "level":
        positive = quantiles(value, (0.0,))[0] > 0
        logs = np.log(np.where(positive[:, None] & ~np.isnan(value), value, 1.0))
        _, z_log = _deviation(np.where(np.isnan(value), np.nan, logs), edge, np.zeros_like(z))
        z = np.where(positive[:, None] & (np.abs(z_log) > np.abs(z)), z_log, z)
    z = np.clip(z, -CAP_SIGMAS, CAP_SIGMAS)
    found = []
    for number in np.flatnonzero((np.abs(z) >= MOVED_SIGMAS).any(axis=1)).tolist():
        row = int(rows[number])
        never = table.kind != "level" and sums[0][number] == 0
        start = _onset(z[number], MOVED_SIGMAS if never else LONE_SIGMAS)
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


def _deviation(value: Float64s, edge: int, chance: Float64s) -> tuple[Float64s, Float64s]:
    """Return each row's normal, and how many sigmas its later blocks are off both from it and from its trend."""
    past = value[:, :edge]
    low, median, high = quantiles(past, (0.05, 0.5, 0.95))
    center = _mean(np.clip(past, low[:, None], high[:, None]))
    mad = quantiles(np.abs(past - median[:, None]), (0.5,))[0] * _MAD_TO_SIGMA
    sigma = np.maximum(np.maximum(mad, (high - low) * _RANGE_TO_SIGMA), np.abs(center) * _RELATIVE_FLOOR)
    sigma *= _small_past((~np.isnan(past)).sum(axis=1))
    noise = np.maximum(np.maximum(sigma[:, None], chance), _ABSOLUTE_FLOOR)
    z = (value[:, edge:] - center[:, None]) / noise
    return center, _least(z, (value[:, edge:] - _continued(value, edge)) / noise)


def _small_past(blocks: NDArray[np.int64]) -> Float64s:
    """Return how much wider a scatter from few blocks must be taken: Student's t at five sigma's odds, nearly."""
    return np.asarray(1.0 + (9.0 / np.maximum(blocks - 1, 2)) ** 2.5)


def _chance(over: Float64s, under: Float64s, weight: Float64s, kind: str) -> Float64s:
    """Return what chance alone makes of blocks of that weight: Poisson counts, binomial shares.

    The past's rate is taken half an event higher than it was, since none seen does not mean none possible.
    """
    if kind == "level":
        return np.zeros_like(weight)
    safe = np.maximum(weight, 1e-9)
    rate = ((over + 0.5) / (under + 1.0))[:, None]
    if kind in ("share", "mix"):
        rate = np.minimum(rate, 1.0) * (1.0 - np.minimum(rate, 1.0)) + 1e-12
    return np.asarray(np.sqrt(rate / safe))


def _continued(value: Float64s, edge: int) -> Float64s:
    """Return what the search blocks were if the trend between the halves of the past went on."""
    half = edge // 2
    (first,), (second,) = quantiles(value[:, :half], (0.5,)), quantiles(value[:, half:edge], (0.5,))
    slope = np.nan_to_num((second - first) / max(edge - half, 1))
    steps = np.arange(edge, value.shape[1]) - (half + edge) / 2
    base = np.where(np.isnan(second), quantiles(value[:, :edge], (0.5,))[0], second)
    return np.asarray(base[:, None] + slope[:, None] * steps)


def _least(one: Float64s, other: Float64s) -> Float64s:
    """Return the lesser deviation of two, 0 where they disagree about the direction."""
    agree = np.sign(one) == np.sign(other)
    return np.where(np.isnan(one), np.nan, np.where(agree, np.where(np.abs(one) < np.abs(other), one, other), 0.0))


def quantiles(value: Float64s, shares: tuple[float, ...]) -> list[Float64s]:
    """Return quantiles of each row without its gaps, of all rows at once; not a number for an empty row."""
    ordered = np.sort(value, axis=1)  # gaps come last
    last = (~np.isnan(value)).sum(axis=1) - 1.0
    rows = np.arange(len(value))
    found = []
    for share in shares:
        at = np.maximum(last, 0) * share
        below = at.astype(np.int64)
        above = np.minimum(below + 1, np.maximum(last, 0).astype(np.int64))
        low = ordered[rows, below]
        found.append(low + (at - below) * (ordered[rows, above] - low))
    return found


def _mean(value: Float64s) -> Float64s:
    known = ~np.isnan(value)
    return np.asarray(np.where(known, value, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1))


def _onset(z: Float64s, lone_sigmas: float) -> int | None:
    """Return the first block from which the deviation lasts; one lone minute is no onset unless it is the last."""
    known = np.flatnonzero(~np.isnan(z))
    values = z[known]
    suffix = np.cumsum(values[::-1])[::-1] / np.arange(len(values), 0, -1)
    outside = np.abs(values) >= MOVED_SIGMAS
    lasting = np.sign(suffix) * np.sign(values) > 0
    peak = np.maximum.accumulate(np.abs(values)[::-1])[::-1]
    lasting &= np.abs(suffix) >= np.maximum(1.5, _LASTING_SHARE * np.minimum(peak, 50.0))
    same = np.cumsum((outside * np.sign(values))[::-1])[::-1]
    for place in np.flatnonzero(outside & lasting):
        many = abs(same[place]) >= 2 and abs(same[place]) >= _LASTING_SHARE * (len(values) - place)
        lone = place == len(values) - 1 and abs(values[place]) >= lone_sigmas
        if many or lone:
            return int(known[place])
    return None


def _refined(
    table: Table, row: int, minute: int, scale: int, *, sigmas: float, center: float, normal: float
) -> Shift | None:
    """Return the shift with its onset to the minute and what it came to, None if it rests on a single minute."""
    over, under = table.over[row], table.under[row]
    minute, resolution, latitude = find_onset(over, under, minute, scale, normal=normal, kind=table.kind)
    if _is_lone(over[minute:], under[minute:], center):
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


def _is_lone(over: Float64s, under: Float64s, center: float) -> bool:
    """Return whether of several minutes a single one makes the difference."""
    told = np.flatnonzero(under > 0)
    if len(told) < _FEWEST_TOLD:
        return False
    off = over[told] - center * under[told]
    rest = np.delete(np.arange(len(told)), np.argmax(np.abs(off)))
    whole, without = off.sum() / under[told].sum(), off[rest].sum() / under[told[rest]].sum()
    return bool(without / whole < _LASTING_SHARE) if whole else True
