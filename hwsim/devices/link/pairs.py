"""The pairs of a block: confirmed over the control plane, ageing in the banks at both ends, purified where poor."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, Block, Interval
from hwsim.devices.link.optics import Pieces
from hwsim.physics.bell_diagonal import PHI_MINUS, PHI_PLUS, PSI_MINUS, PSI_PLUS
from hwsim.physics.purification import dejmps
from hwsim.physics.waiting import PairState
from model.clock import SECOND_NS

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]

_GRID_S: Final = 20
_TARGET_FIRST: Final = (2, 3, 0, 1)
"""The Bell vector after a bit flip on one qubit: heralds announce Psi+, purification aims at Phi+."""


class Bank(Protocol):
    """What a link asks of the memory bank at its end."""

    def at(self, times_ns: Int64s) -> tuple[Float64s, Float64s]:
        """Return T1 and T2 in seconds at each time."""
        ...


class Ends:
    """T1 and T2 of both ends during a block, looked up every 20 s; moments are seconds since its start."""

    def __init__(self, lifetimes_s: Float64s, start_s: int = 0) -> None:
        same = bool((lifetimes_s == lifetimes_s[:, :1]).all())
        self._lifetimes_s = lifetimes_s[:, :1] if same else lifetimes_s
        self._start_s = start_s

    @classmethod
    def of_block(cls, banks: Sequence[Bank], block: Block) -> "Ends":
        """Ask the banks."""
        times_ns = block.start_ns + SECOND_NS * np.arange(_GRID_S // 2, BLOCK_S, _GRID_S)
        return cls(np.concatenate([bank.at(times_ns) for bank in banks]))

    def during(self, interval: Interval) -> "Ends":
        """Return the same for moments of one interval, in which they are constant as a rule: that is much faster."""
        cells = slice(interval.start_s // _GRID_S, interval.end_s // _GRID_S)
        same = self._lifetimes_s.shape[1] == 1
        return self if same else Ends(self._lifetimes_s[:, cells], interval.start_s)

    def age(self, pairs: PairState, at_s: Float64s, wait_s: Float64s) -> PairState:
        """Return the pairs after they waited around these moments."""
        t1_a, t2_a, t1_b, t2_b = self._at(at_s)
        return pairs.after(wait_s, t1_s=(t1_a, t1_b), t2_s=(t2_a, t2_b))

    def coherence_s(self, at_s: Float64s) -> Float64s:
        """Return 1/(1/T2a + 1/T2b), the coherence time of a pair, at each moment or, if all are the same, once."""
        _, t2_a, _, t2_b = self._at(at_s)
        return np.asarray(1 / (1 / t2_a + 1 / t2_b))

    def _at(self, at_s: Float64s) -> Float64s:
        cells = self._lifetimes_s.shape[1]
        if cells == 1:
            return self._lifetimes_s
        cell = np.clip(((at_s - self._start_s) / _GRID_S).astype(np.int64), 0, cells - 1)
        return self._lifetimes_s.take(cell, axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Pairs in order of time: when they stand at the ends, how long they have idled, and what they are estimated at.

    `origins` are the states that pairs can have started from, `origin` says which of them each pair had.
    """

    ready_s: Float64s
    idle_s: Float64s
    estimate: Float64s
    origin: Int64s
    origins: PairState

    def select(self, which: Int64s | Bools | slice) -> "Pairs":
        """Return some of them."""
        if isinstance(which, np.ndarray) and which.dtype == np.bool_:
            which = np.flatnonzero(which)  # once for all columns
        return Pairs(
            ready_s=self.ready_s[which],
            idle_s=self.idle_s[which],
            estimate=self.estimate[which],
            origin=self.origin[which],
            origins=self.origins,
        )


def age_together(parts: Sequence[tuple[Pairs, Float64s | float]], ends: Ends) -> list[PairState]:
    """Return the states of several groups of pairs, each after it idled for so much longer.

    One calculation for all, because most of what it costs does not depend on how many they are. The origins of the
    last group must hold those of the others.
    """
    at_s = np.concatenate([pairs.ready_s for pairs, _ in parts])
    idle_s = np.concatenate([pairs.idle_s + later_s for pairs, later_s in parts])
    origins = parts[-1][0].origins
    which = np.concatenate([pairs.origin for pairs, _ in parts])
    if (which == which[:1]).all():
        which = which[:1]
    started = PairState(
        populations=origins.populations.take(which, axis=0),
        psi_coherence=origins.psi_coherence[which],
        phi_coherence=np.zeros(()),
    )
    aged = ends.age(started, at_s, idle_s)
    edges = accumulate((len(pairs.ready_s) for pairs, _ in parts), initial=0)
    return [
        PairState(
            populations=aged.populations[start:stop],
            psi_coherence=aged.psi_coherence[start:stop],
            phi_coherence=aged.phi_coherence,
        )
        for start, stop in pairwise(edges)
    ]


