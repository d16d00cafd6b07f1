"""The key rate that blocks of finite length prove, quoted with the length they had.

Lim et al 2014: bounds on counts are loose for short blocks, so counts are gathered until a block has enough bits.
With entangled photons there is no such bound here, and nothing is told.
"""

from dataclasses import fields

import numpy as np

from hwsim.block import INTERVAL_S, Block, Interval
from hwsim.devices.qkd.counts import Counts
from hwsim.devices.qkd.preset import QkdPreset
from hwsim.physics.finite_key import BlockCounts, DecoySettings, finite_key
from model.attributes import attributes
from model.names import ATTR_DEVICE_ID, METRIC_QKD_BLOCK_SIZE, METRIC_QKD_KEY_RATE_FINITE


class FiniteBlocks:
    """The block of one pair that is being gathered."""

    def __init__(self, pair_id: str, preset: QkdPreset) -> None:
        self._identity = attributes({ATTR_DEVICE_ID: pair_id})
        self._preset = preset
        vacuum = 1 - preset.signal_share - preset.decoy_share
        self._settings = DecoySettings(
            mean_photons=(preset.signal_photons, preset.decoy_photons, 0.0),
            probability=(preset.signal_share, preset.decoy_share, vacuum),
            key_basis=0.5,
        )
        self._gathered: BlockCounts | None = None
        self._lasted_s = 0

    def report(self, block: Block, counts: Counts) -> None:
        """Take in what was counted, and report a block of key whenever one is long enough."""
        if counts.test is None:
            return
        for interval in block.intervals:
            self._gather(block, interval, _row(counts.test, interval.place))

    def _gather(self, block: Block, interval: Interval, counted: BlockCounts) -> None:
        self._gathered = counted if self._gathered is None else _sum(self._gathered, counted)
        self._lasted_s += INTERVAL_S
        if self._gathered.block_size < self._preset.finite_block_bits:
            return
        key = finite_key(self._gathered, self._settings, reconciliation=self._preset.reconciliation_factor)
        rate = float(key.secret_bits) / self._lasted_s
        block.level(METRIC_QKD_KEY_RATE_FINITE, self._identity, rate, interval.end_ns)
        block.level(METRIC_QKD_BLOCK_SIZE, self._identity, float(key.block_size), interval.end_ns)
        self._gathered, self._lasted_s = None, 0


def _row(counts: BlockCounts, place: int) -> BlockCounts:
    return BlockCounts(**{field.name: getattr(counts, field.name)[place] for field in fields(BlockCounts)})


def _sum(one: BlockCounts, other: BlockCounts) -> BlockCounts:
    names = [field.name for field in fields(BlockCounts)]
    return BlockCounts(**{name: np.add(getattr(one, name), getattr(other, name)) for name in names})
