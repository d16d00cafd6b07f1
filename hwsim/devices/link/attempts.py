"""The attempts of a block, second by second: heralds and detector clicks that agree to the last count.

What an attempt can show is one categorical variable (`click_patterns`). Results that are rare are laid on single
attempts, drawn without replacement; the frequent ones are one multinomial per second over the attempts that are
left. Together that is exactly one draw per attempt, for the price of some thousand draws an hour.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S
from hwsim.devices.link.optics import Pieces

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]

_FREQUENT_HZ = 1  # results of a kind from which on they are drawn by second, not one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """Counts per second (clicks in four rows: signal d0, d1, dark d0, d1), and when confirmed heralds fell.

    `moments_s` are sorted, at most the limit of each second; `piece` tells whose optics a herald had.
    """

    number: Int64s
    heralds: Int64s
    clicks: Int64s
    moments_s: Float64s
    piece: Int64s


def attempts_per_second(attempts_hz: float, block_index: int) -> Int64s:
    """Return how many attempts end in each second of a block; they follow one another on one clock."""
    phase = block_index * BLOCK_S * attempts_hz % 1.0
    ended = np.floor(phase + attempts_hz * np.arange(BLOCK_S + 1)).astype(np.int64)
    return np.asarray(np.diff(ended))


def run_attempts(pieces: Pieces, number: Int64s, *, limit_hz: float, rng: np.random.Generator) -> Attempts:
    """Return what comes of the attempts of a block."""
    patterns, which = pieces.station.patterns, np.repeat(np.arange(len(pieces.lasts_s)), pieces.lasts_s)
    before = np.concatenate([[0], np.cumsum(number)])
    often = patterns.probability.max(axis=0) * number.mean() > _FREQUENT_HZ
    often[np.argmax(patterns.probability.mean(axis=0))] = True
    row, attempt = _lay_out(patterns.probability[:, ~often], before[pieces.edges], rng)
    second = np.searchsorted(before, attempt, side="right") - 1
    left = number - np.bincount(second, minlength=BLOCK_S)
    frequent = _split(left, patterns.probability[:, often], which, rng)
    clicks = (frequent @ patterns.clicks[often]).T
    for detector, of_row in enumerate(patterns.clicks[~often].T):
        clicks[detector] += np.bincount(second, weights=of_row[row], minlength=BLOCK_S).astype(np.int64)
    lucky = patterns.heralded[~often][row]
    many = frequent[:, patterns.heralded[often]].sum(axis=1)
    within = (attempt[lucky] - before[second[lucky]] + 1) / number[second[lucky]]
    confirmed = np.repeat(np.arange(BLOCK_S), np.minimum(many, int(limit_hz)))
    moments_s = np.sort(np.concatenate([second[lucky] + within, confirmed + 1 - rng.random(len(confirmed))]))
    moments_s = moments_s[first_of_second(moments_s, limit_hz)]
    return Attempts(
        number=number,
        heralds=np.bincount(second[lucky], minlength=BLOCK_S) + many,
        clicks=clicks,
        moments_s=moments_s,
        piece=_pieces_of(moments_s, pieces.edges),
    )


def _split(attempts: Int64s, weights: Float64s, which: Int64s, rng: np.random.Generator) -> Int64s:
    """Return a multinomial per second, shape (seconds, kinds): one binomial after the other, as numpy is slower.

    `weights` has a row per piece, `which` is the piece of each second.
    """
    rest = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1]
    chances = np.minimum(weights / rest, 1.0)
    columns, left = [], attempts
    for chance in chances[which, :-1].T:
        columns.append(rng.binomial(left, chance))
        left = left - columns[-1]
    return np.column_stack([*columns, left])


def _lay_out(probability: Float64s, edges: Int64s, rng: np.random.Generator) -> tuple[Int64s, Int64s]:
    """Return (row, attempt) of every rare result; no attempt shows two.

    `probability` has a row per piece; piece i is the attempts `edges[i]` to `edges[i + 1]`.
    """
    attempts, kinds = np.diff(edges), probability.shape[1]
    others = np.maximum(1 - probability.sum(axis=1), 0.0)[:, None]
    counts = rng.multinomial(attempts, np.concatenate([probability, others], axis=1))[:, :-1]
    sizes = zip(edges.tolist(), attempts.tolist(), counts.sum(axis=1).tolist(), strict=False)
    where = [first + rng.choice(among, size=size, replace=False) for first, among, size in sizes]
    return np.repeat(np.tile(np.arange(kinds), len(attempts)), counts.ravel()), np.concatenate(where)


def _pieces_of(moments_s: Float64s, edges: Int64s) -> Int64s:
    """Return the piece in which each of the sorted moments lies."""
    cuts = np.searchsorted(moments_s, edges[1:-1])
    return np.repeat(np.arange(len(cuts) + 1), np.diff(cuts, prepend=0, append=len(moments_s)))


def first_of_second(moments_s: Float64s, limit: float) -> Int64s:
    """Return the places of those of the sorted moments that are among the first of their second, up to the limit."""
    ends = np.searchsorted(moments_s, np.arange(1.0, BLOCK_S + 1), side="right")
    starts = np.concatenate([[0], ends[:-1]])
    kept = np.minimum(ends - starts, ceil(limit))
    return np.asarray(np.arange(kept.sum()) + np.repeat(starts - np.cumsum(kept) + kept, kept))
