"""The host on which a controller's services run: processor, memory, network, supply, and its clock.

Clocks are disciplined by exchanges of time with a reference; what is reported is the offset that a number of
exchanges estimates, with its standard error. Telemetry items link.TEL11, link.TEL12, link.TEL50, scaleup.TEL19,
community.TEL10, community.TEL11, memory.TEL21.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, Block
from hwsim.documents import Reader
from hwsim.maintenance import Maintenance
from hwsim.preset import read_numbers
from hwsim.wander import Wander, daily_cycle
from model.attributes import attributes
from model.clock import MINUTE_NS, SECOND_NS
from model.names import (
    ATTR_DEVICE_ID,
    ATTR_HW_ID,
    ATTR_HW_NAME,
    ATTR_NETWORK_IO_DIRECTION,
    METRIC_CONTROL_CLOCK_OFFSET,
    METRIC_HW_VOLTAGE,
    METRIC_SYSTEM_CPU_UTILIZATION,
    METRIC_SYSTEM_MEMORY_UTILIZATION,
    METRIC_SYSTEM_NETWORK_IO,
)

CLOCK_OFFSET: Final = "clock_offset_s"
CPU_LOAD: Final = "cpu_load_factor"
MEMORY_LOAD: Final = "memory_load_factor"
_PEAK_HOUR = 13.0
_EVERY = 5  # minutes between estimates of the clock's offset
_EXCHANGES = 64  # of time, behind each estimate

Float64s = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPreset:
    """A server of the control plane; shares of its processors and memory, and how well its clock is held."""

    cpu_share: float
    cpu_daily_share: float
    cpu_spread: float
    memory_share: float
    network_bytes_s: float
    supply_v: float
    supply_spread: float
    clock_wander_s: float
    clock_correlation_s: float
    clock_exchange_s: float

    @classmethod
    def read(cls, reader: Reader) -> "HostPreset":
        """Read the mapping `host` of a preset file."""
        preset: HostPreset = read_numbers(cls, reader)
        return preset


class Host:
    """Reports the host of one controller."""

    def __init__(self, controller_id: str, preset: HostPreset, maintenance: Maintenance, wander: Wander) -> None:
        self._id = controller_id
        self._preset = preset
        self._maintenance = maintenance
        self._wander = wander
        self._identity = attributes({ATTR_DEVICE_ID: controller_id})
        self._supply = attributes({ATTR_HW_ID: controller_id, ATTR_HW_NAME: f"Supply of {controller_id}"})
        self._directions = [
            attributes({ATTR_DEVICE_ID: controller_id, ATTR_NETWORK_IO_DIRECTION: direction})
            for direction in ("receive", "transmit")
        ]

    def report(self, block: Block) -> None:
        """Report a block: readings each minute, the clock's offset every five."""
        rng = block.rng(self._id, "host")
        times_ns = block.moments(MINUTE_NS)
        seconds = (times_ns - block.start_ns) // SECOND_NS - 1
        self._report_load(block, times_ns, seconds, rng)
        self._report_clock(block, times_ns[::_EVERY], rng)
        block.when_asked(self._state_truth)
        supply_v = rng.normal(self._preset.supply_v, self._preset.supply_spread, len(times_ns))
        block.levels(METRIC_HW_VOLTAGE, self._supply, supply_v, times_ns)

    def _report_load(
        self, block: Block, times_ns: NDArray[np.int64], seconds: NDArray[np.int64], rng: np.random.Generator
    ) -> None:
        preset = self._preset
        busy = 1 + preset.cpu_daily_share * daily_cycle(times_ns, _PEAK_HOUR)
        noise = np.exp(rng.normal(0.0, preset.cpu_spread, len(times_ns)))
        cpu = preset.cpu_share * busy * noise * block.each_second(self._id, CPU_LOAD, 1.0)[seconds]
        block.levels(METRIC_SYSTEM_CPU_UTILIZATION, self._identity, np.minimum(cpu, 1.0), times_ns)
        memory = preset.memory_share * block.each_second(self._id, MEMORY_LOAD, 1.0)[seconds]
        memory = np.minimum(memory * rng.normal(1.0, 0.01, len(times_ns)), 1.0)
        block.levels(METRIC_SYSTEM_MEMORY_UTILIZATION, self._identity, memory, times_ns)
        for identity in self._directions:
            io = rng.poisson(np.repeat(preset.network_bytes_s * busy, BLOCK_S // len(busy)))
            block.count(METRIC_SYSTEM_NETWORK_IO, identity, io)

    def _offset_s(self, block: Block, times_ns: NDArray[np.int64]) -> Float64s:
        """Return the clock's true offset at moments of the block that are whole seconds."""
        fault_s = block.parameter_at(self._id, CLOCK_OFFSET, 0.0, (times_ns - block.start_ns) / SECOND_NS)
        return np.asarray(self._preset.clock_wander_s * self._wander.at(times_ns) + fault_s)

    def _state_truth(self, block: Block) -> None:
        true_s, limit_s = self._offset_s(block, block.ends_ns), 10 * self._preset.clock_wander_s
        block.truth(self._id, "controller", "clock_offset_s", true_s, low=-limit_s, high=limit_s)

    def _report_clock(self, block: Block, times_ns: NDArray[np.int64], rng: np.random.Generator) -> None:
        preset = self._preset
        true_s = self._offset_s(block, times_ns)
        spread_s = preset.clock_exchange_s * np.sqrt(rng.chisquare(_EXCHANGES - 1, len(times_ns)) / (_EXCHANGES - 1))
        errors_s = rng.normal(0.0, preset.clock_exchange_s / np.sqrt(_EXCHANGES), len(times_ns))
        for at_ns, true, spread, error in zip(times_ns.tolist(), true_s, spread_s, errors_s, strict=True):
            block.estimate(
                METRIC_CONTROL_CLOCK_OFFSET,
                self._identity,
                float(true + error),
                error=float(spread / np.sqrt(_EXCHANGES)),
                samples=_EXCHANGES,
                at_ns=at_ns,
                calibrated_ns=self._maintenance.calibrated_ns(at_ns),
            )
