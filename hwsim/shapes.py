"""How strongly a fault is at work over time: 0 for not at all, 1 for its full magnitude.

Every shape is a pure function of the moment and of the injection, random ones through hashed stretches of time, so
that any device at any site sees the same course at any step. Bursts and intermittent faults are 1 or 0.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from model.clock import SECOND_NS

Float64s = NDArray[np.float64]


class Form(StrEnum):
    """The courses that a fault can take while it lasts."""

    STEP = "step"  # all of it at once
    RAMP = "ramp"  # linearly over `over_s`, then all of it
    DRIFT = "drift"  # linearly without end, all of it after `over_s`
    BURST = "burst"  # `on_s` at the start of each `period_s`
    OSCILLATION = "oscillation"  # between nothing and all of it, once in `period_s`
    INTERMITTENT = "intermittent"  # in each `period_s`, `on_s` that begin at a random moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A form and its times in seconds; `fade_s` is the time constant with which the effect dies out at the end."""

    form: Form = Form.STEP
    over_s: float = 0.0
    period_s: float = 0.0
    on_s: float = 0.0
    fade_s: float = 0.0

    def level(self, times_ns: NDArray[np.int64], start_ns: int, end_ns: int | None, key: str) -> Float64s:
        """Return how much of the effect is at work at each moment; `key` tells injections apart."""
        elapsed_s = (times_ns - start_ns) / SECOND_NS
        if end_ns is None:
            return np.where(elapsed_s > 0, self._course(elapsed_s, key), 0.0)
        lasted_s = (end_ns - start_ns) / SECOND_NS
        level = np.where((elapsed_s > 0) & (elapsed_s <= lasted_s), self._course(elapsed_s, key), 0.0)
        if self.fade_s:
            left = self._course(np.array([lasted_s]), key)[0]
            level += np.where(elapsed_s > lasted_s, left * np.exp((lasted_s - elapsed_s) / self.fade_s), 0.0)
        return level

    def outlasts_ns(self) -> int:
        """Return for how long after the end something of the effect is left (to a part in a million)."""
        return round(self.fade_s * math.log(1e6) * SECOND_NS)

    def _course(self, elapsed_s: Float64s, key: str) -> Float64s:
        if self.form is Form.RAMP:
            return np.clip(elapsed_s / self.over_s, 0.0, 1.0)
        if self.form is Form.DRIFT:
            return elapsed_s / self.over_s
        if self.form is Form.BURST:
            return np.where(elapsed_s % self.period_s < self.on_s, 1.0, 0.0)
        if self.form is Form.OSCILLATION:
            return np.asarray((1 - np.cos(2 * math.pi * elapsed_s / self.period_s)) / 2)
        if self.form is Form.INTERMITTENT:
            return self._intermittent(elapsed_s, key)
        return np.ones_like(elapsed_s)

    def _intermittent(self, elapsed_s: Float64s, key: str) -> Float64s:
        stretch = np.floor(elapsed_s / self.period_s).astype(np.int64)
        distinct, back = np.unique(stretch, return_inverse=True)
        begins = [crc32(f"{key} {number}".encode()) / 2**32 for number in distinct.tolist()]
        begin_s = np.array(begins)[back] * (self.period_s - self.on_s)
        within_s = elapsed_s - stretch * self.period_s
        return np.where((within_s >= begin_s) & (within_s < begin_s + self.on_s), 1.0, 0.0)
