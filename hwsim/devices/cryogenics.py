"""The machinery of a cryostat: compressor, vacuum pump and helium.

A cold head balances the heat load at the temperature where its capacity meets it. Capacities of such coolers grow
about with the square of the temperature, so a cooler that balances the same load at a higher temperature T has
the share `(T0 / T)^2` of its capacity left; the compressor draws power in proportion, above an idle share. The vacuum
gets worse as cold surfaces warm up and let go of what they pumped. Telemetry items memory.TEL19, memory.TEL23,
scaleup.TEL8, scaleup.TEL10 to scaleup.TEL12.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.block import INTERVAL_S, Block, recurring
from hwsim.documents import Reader
from hwsim.preset import read_numbers
from model.attributes import attributes
from model.clock import DAY_NS, MINUTE_NS, SECOND_NS
from model.names import (
    ATTR_DEVICE_ID,
    ATTR_HW_ID,
    ATTR_HW_NAME,
    METRIC_CRYOSTAT_COOLDOWNS,
    METRIC_CRYOSTAT_COOLING_POWER,
    METRIC_CRYOSTAT_HELIUM_LEVEL,
    METRIC_CRYOSTAT_HELIUM_USAGE,
    METRIC_CRYOSTAT_PRESSURE,
    METRIC_CRYOSTAT_PUMP_SPEED,
    METRIC_DEVICE_HEALTHY,
    METRIC_HW_POWER,
)

PUMP_SPEED: Final = "pump_speed_factor"
HELIUM_LOSS: Final = "helium_loss_factor"
_REPORT_NS = 5 * MINUTE_NS
_REFILL_NS = 7 * DAY_NS
_IDLE_SHARE = 0.4  # of the compressor's power
_WORST_VACUUM = 1e4  # times the cold pressure: the pump alone, with nothing cold that helps

Float64s = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantPreset:
    """Compressor, pump and helium of a cryostat at its operating temperature."""

    cooling_power_w: float
    compressor_power_w: float
    pump_speed_hz: float
    pressure_pa: float
    outgassing_k: float
    helium_kg: float
    helium_use_kg_s: float
    reading_spread: float

    @classmethod
    def read(cls, reader: Reader) -> "PlantPreset":
        """Read the mapping `plant` of a preset file."""
        preset: PlantPreset = read_numbers(cls, reader)
        return preset

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield what no plant can be: key and rule."""
        if not self.helium_kg:
            yield "helium_kg", "must be more than 0"


class Plant:
    """Reports for a cryostat what its machinery does; the helium level and the last warm-up are its memory."""

    def __init__(self, cryostat_id: str, preset: PlantPreset, start_ns: int) -> None:
        self._id = cryostat_id
        self._preset = preset
        since_refill_s = start_ns % _REFILL_NS / SECOND_NS
        self._helium_kg = max(preset.helium_kg - since_refill_s * preset.helium_use_kg_s, 0.0)
        self._was_warm = False
        self._device = attributes({ATTR_DEVICE_ID: cryostat_id})
        self._compressor = attributes({ATTR_HW_ID: cryostat_id, ATTR_HW_NAME: f"Compressor of {cryostat_id}"})

    def report(
        self, block: Block, *, sample_k: Float64s, target_k: Float64s, nominal_k: float, alarm_k: float
    ) -> None:
        """Report a block, given the sample stage and the temperature that it tends to, second by second."""
        cooling = (nominal_k / np.maximum(target_k, nominal_k)) ** 2
        pump = block.each_second(self._id, PUMP_SPEED, 1.0)
        warm_k = np.maximum(sample_k - nominal_k, 0.0)
        vacuum = np.minimum(np.exp(warm_k / self._preset.outgassing_k), _WORST_VACUUM) / np.maximum(pump, 1e-4)
        preset = self._preset
        self._levels(
            block,
            {
                METRIC_CRYOSTAT_COOLING_POWER: preset.cooling_power_w * cooling,
                METRIC_CRYOSTAT_PRESSURE: preset.pressure_pa * vacuum,
                METRIC_CRYOSTAT_PUMP_SPEED: preset.pump_speed_hz * pump,
                METRIC_HW_POWER: preset.compressor_power_w * (_IDLE_SHARE + (1 - _IDLE_SHARE) * cooling),
            },
        )
        block.truth(self._id, "cryostat", "cooling_share", cooling, low=0.9, high=1.1)
        block.truth(self._id, "cryostat", "vacuum_factor", vacuum, low=0.5, high=2.0)
        self._report_warmth(block, sample_k, alarm_k)
        self._report_helium(block)

    def _levels(self, block: Block, quantities: dict[str, Float64s]) -> None:
        times_ns = block.moments(_REPORT_NS)
        seconds = (times_ns - block.start_ns) // SECOND_NS - 1
        noise = block.rng(self._id, "plant").normal(
            1.0, self._preset.reading_spread, (len(quantities), len(times_ns))
        )
        for (metric, true), factor in zip(quantities.items(), noise, strict=True):
            identity = self._compressor if metric == METRIC_HW_POWER else self._device
            block.levels(metric, identity, true[seconds] * factor, times_ns)

    def _report_warmth(self, block: Block, sample_k: Float64s, alarm_k: float) -> None:
        warm = sample_k > alarm_k
        begins = ~warm & np.concatenate([[self._was_warm], warm[:-1]])
        self._was_warm = bool(warm[-1])
        block.count(METRIC_CRYOSTAT_COOLDOWNS, self._device, begins.astype(np.int64))
        times_ns = block.moments(MINUTE_NS)
        seconds = (times_ns - block.start_ns) // SECOND_NS - 1
        block.levels(METRIC_DEVICE_HEALTHY, self._device, np.where(warm[seconds], 0.0, 1.0), times_ns)

    def _report_helium(self, block: Block) -> None:
        used = self._preset.helium_use_kg_s * block.each_second(self._id, HELIUM_LOSS, 1.0)
        for interval in block.intervals:
            wanted = used[interval.seconds]
            np.minimum(wanted, self._helium_kg / INTERVAL_S, out=wanted)  # nothing is lost of an empty tank
            self._helium_kg -= float(wanted.sum())
            if recurring(interval.start_ns, interval.end_ns, _REFILL_NS):
                self._helium_kg = self._preset.helium_kg
            level = self._helium_kg / self._preset.helium_kg
            block.level(METRIC_CRYOSTAT_HELIUM_LEVEL, self._device, level, interval.end_ns)
        block.count(METRIC_CRYOSTAT_HELIUM_USAGE, self._device, used)
