"""The pairs of a block: confirmed over the control plane, ageing in the banks at both ends, purified where poor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, Block
from hwsim.devices.link.attempts import Attempts
from hwsim.devices.link.optics import Piece
from hwsim.physics.bell_diagonal import PHI_PLUS
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
    """T1 and T2 of both ends during a block, looked up every 20 s."""

    def __init__(self, banks: Sequence[Bank], block: Block) -> None:
        times_ns = block.start_ns + SECOND_NS * np.arange(_GRID_S // 2, BLOCK_S, _GRID_S)
        (t1_a, t2_a), (t1_b, t2_b) = (bank.at(times_ns) for bank in banks)
        self._t1_s, self._t2_s = (t1_a, t1_b), (t2_a, t2_b)

    def age(self, pairs: PairState, at_s: Float64s, wait_s: Float64s) -> PairState:
        """Return the pairs after they waited, from moments in seconds since the block's start."""
        cell = np.minimum(at_s // _GRID_S, BLOCK_S // _GRID_S - 1).astype(np.int64)
        (t1_a, t1_b), (t2_a, t2_b) = self._t1_s, self._t2_s
        return pairs.after(wait_s, t1_s=(t1_a[cell], t1_b[cell]), t2_s=(t2_a[cell], t2_b[cell]))

    def coherence_s(self, at_s: Float64s) -> Float64s:
        """Return 1/(1/T2a + 1/T2b), the coherence time of a pair, at each moment."""
        cell = np.clip(at_s // _GRID_S, 0, BLOCK_S // _GRID_S - 1).astype(np.int64)
        return 1 / (1 / self._t2_s[0][cell] + 1 / self._t2_s[1][cell])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Pairs in order of time: when they stand at the ends, their states, and what the controller thinks of them."""

    ready_s: Float64s
    state: PairState
    estimate: Float64s

    def select(self, which: Int64s | Bools) -> "Pairs":
        """Return some of them."""
        return Pairs(ready_s=self.ready_s[which], state=pick(self.state, which), estimate=self.estimate[which])


def pick(state: PairState, which: Int64s | Bools) -> PairState:
    """Return some of many states."""
    return PairState(
        populations=state.populations[which],
        psi_coherence=state.psi_coherence[which],
        phi_coherence=state.phi_coherence[which],
    )


def heralded_pairs(
    attempts: Attempts, pieces: Sequence[Piece], ends: Ends, latency_s: Float64s, errors: Float64s
) -> Pairs:
    """Return the confirmed pairs; `latency_s` is how long their qubits idled since the emission, `errors` those of
    the controller's fidelity estimates."""
    of = attempts.piece
    fresh = PairState(
        populations=np.stack([piece.heralding.pair.populations for piece in pieces])[of],
        psi_coherence=np.array([float(piece.heralding.pair.psi_coherence) for piece in pieces])[of],
        phi_coherence=np.zeros(len(of)),
    )
    state = ends.age(fresh, attempts.moments_s, latency_s)
    estimate = np.clip(state.fidelity() + errors, 0.0, 1.0)
    ready_s = attempts.moments_s + latency_s
    order = np.argsort(ready_s)
    return Pairs(ready_s=ready_s, state=state, estimate=estimate).select(order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purification:
    """The pairs that are left, and how many rounds agreed and failed in each second."""

    pairs: Pairs
    agreed_s: Float64s
    failed_s: Float64s


def purify(
    pairs: Pairs, below: Float64s, rounds: Float64s, rng: np.random.Generator, errors: Callable[[int], Float64s]
) -> Purification:
    """Pump pairs whose estimated fidelity lies under `below` with the pairs that follow, at most `rounds` times.

    Each round (DEJMPS 1996) spends the next pair; where the ends disagree, both are lost.
    """
    poor = pairs.estimate < below
    if not poor.any():
        return Purification(pairs=pairs, agreed_s=np.empty(0), failed_s=np.empty(0))
    pump = _Pump(pairs, rng.random(len(poor)), errors(len(poor)))
    kept = pump.run(np.flatnonzero(poor).tolist(), below.tolist(), rounds.tolist())
    return Purification(
        pairs=pump.improved().select(kept),
        agreed_s=pairs.ready_s[pump.agreed],
        failed_s=pairs.ready_s[pump.failed],
    )


class _Pump:
    """Goes through the poor pairs in order of time."""

    def __init__(self, pairs: Pairs, luck: Float64s, errors: Float64s) -> None:
        self._pairs = pairs
        self._luck, self._errors = luck.tolist(), errors.tolist()
        self._estimates = pairs.estimate.tolist()
        self._raw = pairs.state.bell_vector()[:, _TARGET_FIRST].mean(axis=0)
        self._ladder: list[tuple[float, Float64s]] = [(1.0, self._raw)]
        self._pumped: dict[int, int] = {}
        self.agreed: list[int] = []
        self.failed: list[int] = []

    def run(self, poor: list[int], below: list[float], rounds: list[float]) -> Bools:
        """Return which pairs are kept; those that were pumped stand where their last partner stood."""
        kept = np.ones(len(self._estimates), dtype=np.bool_)
        free = 0
        for first in poor:
            if first < free:
                continue
            last, step, estimate = first, 0, self._estimates[first]
            while estimate < below[first] and step < rounds[first] and last + 1 < len(kept):
                kept[last] = False
                last, step = last + 1, step + 1
                chance, vector = self._step(step)
                if self._luck[last] > chance:
                    self.failed.append(last)
                    kept[last] = False
                    break
                self.agreed.append(last)
                self._pumped[last] = step
                estimate = vector[PHI_PLUS] + self._errors[last]
            free = last + 1
        return kept

    def improved(self) -> Pairs:
        """Return all pairs, with the states and estimates of the pumped ones."""
        state, estimate = self._pairs.state, self._pairs.estimate.copy()
        populations, psi = state.populations.copy(), state.psi_coherence.copy()
        for index, step in self._pumped.items():
            phi_plus, psi_minus, psi_plus, phi_minus = self._ladder[step][1]
            same, other = (phi_plus + phi_minus) / 2, (psi_plus + psi_minus) / 2
            populations[index] = (other, same, same, other)
            psi[index] = (phi_plus - phi_minus) / 2
            estimate[index] = np.clip(phi_plus + self._errors[index], 0.0, 1.0)
        state = PairState(populations=populations, psi_coherence=psi, phi_coherence=state.phi_coherence)
        return Pairs(ready_s=self._pairs.ready_s, state=state, estimate=estimate)

    def _step(self, number: int) -> tuple[float, Float64s]:
        """Return the chance of a round and the mean pair it leaves, target first."""
        while len(self._ladder) <= number:
            result = dejmps(self._ladder[-1][1], self._raw)
            self._ladder.append((float(result.probability), result.pair))
        return self._ladder[number]
