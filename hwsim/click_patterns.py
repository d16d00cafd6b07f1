"""What the two detectors of a midpoint station see in one attempt, click by click.

All outcomes of an attempt are enumerated once per protocol: which node emits when, which photons survive, to
which detector they go, which gates hold a dark count. Summing over the heralded outcomes gives exactly the
probability of the closed forms in `physics.heralding`; keeping them apart lets a device draw its heralds and
its detector counts together, from one multinomial.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from hwsim.physics.arrays import Floats, Real, unwrap
from hwsim.physics.photonics import coincidence_probability

DETECTORS = ("d0", "d1")


class Protocol(StrEnum):
    """How an attempt is heralded. Down-conversion at both nodes (`spdc`) is heralded by a single click, too."""

    TWO_CLICK = "two_click"
    SINGLE_CLICK = "single_click"
    SPDC = "spdc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """The distinguishable results of an attempt; rows of `clicks` are (signal d0, d1, dark d0, d1).

    The last axis of `probability` is the result.
    """

    probability: NDArray[np.float64]
    heralded: NDArray[np.bool_]
    clicks: NDArray[np.int64]

    @property
    def herald_probability(self) -> Real:
        """Return the chance that an attempt is heralded."""
        chance: Real = unwrap(self.probability[..., self.heralded].sum(axis=-1))
        return chance


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """One way an attempt can go. Indices say which factor each part of it contributes."""

    bright: int  # nodes in the bright state (single click only)
    survives: tuple[int | None, int | None]  # per node: 1 detected, 0 lost, None nothing emitted
    meeting: int  # 0: photons do not meet, 1: they leave together, 2: they part
    routes: float  # chance of this choice of detectors
    darks: int
    result: tuple[bool, int, int, int, int]


def build_patterns(
    protocol: Protocol,
    *,
    eta_a: Real,
    eta_b: Real,
    visibility: Real,
    dark: Real,
    bright: float = 0.5,
    number_resolving: bool = False,
) -> Patterns:
    """Return the probability of every distinguishable result of one attempt; arguments that are arrays broadcast.

    With `number_resolving` detectors the clicks are photons and dark counts, and two at one detector herald nothing.
    """
    table = _table(protocol, number_resolving)
    apart = coincidence_probability(np.asarray(visibility))
    emission = (
        np.full(3, 0.25)
        if protocol is Protocol.TWO_CLICK
        else np.array([(1 - bright) ** 2, bright * (1 - bright), bright**2])
    )
    spoiled = np.asarray(dark)[..., None]
    darks = np.arange(table.gates + 1)
    noise = spoiled**darks * (1 - spoiled) ** (table.gates - darks)
    weights = (
        emission[table.bright]
        * _columns(1 - eta_a, eta_a, 1.0)[..., table.photon_a]
        * _columns(1 - eta_b, eta_b, 1.0)[..., table.photon_b]
        * _columns(1.0, 1 - apart, apart)[..., table.meeting]
        * table.routes
        * noise[..., table.darks]
    )
    probability = weights @ table.shows
    probability /= probability.sum(axis=-1, keepdims=True)
    return Patterns(probability=probability, heralded=table.heralded, clicks=table.clicks)


def _columns(*chances: Real) -> Floats:
    """Return the chances side by side in a last axis of their own."""
    return np.stack(np.broadcast_arrays(*chances), axis=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """The outcomes of a protocol as columns, and which distinguishable result each `shows`: (outcomes, results)."""

    gates: int
    bright: NDArray[np.int64]
    photon_a: NDArray[np.int64]
    photon_b: NDArray[np.int64]
    meeting: NDArray[np.int64]
    routes: NDArray[np.float64]
    darks: NDArray[np.int64]
    shows: NDArray[np.float64]
    heralded: NDArray[np.bool_]
    clicks: NDArray[np.int64]


@cache
def _table(protocol: Protocol, number_resolving: bool) -> _Table:
    rounds = 2 if protocol is Protocol.TWO_CLICK else 1
    outcomes = list(_outcomes(protocol, rounds, number_resolving))
    results = sorted({outcome.result for outcome in outcomes})
    return _Table(
        gates=2 * rounds,
        bright=np.array([o.bright for o in outcomes]),
        photon_a=np.array([2 if o.survives[0] is None else o.survives[0] for o in outcomes]),
        photon_b=np.array([2 if o.survives[1] is None else o.survives[1] for o in outcomes]),
        meeting=np.array([o.meeting for o in outcomes]),
        routes=np.array([o.routes for o in outcomes]),
        darks=np.array([o.darks for o in outcomes]),
        shows=np.array([[float(o.result == result) for result in results] for o in outcomes]),
        heralded=np.array([result[0] for result in results]),
        clicks=np.array([result[1:] for result in results]),
    )


def _outcomes(protocol: Protocol, rounds: int, number_resolving: bool) -> Iterator[_Outcome]:
    """Yield every outcome. A node emits in round 0 or 1 (two clicks, spin flip between), or not at all."""
    choices: tuple[int | None, ...] = (0, 1) if protocol is Protocol.TWO_CLICK else (0, None)
    for rounds_ab in product(choices, repeat=2):
        survivals = [(None,) if when is None else (0, 1) for when in rounds_ab]
        for survives in product(*survivals):
            arrived = [when for when, alive in zip(rounds_ab, survives, strict=True) if alive]
            for meeting, routes, cells in _routes([when for when in arrived if when is not None]):
                for dark in product((False, True), repeat=2 * rounds):
                    yield _Outcome(
                        bright=sum(when is not None for when in rounds_ab),
                        survives=(survives[0], survives[1]),
                        meeting=meeting,
                        routes=routes,
                        darks=sum(dark),
                        result=_result(cells, dark, rounds, number_resolving),
                    )


def _routes(arrived: list[int]) -> Iterator[tuple[int, float, list[tuple[int, int]]]]:
    """Yield (meeting, chance, cell of each photon); a cell is (round, detector)."""
    if len(arrived) == 2 and arrived[0] == arrived[1]:
        yield from ((1, 0.5, [(arrived[0], detector)] * 2) for detector in (0, 1))
        yield 2, 1.0, [(arrived[0], 0), (arrived[0], 1)]
        return
    for detectors in product((0, 1), repeat=len(arrived)):
        yield 0, 0.5 ** len(arrived), list(zip(arrived, detectors, strict=True))


def _result(
    photons: list[tuple[int, int]], dark: tuple[bool, ...], rounds: int, number_resolving: bool
) -> tuple[bool, int, int, int, int]:
    """Return (heralded, signal d0, signal d1, dark d0, dark d1).

    A threshold detector clicks once per round: a photon's click hides a second photon and a dark count.
    """
    darks = [(gate // 2, gate % 2) for gate, is_dark in enumerate(dark) if is_dark]
    if not number_resolving:
        photons = sorted(set(photons))
        darks = [cell for cell in darks if cell not in photons]
    heralded = all(sum(cell[0] == number for cell in photons + darks) == 1 for number in range(rounds))
    signal = [sum(cell[1] == detector for cell in photons) for detector in (0, 1)]
    noise = [sum(cell[1] == detector for cell in darks) for detector in (0, 1)]
    return heralded, signal[0], signal[1], noise[0], noise[1]