def heralded_states(pieces: Pieces) -> PairState:
    """Return the states that heralds announce, one per piece of a block."""
    pair = pieces.station.heralding.pair
    return PairState(
        populations=pair.populations,
        psi_coherence=pair.psi_coherence,
        phi_coherence=np.zeros(len(pieces.lasts_s)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """When to purify: pairs estimated under `below`, at most `rounds` times; one value, or one per second."""

    below: float | Float64s
    rounds: float | Float64s

    def at(self, at_s: Float64s) -> tuple[Float64s, Float64s]:
        """Return both at moments in seconds since the block's start."""
        second = np.clip(np.ceil(at_s).astype(np.int64) - 1, 0, BLOCK_S - 1)
        below, rounds = (np.broadcast_to(np.asarray(v), BLOCK_S)[second] for v in (self.below, self.rounds))
        return below, rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Purification:
    """The pairs that are left, and the moments of the rounds that agreed and failed."""

    pairs: Pairs
    agreed_s: Float64s
    failed_s: Float64s


def purify(pairs: Pairs, policy: Policy, noise: float, rng: np.random.Generator) -> Purification:
    """Pump pairs of too low an estimate with the pairs that follow.

    Each round (DEJMPS 1996) spends the next pair; where the ends disagree, both are lost. `noise` is the standard
    error of an estimate.
    """
    if pairs.estimate.min(initial=1.0) >= np.max(policy.below):
        return Purification(pairs=pairs, agreed_s=np.empty(0), failed_s=np.empty(0))
    below, rounds = policy.at(pairs.ready_s)
    poor = np.flatnonzero(pairs.estimate < below)
    pump = _Pump(pairs, rng, noise)
    kept = pump.run(poor.tolist(), below, rounds)
    return Purification(
        pairs=pump.improved().select(kept),
        agreed_s=pairs.ready_s[pump.agreed],
        failed_s=pairs.ready_s[pump.failed],
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """A round of pumping: its place among all, its chance to agree, and the pair it leaves, target first."""

    place: int
    chance: float
    pair: Float64s


class _Pump:
    """Goes through the poor pairs in order of time."""

    def __init__(self, pairs: Pairs, rng: np.random.Generator, noise: float) -> None:
        self._pairs = pairs
        self._rng, self._noise = rng, noise
        self._raw = pairs.origins.bell_vector()[:, _TARGET_FIRST]
        self._ladders: dict[int, list[_Step]] = {}
        self._steps: list[_Step] = []
        self._pumped: dict[int, tuple[_Step, float]] = {}
        self.agreed: list[int] = []
        self.failed: list[int] = []

    def run(self, poor: list[int], below: Float64s, rounds: Float64s) -> Bools:
        """Return which pairs are kept; those that were pumped stand where their last partner stood."""
        kept = np.ones(len(below), dtype=np.bool_)
        free = 0
        for first in poor:
            if first >= free:
                free = self._pump(first, float(below[first]), float(rounds[first]), kept)
        return kept

    def improved(self) -> Pairs:
        """Return all pairs, with the origins and estimates of the pumped ones."""
        pairs, estimate, origin = self._pairs, self._pairs.estimate.copy(), self._pairs.origin.copy()
        known = len(pairs.origins.psi_coherence)
        for index, (step, value) in self._pumped.items():
            estimate[index], origin[index] = value, known + step.place
        return Pairs(
            ready_s=pairs.ready_s, idle_s=pairs.idle_s, estimate=estimate, origin=origin, origins=self._origins()
        )

    def _pump(self, first: int, below: float, rounds: float, kept: Bools) -> int:
        """Return the first pair after those that this one spent."""
        last, number, estimate = first, 0, -1.0
        origin = int(self._pairs.origin[first])
        while estimate < below and number < rounds and last + 1 < len(kept):
            kept[last] = False
            last, number = last + 1, number + 1
            step = self._step(origin, number)
            if self._rng.random() > step.chance:
                self.failed.append(last)
                kept[last] = False
                break
            self.agreed.append(last)
            estimate = min(max(float(step.pair[PHI_PLUS]) + self._noise * self._rng.standard_normal(), 0.0), 1.0)
            self._pumped[last] = (step, estimate)
        return last + 1

    def _step(self, origin: int, number: int) -> "_Step":
        """Return the round of that number, from 1, of pairs that come from one piece of a block."""
        ladder, raw = self._ladders.setdefault(origin, []), self._raw[origin]
        while len(ladder) < number:
            result = dejmps(ladder[-1].pair if ladder else raw, raw)
            ladder.append(_Step(len(self._steps), float(result.probability), result.pair))
            self._steps.append(ladder[-1])
        return ladder[number - 1]

    def _origins(self) -> PairState:
        """Return the states of heralds and, after them, of every step of the ladders."""
        old, steps = self._pairs.origins, [step.pair for step in self._steps]
        if not steps:
            return old
        same = np.array([(v[PHI_PLUS] + v[PHI_MINUS]) / 2 for v in steps])
        other = np.array([(v[PSI_PLUS] + v[PSI_MINUS]) / 2 for v in steps])
        contrast = np.array([(v[PHI_PLUS] - v[PHI_MINUS]) / 2 for v in steps])
        populations = np.column_stack([other, same, same, other])
        return PairState(
            populations=np.concatenate([old.populations, populations]),
            psi_coherence=np.concatenate([old.psi_coherence, contrast]),
            phi_coherence=np.zeros(len(old.psi_coherence) + len(steps)),
        )
