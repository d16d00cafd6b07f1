"""The attempts of a block, second by second: heralds and detector clicks that agree to the last count.

What an attempt can show is one categorical variable (`click_patterns`). Results that are rare are laid on single
attempts, drawn without replacement; the frequent ones are one multinomial per second over the attempts that are
left. Together that is exactly one draw per attempt, for the price of some thousand draws a block.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S
from hwsim.devices.link.optics import Piece

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]

_FREQUENT = 6000  # expected results of a kind in a piece from which they are drawn by second, not one by one


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


def run_attempts(pieces: Sequence[Piece], number: Int64s, *, limit_hz: float, rng: np.random.Generator) -> Attempts:
    """Return what comes of the attempts of a block."""
    heralds, clicks = np.zeros(BLOCK_S, dtype=np.int64), np.zeros((4, BLOCK_S), dtype=np.int64)
    moments = []
    for piece in pieces:
        span = slice(piece.start, piece.stop)
        heralds[span], clicks[:, span], moments_s = _run_piece(piece, number[span], limit_hz, rng)
        moments.append(piece.start + moments_s)
    moments_s = np.sort(np.concatenate(moments))
    moments_s = moments_s[first_of_second(moments_s, limit_hz)]
    starts = [piece.start for piece in pieces[1:]]
    return Attempts(
        number=number,
        heralds=heralds,
        clicks=clicks,
        moments_s=moments_s,
        piece=np.searchsorted(starts, moments_s, side="right") if starts else np.zeros(len(moments_s), np.int64),
    )


def _run_piece(
    piece: Piece, number: Int64s, limit_hz: float, rng: np.random.Generator
) -> tuple[Int64s, Int64s, Float64s]:
    patterns, seconds = piece.patterns, len(number)
    before = np.concatenate([[0], np.cumsum(number)])
    often = patterns.probability * before[-1] > _FREQUENT
    often[np.argmax(patterns.probability)] = True
    row, attempt = _lay_out(patterns.probability[~often], int(before[-1]), rng)
    second = np.searchsorted(before, attempt, side="right") - 1
    left = number - np.bincount(second, minlength=seconds)
    frequent = _split(left, patterns.probability[often], rng)
    clicks = (frequent @ patterns.clicks[often]).T
    for detector, of_row in enumerate(patterns.clicks[~often].T):
        clicks[detector] += np.bincount(second, weights=of_row[row], minlength=seconds).astype(np.int64)
    lucky = patterns.heralded[~often][row]
    many = frequent[:, patterns.heralded[often]].sum(axis=1)
    heralds = np.bincount(second[lucky], minlength=seconds) + many
    within = (attempt[lucky] - before[second[lucky]] + 1) / number[second[lucky]]
    confirmed = np.repeat(np.arange(seconds), np.minimum(many, int(limit_hz)))
    moments_s = np.concatenate([second[lucky] + within, confirmed + 1 - rng.random(len(confirmed))])
    return heralds, clicks, moments_s


def _split(attempts: Int64s, weights: Float64s, rng: np.random.Generator) -> Int64s:
    """Return a multinomial per second, shape (seconds, kinds): one binomial after the other, as numpy is slower."""
    columns, left = [], attempts
    for number, weight in enumerate(weights[:-1]):
        columns.append(rng.binomial(left, min(weight / weights[number:].sum(), 1.0)))
        left = left - columns[-1]
    return np.column_stack([*columns, left])


def _lay_out(probability: Float64s, attempts: int, rng: np.random.Generator) -> tuple[Int64s, Int64s]:
    """Return (row, attempt) of every rare result; no attempt shows two."""
    counts = rng.multinomial(attempts, np.append(probability, max(1 - probability.sum(), 0.0)))[:-1]
    where = rng.choice(attempts, size=int(counts.sum()), replace=False)
    return np.repeat(np.arange(len(counts)), counts), where


def first_of_second(moments_s: Float64s, limit: float) -> Bools:
    """Return which of the sorted moments are among the first of their second, up to the limit."""
    ends = np.searchsorted(moments_s, np.arange(1.0, BLOCK_S + 1), side="right")
    starts = np.concatenate([[0], ends[:-1]])
    rank = np.arange(len(moments_s)) - np.repeat(starts, ends - starts)
    return np.asarray(rank < limit)
