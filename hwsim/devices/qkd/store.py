"""The key store of a QKD pair: secret bits go in, keys of 256 bits go out, and keys in use are rotated."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.block import Block
from hwsim.devices.qkd.preset import QkdPreset
from model.clock import DAY_NS

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]

KEY_BITS = 256
_MORNING_NS = DAY_NS // 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """What happened in each minute: the level at its end in bits, and keys delivered and missed."""

    level: Float64s
    delivered: Int64s
    missed: Int64s


class KeyStore:
    """Secret bits that wait for use; the oldest go first, what does not fit is dropped."""

    def __init__(self, preset: QkdPreset, usual_bits_per_s: float) -> None:
        self._preset = preset
        self._usual_keys_hz = preset.load_share * usual_bits_per_s / KEY_BITS
        self._level = 0.5 * preset.store_limit_bits

    def pass_minutes(self, block: Block, secret_bits: Float64s, rng: np.random.Generator) -> Deliveries:
        """Take in the secret bits of each minute and hand out what is asked for."""
        ends_ns = block.ends_ns[59::60]
        daily = 1 + self._preset.load_daily_share * np.sin(2 * math.pi * ((ends_ns - _MORNING_NS) / DAY_NS))
        asked = rng.poisson(60 * self._usual_keys_hz * daily)
        levels, delivered = [], []
        for bits, keys in zip(secret_bits.tolist(), asked.tolist(), strict=True):
            stock = self._level + bits
            given = min(keys, int(stock // KEY_BITS))
            self._level = min(stock - given * KEY_BITS, self._preset.store_limit_bits)
            levels.append(self._level)
            delivered.append(given)
        given_out = np.array(delivered, dtype=np.int64)
        return Deliveries(level=np.array(levels), delivered=given_out, missed=asked - given_out)
