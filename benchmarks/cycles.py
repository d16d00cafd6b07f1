"""Write-hold-read cycles of a memory bank on one core: the batched closed form, beside `qutip.mesolve` per event.

Every cycle has a state, a hold, lifetimes, a detuning and a temperature of its own, and the closed form takes them in
steps of ten thousand. The two roads are first held against each other to 1e-8 with tight tolerances; timed, QuTiP has
its own looser and faster ones.
"""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

import numpy as np

from benchmarks.results import Figure, Result
from benchmarks.rounds import time_in_turn
from hwsim.channels import TIGHT, lindblad_solution
from hwsim.physics.arrays import Complexes
from hwsim.physics.cycles import density_matrices, write_hold_read

_CYCLES = 1_000_000
_STEP = 10_000
_SOLVED = 40
_AGREEMENT = 1e-8


class _Bank:
    """A million cycles, drawn once."""

    def __init__(self, size: int) -> None:
        rng = np.random.default_rng(seed=1)
        directions = rng.normal(size=(size, 3))
        self.states = density_matrices(directions / np.linalg.norm(directions, axis=1, keepdims=True))
        self.t1_s = rng.uniform(0.5, 2.0, size)
        self.t2_s = self.t1_s * rng.uniform(0.1, 2.0, size)
        self.hold_s = rng.exponential(0.1, size)
        self.thermal = rng.uniform(0.0, 0.1, size)
        self.detuning_rad_per_s = rng.normal(0.0, 10.0, size)

    def evaluate(self, first: int, last: int) -> Complexes:
        return write_hold_read(
            self.states[first:last],
            hold_s=self.hold_s[first:last],
            t1_s=self.t1_s[first:last],
            t2_s=self.t2_s[first:last],
            thermal=self.thermal[first:last],
            detuning_rad_per_s=self.detuning_rad_per_s[first:last],
        )

    def solve(self, number: int, options: Mapping[str, Any]) -> Complexes:
        return lindblad_solution(
            self.states[number],
            hold_s=self.hold_s[number],
            t1_s=self.t1_s[number],
            t2_s=self.t2_s[number],
            thermal=self.thermal[number],
            detuning_rad_per_s=self.detuning_rad_per_s[number],
            options=options,
        )

    def run(self) -> None:
        for first in range(0, _CYCLES, _STEP):
            self.evaluate(first, first + _STEP)

    def run_in_qutip(self) -> None:
        for number in range(_SOLVED):
            self.solve(number, {})


def measure_cycles() -> Iterator[Result]:
    bank = _Bank(_CYCLES)
    solved = np.array([bank.solve(number, TIGHT) for number in range(_SOLVED)])
    apart = np.abs(bank.evaluate(0, _SOLVED) - solved).max()
    if apart > _AGREEMENT:
        raise AssertionError(f"the closed form and QuTiP are {apart:.1e} apart")
    closed_s, solved_s = time_in_turn(bank.run, bank.run_in_qutip, rounds=3)
    yield Result(
        name="write-hold-read",
        value=_CYCLES / closed_s,
        unit="cycles/s",
        beside=Figure(f"QuTiP {version('qutip')} mesolve per event", _SOLVED / solved_s),
    )
