"""The room around the devices: vibration, humidity, magnetic field, laser power and temperature.

Each quantity has a mean that faults may change, a daily cycle and a slow wander, both relative to the mean. What is
true of the room at any time is a nature that optics, memories and processors ask; only the sensors add noise.
Telemetry items memory.TEL20, memory.TEL51, link.TEL2, scaleup.TEL13, network.TEL56.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.block import Block
from hwsim.conditions import Conditions
from hwsim.documents import Reader
from hwsim.kind import Kind
from hwsim.preset import read_numbers
from hwsim.spec import DeviceSpec
from hwsim.wander import Wander, daily_cycle
from hwsim.world import World
from model.attributes import attributes
from model.clock import SECOND_NS
from model.names import (
    ATTR_DEVICE_ID,
    ATTR_HW_ID,
    ATTR_HW_NAME,
    ATTR_HW_SENSOR_LOCATION,
    METRIC_ENVIRONMENT_HUMIDITY,
    METRIC_ENVIRONMENT_LASER_POWER,
    METRIC_ENVIRONMENT_MAGNETIC_FIELD,
    METRIC_ENVIRONMENT_VIBRATION,
    METRIC_HW_TEMPERATURE,
)
from model.units import kelvin_to_celsius

HUMIDITY: Final = "humidity"
VIBRATION: Final = "vibration_m_s2"
MAGNETIC_FIELD: Final = "magnetic_field_t"
LASER_POWER: Final = "laser_power_w"
ROOM_TEMPERATURE: Final = "room_temperature_k"
QUANTITIES: Final = (HUMIDITY, VIBRATION, MAGNETIC_FIELD, LASER_POWER, ROOM_TEMPERATURE)
_METRICS = {
    HUMIDITY: METRIC_ENVIRONMENT_HUMIDITY,
    VIBRATION: METRIC_ENVIRONMENT_VIBRATION,
    MAGNETIC_FIELD: METRIC_ENVIRONMENT_MAGNETIC_FIELD,
    LASER_POWER: METRIC_ENVIRONMENT_LASER_POWER,
}
_SIGMAS = 6.0  # how far from its mean a quantity may wander and still be called nominal

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityPreset:
    """A quantity in SI units; daily amplitude, wander (a standard deviation) and noise as shares of the mean."""

    mean: float
    daily_share: float
    wander_share: float
    correlation_s: float
    noise_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentPreset:
    """A room: when it is warmest and busiest, how often its sensors report, and its quantities by name."""

    report_s: float
    peak_hour: float
    quantities: dict[str, QuantityPreset]

    @classmethod
    def read(cls, reader: Reader) -> "EnvironmentPreset":
        """Read a preset file."""
        return cls(
            report_s=reader.number("report_s", minimum=1.0),
            peak_hour=reader.number("peak_hour", minimum=0.0, maximum=24.0),
            quantities={name: read_numbers(QuantityPreset, reader.entry(name)) for name in QUANTITIES},
        )


class Surroundings:
    """What is true of one room at any time."""

    def __init__(self, spec: DeviceSpec, conditions: Conditions, *, seed: int, start_ns: int) -> None:
        self.preset: EnvironmentPreset = spec.preset
        self._id = spec.id
        self._conditions = conditions
        self._wander = {
            name: Wander(spec.id, name, correlation_s=quantity.correlation_s, seed=seed, start_ns=start_ns)
            for name, quantity in self.preset.quantities.items()
        }

    def value(self, name: str, times_ns: Int64s) -> Float64s:
        """Return a quantity of `QUANTITIES` at each of the times, in SI units."""
        quantity = self.preset.quantities[name]
        swing = quantity.daily_share * daily_cycle(times_ns, self.preset.peak_hour)
        swing += quantity.wander_share * self._wander[name].at(times_ns)
        values: Float64s = self._conditions.values(self._id, name, quantity.mean, times_ns) * np.maximum(1 + swing, 0)
        return np.minimum(values, 1.0) if name == HUMIDITY else values

    def humidity(self, times_ns: Int64s) -> Float64s:
        """Return the relative humidity, 0..1."""
        return self.value(HUMIDITY, times_ns)

    def vibration_m_s2(self, times_ns: Int64s) -> Float64s:
        """Return the root mean square acceleration of the optical tables."""
        return self.value(VIBRATION, times_ns)

    def magnetic_field_t(self, times_ns: Int64s) -> Float64s:
        """Return the magnetic flux density at the experiments."""
        return self.value(MAGNETIC_FIELD, times_ns)

    def laser_power_w(self, times_ns: Int64s) -> Float64s:
        """Return the power of the room's reference laser."""
        return self.value(LASER_POWER, times_ns)

    def room_temperature_k(self, times_ns: Int64s) -> Float64s:
        """Return the temperature of the room."""
        return self.value(ROOM_TEMPERATURE, times_ns)

    def relative(self, name: str, times_ns: Int64s) -> Float64s:
        """Return a quantity relative to its undisturbed mean, for devices with a sensitivity to it."""
        relative: Float64s = self.value(name, times_ns) / self.preset.quantities[name].mean
        return relative

    def nominal_range(self, name: str) -> tuple[float, float]:
        """Return the range that a quantity does not leave by itself."""
        quantity = self.preset.quantities[name]
        reach = quantity.daily_share + _SIGMAS * quantity.wander_share
        return quantity.mean * (1 - reach), quantity.mean * (1 + reach)


class Environment:
    """The sensors of a room."""

    def __init__(self, spec: DeviceSpec, surroundings: Surroundings) -> None:
        self.id = spec.id
        self._preset: EnvironmentPreset = spec.preset
        self._surroundings = surroundings
        self._report_ns = round(self._preset.report_s * SECOND_NS)
        self._identity = attributes({ATTR_DEVICE_ID: spec.id})
        self._thermometer = attributes(
            {ATTR_HW_ID: spec.id, ATTR_HW_NAME: f"Air of {spec.id}", ATTR_HW_SENSOR_LOCATION: "room"}
        )

    def simulate(self, block: Block) -> None:
        """Report what the sensors read, and what is really so."""
        times_ns = block.moments(self._report_ns)
        noise = block.rng(self.id, "sensors").normal(size=(len(QUANTITIES), len(times_ns)))
        for name, errors in zip(QUANTITIES, noise, strict=True):
            values = self._surroundings.value(name, times_ns)
            share = self._preset.quantities[name].noise_share
            self._report(block, name, values * np.maximum(1 + share * errors, 0.0), times_ns)
        block.when_asked(self._state_truths)

    def _state_truths(self, block: Block) -> None:
        for name in QUANTITIES:
            values = self._surroundings.value(name, block.ends_ns)
            low, high = self._surroundings.nominal_range(name)
            block.truth(self.id, "environment", name, values, low=low, high=high)

    def _report(self, block: Block, name: str, measured: Float64s, times_ns: Int64s) -> None:
        if name == ROOM_TEMPERATURE:
            block.levels(METRIC_HW_TEMPERATURE, self._thermometer, kelvin_to_celsius(measured), times_ns)
        else:
            block.levels(_METRICS[name], self._identity, measured, times_ns)


def _build_nature(world: World, spec: DeviceSpec) -> Surroundings:
    return Surroundings(spec, world.conditions, seed=world.seed, start_ns=world.start_ns)


def _build(world: World, spec: DeviceSpec) -> Environment:
    return Environment(spec, world.nature(spec.id))


KIND = Kind(
    name="environment",
    identity=ATTR_DEVICE_ID,
    preset_type=EnvironmentPreset,
    build=_build,
    parameters=frozenset(QUANTITIES),
    nature=_build_nature,
)
