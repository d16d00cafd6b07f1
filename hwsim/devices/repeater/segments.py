"""Pairs over one stretch of the chain, as Bell-diagonal vectors with Phi+ first, and how they come about.

A link gives pairs in the share of its attempts that the chain uses. Stored pairs dephase, may be purified two by two,
and meet at a node: the freshest pairs of both sides that are not past the cut-off are swapped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, Block, interval_of
from hwsim.devices.link.optics import Optics
from hwsim.devices.repeater.preset import BBPSSW
from hwsim.physics.bell_diagonal import PHI_PLUS
from hwsim.physics.purification import bbpssw, dejmps

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]

_TARGET_FIRST = (2, 3, 0, 1)  # heralds announce Psi+; a bit flip makes it Phi+
_PHASE_FLIPPED = (3, 2, 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Pairs in order of time: when they are ready, in seconds since the block's start, and their vectors (n, 4)."""

    ready_s: Float64s
    bell: Float64s

    def select(self, which: Int64s | slice) -> "Segment":
        """Return some of them."""
        if isinstance(which, slice):
            return Segment(ready_s=self.ready_s[which], bell=self.bell[which])
        return Segment(ready_s=self.ready_s[which], bell=self.bell.take(which, axis=0))

    def stored(self, which: Int64s, until_s: Float64s, t2_s: float | Float64s) -> Float64s:
        """Return the vectors of some pairs after both their qubits dephased until then."""
        flipped = (1 - np.exp(-2 * (until_s - self.ready_s[which]) / t2_s))[:, None] / 2
        bell = self.bell.take(which, axis=0)
        return np.asarray((1 - flipped) * bell + flipped * bell[:, _PHASE_FLIPPED])


def join(parts: Sequence[Segment]) -> Segment:
    """Return them one after the other."""
    return Segment(
        ready_s=np.concatenate([part.ready_s for part in parts]), bell=np.concatenate([part.bell for part in parts])
    )


def empty_segment() -> Segment:
    """Return no pairs."""
    return Segment(ready_s=np.empty(0), bell=np.empty((0, 4)))


def supply(optics: Optics, block: Block, share: float, rng: np.random.Generator) -> Segment:
    """Return the pairs that a link gives to the chain in a block."""
    pieces = optics.pieces(block)
    heralding = pieces.station.heralding
    attempts = (optics.attempts_hz * share * pieces.lasts_s).astype(np.int64)
    pairs = rng.binomial(attempts, heralding.probability)
    piece = np.repeat(np.arange(len(pairs)), pairs)
    within_s = rng.random(len(piece)) * pieces.lasts_s[piece]
    ready_s = np.sort(pieces.edges[piece] + within_s) + optics.flight_s  # pieces stay in order
    return Segment(ready_s=ready_s, bell=heralding.pair.bell_vector()[:, _TARGET_FIRST].take(piece, axis=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Purified:
    """The pairs that are left of a segment, and when rounds agreed or not."""

    segment: Segment
    agreed_s: Float64s
    failed_s: Float64s


def purify(segment: Segment, protocol: str, t2_s: float | Float64s, rng: np.random.Generator) -> Purified:
    """Purify a segment's pairs two by two, each with the next one."""
    first = np.arange(0, len(segment.ready_s) - 1, 2)
    at_s = segment.ready_s[first + 1]
    kept, spent = segment.stored(first, at_s, t2_s), segment.bell[first + 1]
    rounds = bbpssw(kept[:, PHI_PLUS], spent[:, PHI_PLUS]) if protocol == BBPSSW else dejmps(kept, spent)
    agreed = rng.random(len(first)) < rounds.probability
    return Purified(
        segment=Segment(ready_s=at_s[agreed], bell=rounds.pair[agreed]),
        agreed_s=at_s[agreed],
        failed_s=at_s[~agreed],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Which pairs met at a node and when, which still wait on either side, and when waiting pairs were given up.

    `held` is the number of pairs in the node's memories in each second.
    """

    left: Int64s
    right: Int64s
    at_s: Float64s
    waiting: tuple[Int64s, Int64s]
    given_up_s: Float64s
    held: Float64s


def meet(left_s: Float64s, right_s: Float64s, *, memories: Int64s, cutoff_s: float) -> Meeting:
    """Bring the pairs of both sides together as they come; a full side gives up its oldest pair.

    `memories` are those of a side in each interval.
    """
    arrivals_s = np.concatenate([left_s, right_s])
    order = np.argsort(arrivals_s, kind="stable")
    number = len(left_s)
    sorted_s = arrivals_s[order]
    met, left_over, given_up_s = _wait(
        sorted_s, order < number, memories[interval_of(_second(sorted_s))], cutoff_s=cutoff_s
    )
    at_s = sorted_s[met[:, 1]]
    pairs, still = np.sort(order[met], axis=1), order[left_over]
    gone_s = np.concatenate([at_s, at_s, given_up_s])
    return Meeting(
        left=pairs[:, 0],
        right=pairs[:, 1] - number,
        at_s=at_s,
        waiting=(still[still < number], still[still >= number] - number),
        given_up_s=given_up_s,
        held=np.cumsum(_per_second(arrivals_s) - _per_second(gone_s)),
    )


def _wait(
    sorted_s: Float64s, is_left: Bools, memories: Int64s, *, cutoff_s: float
) -> tuple[Int64s, Int64s, Float64s]:
    """Return who met whom, in rows, who still waits, and when waiting pairs were given up.

    Pairs are numbered as they arrive. Those that wait are of one side: with one of the other they would have met.
    """
    arrived, expired = sorted_s.tolist(), (sorted_s - cutoff_s).tolist()
    waiting: list[int] = []
    earlier: list[int] = []
    later: list[int] = []
    given_up: list[float] = []
    waits = True
    columns = zip(is_left.tolist(), expired, memories.tolist(), strict=True)
    for index, (side, expired_s, most) in enumerate(columns):
        while waiting and arrived[waiting[0]] < expired_s:
            given_up.append(arrived[waiting.pop(0)] + cutoff_s)
        if waiting and side is not waits:
            earlier.append(waiting.pop())
            later.append(index)
            continue
        waits = side
        if len(waiting) >= most:
            del waiting[0]
            given_up.append(arrived[index])
        waiting.append(index)
    met = np.array([earlier, later], dtype=np.int64).T
    return met, np.array(waiting, dtype=np.int64), np.array(given_up)


def _per_second(moments_s: Float64s) -> Float64s:
    return np.bincount(_second(moments_s), minlength=BLOCK_S).astype(np.float64)


def _second(moments_s: Float64s) -> Int64s:
    return np.clip(np.ceil(moments_s).astype(np.int64) - 1, 0, BLOCK_S - 1)
