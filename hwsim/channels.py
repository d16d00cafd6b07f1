"""The idling channel as QuTiP builds it: the oracle of the closed forms, and a cached 4x4 matrix for callers.

This is the only module that imports qutip. The event loop never calls it: closed forms give the same numbers
a thousand times faster. Ground state is `basis(2, 0)`; QuTiP's `sigmam` would excite it, `destroy(2)` does not.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np
import qutip
from numpy.typing import NDArray

from hwsim.physics.idle import pure_dephasing_time
from model.errors import InvalidInputError

Matrix = NDArray[np.complex128]

TIGHT: Final[Mapping[str, Any]] = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 100_000}
"""Options with which `qutip.mesolve` is right to 1e-9; its own tolerances leave 1e-7."""


def _jumps(t1_s: float, t2_s: float, thermal: float) -> list[qutip.Qobj]:
    if not 0 < t2_s <= 2 * t1_s:
        raise InvalidInputError(
            f"T2 = {t2_s} s does not lie between 0 and 2 T1 = {2 * t1_s} s", remedy="correct the lifetimes"
        )
    lower = qutip.destroy(2)
    dephasing_hz = 1 / pure_dephasing_time(t1_s, t2_s)
    return [
        np.sqrt((1 - thermal) / t1_s) * lower,
        np.sqrt(thermal / t1_s) * lower.dag(),
        np.sqrt(dephasing_hz / 2) * qutip.sigmaz(),
    ]


def idle_channel(hold_s: float, t1_s: float, t2_s: float, thermal: float = 0.0) -> qutip.Qobj:
    """Return the superoperator of amplitude damping and dephasing for `hold_s` (Lindblad 1976).

    Raises InvalidInputError where T2 > 2 T1, which no channel has.
    """
    return (qutip.liouvillian(None, _jumps(t1_s, t2_s, thermal)) * hold_s).expm()


@lru_cache(maxsize=4096)
def idle_matrix(hold_s: float, t1_s: float, t2_s: float, thermal: float = 0.0) -> Matrix:
    """Return `idle_channel` as a read-only 4x4 matrix acting on column-stacked density matrices, cached."""
    matrix: Matrix = idle_channel(hold_s, t1_s, t2_s, thermal).full()
    matrix.setflags(write=False)
    return matrix


def apply_idle(state: Matrix, hold_s: float, t1_s: float, t2_s: float) -> Matrix:
    """Return the density matrix that is left of `state` after `hold_s`."""
    stacked = idle_matrix(hold_s, t1_s, t2_s) @ state.reshape(4, order="F")
    return stacked.reshape((2, 2), order="F")


def lindblad_solution(
    state: Matrix,
    *,
    hold_s: float,
    t1_s: float,
    t2_s: float,
    thermal: float,
    detuning_rad_per_s: float,
    options: Mapping[str, Any] = TIGHT,
) -> Matrix:
    """Return what `qutip.mesolve` makes of `state`, one call per event; no options are QuTiP's own tolerances."""
    excited = qutip.basis(2, 1)
    solution = qutip.mesolve(
        detuning_rad_per_s * excited.proj(),
        qutip.Qobj(state),
        [0.0, hold_s],
        _jumps(t1_s, t2_s, thermal),
        options=dict(options),
    )
    matrix: Matrix = solution.states[-1].full()
    return matrix


def channel_average_fidelity(hold_s: float, t1_s: float, t2_s: float) -> float:
    """Return QuTiP's average gate fidelity of the idling channel with doing nothing."""
    return float(qutip.average_gate_fidelity(idle_channel(hold_s, t1_s, t2_s)))
