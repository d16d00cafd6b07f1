"""How long a qubit may be held before its fidelity has sunk to a floor."""

import numpy as np

from hwsim.physics.arrays import Floats

_NEWTON_STEPS = 60


def longest_hold_s(floor: float, t1_s: Floats, t2_s: Floats, operation_error: Floats | float) -> Floats:
    """Return the hold at which `retrieval_fidelity` meets the floor: 0 if it starts below, infinite for 1/2 or less.

    exp(-t/T1)/6 + exp(-t/T2)/3 falls and is convex, so Newton's steps from 0 come near from the left and never pass.
    T1 = 1.168 s and T2 = 85 ms with an error of 0.3 % keep 0.9 for 28.03 ms.
    """
    excess = np.broadcast_to((floor - 0.5) / np.maximum(1 - 2 * np.asarray(operation_error), 1e-12), np.shape(t1_s))
    if floor <= 0.5:
        return np.full(np.shape(t1_s), np.inf)
    hold_s = np.zeros(np.shape(t1_s))
    for _ in range(_NEWTON_STEPS):
        kept, coherent = np.exp(-hold_s / t1_s) / 6, np.exp(-hold_s / t2_s) / 3
        step_s = (kept + coherent - excess) / (kept / t1_s + coherent / t2_s)
        hold_s = np.maximum(hold_s + step_s, 0.0)
        if (np.abs(step_s) <= 1e-9 * (hold_s + 1e-30)).all():
            break
    return np.where(excess >= 0.5, 0.0, hold_s)
