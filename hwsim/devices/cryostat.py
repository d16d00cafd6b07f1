"""A closed-cycle cryostat. Its temperatures are a pure function of time and of the faults at work.

Each stage relaxes exponentially towards the temperature at which the remaining cooling power balances the heat load:
its operating temperature, or warmer while the parameter `sample_target_k` is off its nominal value. Only the sensor
readings are random.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.block import Block
from hwsim.conditions import Conditions
from hwsim.devices.cryogenics import HELIUM_LOSS, PUMP_SPEED, Plant, PlantPreset
from hwsim.documents import Reader
from hwsim.kind import Kind
from hwsim.physics.thermal import relaxed_temperature
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.attributes import attributes
from model.clock import MINUTE_NS, SECOND_NS
from model.names import (
    ATTR_DEVICE_ID,
    ATTR_HW_ID,
    ATTR_HW_NAME,
    ATTR_HW_SENSOR_LOCATION,
    EVENT_ALARM,
    METRIC_HW_TEMPERATURE,
)
from model.readings import Happening
from model.units import kelvin_to_celsius

SAMPLE_TARGET = "sample_target_k"
SAMPLE_STAGE = "sample"
_REPORT_NS = MINUTE_NS

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePreset:
    """A cryostat stage at its operating temperature; `rise` is its warming per kelvin of the sample stage."""

    name: str
    title: str
    temperature_k: float
    rise: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CryostatPreset:
    """A closed-cycle cryostat; one of its stages is called `sample`."""

    warming_s: float
    cooling_s: float
    sensor_noise_k: float
    alarm_k: float
    stages: tuple[StagePreset, ...]
    plant: PlantPreset

    @property
    def sample(self) -> StagePreset:
        """Return the stage that holds the qubits."""
        return next(stage for stage in self.stages if stage.name == SAMPLE_STAGE)

    @classmethod
    def read(cls, reader: Reader) -> "CryostatPreset":
        """Read a preset file."""
        stages = tuple(
            StagePreset(
                name=stage.text("name"),
                title=stage.text("title"),
                temperature_k=stage.number("temperature_k", minimum=0.0),
                rise=stage.number("rise", minimum=0.0),
            )
            for stage in reader.entries("stages")
        )
        if not any(stage.name == SAMPLE_STAGE for stage in stages):
            reader.offend("stages", f"must have one named {SAMPLE_STAGE}")
        numbers = ("warming_s", "cooling_s", "sensor_noise_k", "alarm_k")
        plant = PlantPreset.read(reader.entry("plant"))
        return cls(stages=stages, plant=plant, **{name: reader.number(name, minimum=0.0) for name in numbers})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """Exponential pieces of a stage's temperature; piece i begins after `since_ns[i]`."""

    since_ns: Int64s
    start_k: Float64s
    target_k: Float64s
    time_constant_s: Float64s

    def at(self, times_ns: Int64s) -> Float64s:
        if len(self.since_ns) == 1:
            return np.full(len(times_ns), self.target_k[0])
        piece = np.maximum(np.searchsorted(self.since_ns, times_ns, side="left") - 1, 0)
        elapsed_s = np.maximum(times_ns - self.since_ns[piece], 0) / SECOND_NS
        return relaxed_temperature(elapsed_s, self.start_k[piece], self.target_k[piece], self.time_constant_s[piece])


class Thermals:
    """The true stage temperatures of one cryostat, for whoever depends on them."""

    def __init__(self, cryostat_id: str, preset: CryostatPreset, conditions: Conditions) -> None:
        self.preset = preset
        self._id = cryostat_id
        self._conditions = conditions
        self._built: tuple[object, dict[str, _Course]] = (None, {})

    def is_disturbed(self) -> bool:
        """Return whether a fault has struck or will strike the cryostat."""
        return bool(self._conditions.edges(self._id, SAMPLE_TARGET))

    def temperature_k(self, stage: StagePreset, times_ns: Int64s) -> Float64s:
        """Return the temperature of a stage at each of the times."""
        injections = self._conditions.schedule.injections
        if self._built[0] is not injections:
            self._built = (injections, {each.name: self._course(each) for each in self.preset.stages})
        return self._built[1][stage.name].at(times_ns)

    def sample_k(self, times_ns: Int64s) -> Float64s:
        """Return the temperature of the sample stage at each of the times."""
        return self.temperature_k(self.preset.sample, times_ns)

    def target_k(self, times_ns: Int64s) -> Float64s:
        """Return the temperature that the sample stage tends to at each of the times."""
        return self._conditions.values(self._id, SAMPLE_TARGET, self.preset.sample.temperature_k, times_ns)

    def _course(self, stage: StagePreset) -> _Course:
        since, start = [0], [stage.temperature_k]
        target, time_constant = [stage.temperature_k], [self.preset.cooling_s]
        nominal_k = self.preset.sample.temperature_k
        for edge_ns in self._conditions.edges(self._id, SAMPLE_TARGET):
            elapsed_s = (edge_ns - since[-1]) / SECOND_NS
            start.append(float(relaxed_temperature(elapsed_s, start[-1], target[-1], time_constant[-1])))
            since.append(edge_ns)
            warmer_k = self._conditions.value(self._id, SAMPLE_TARGET, nominal_k, edge_ns + 1) - nominal_k
            target.append(stage.temperature_k + stage.rise * warmer_k)
            time_constant.append(self.preset.warming_s if warmer_k else self.preset.cooling_s)
        return _Course(
            since_ns=np.array(since),
            start_k=np.array(start),
            target_k=np.array(target),
            time_constant_s=np.array(time_constant),
        )


class Cryostat:
    """The sensors, the machinery and the alarm of a cryostat."""

    def __init__(self, spec: DeviceSpec, thermals: Thermals, start_ns: int) -> None:
        self.id = spec.id
        self._preset: CryostatPreset = spec.preset
        self._thermals = thermals
        self._plant = Plant(spec.id, self._preset.plant, start_ns)
        self._identities = [
            attributes(
                {
                    ATTR_HW_ID: spec.id,
                    ATTR_HW_NAME: f"{stage.title} of {spec.id}",
                    ATTR_HW_SENSOR_LOCATION: stage.name,
                }
            )
            for stage in self._preset.stages
        ]

    def simulate(self, block: Block) -> None:
        """Report a reading of every stage each minute, and alarms to the second."""
        times_ns = block.moments(_REPORT_NS)
        noise_k = block.rng(self.id, "sensors").normal(
            0.0, self._preset.sensor_noise_k, (len(self._identities), len(times_ns))
        )
        for stage, identity, error_k in zip(self._preset.stages, self._identities, noise_k, strict=True):
            measured_k = np.maximum(self._thermals.temperature_k(stage, times_ns) + error_k, 0.0)
            block.levels(METRIC_HW_TEMPERATURE, identity, kelvin_to_celsius(measured_k), times_ns)
        sample_k = self._thermals.sample_k(block.ends_ns)
        nominal_k = self._preset.sample.temperature_k
        block.truth(self.id, "cryostat", "sample_temperature_k", sample_k, low=nominal_k - 1, high=nominal_k + 1)
        self._plant.report(
            block,
            sample_k=sample_k,
            target_k=self._thermals.target_k(block.ends_ns),
            nominal_k=nominal_k,
            alarm_k=self._preset.alarm_k,
        )
        if self._thermals.is_disturbed():
            self._report_alarms(block, sample_k)

    def _report_alarms(self, block: Block, sample_k: Float64s) -> None:
        before_k = self._thermals.sample_k(np.array([block.start_ns]))
        hot = sample_k > self._preset.alarm_k
        was_hot = np.concatenate([before_k, sample_k[:-1]]) > self._preset.alarm_k
        for second in np.flatnonzero(hot != was_hot):
            side, severity = ("above", "ERROR") if hot[second] else ("below", "INFO")
            block.happening(
                Happening(
                    event=EVENT_ALARM,
                    attributes=attributes({ATTR_DEVICE_ID: self.id}),
                    time_ns=int(block.ends_ns[second]),
                    body=f"Sample stage of {self.id} {side} {self._preset.alarm_k:g} K",
                    severity=severity,
                )
            )


def _build_thermals(world: World, spec: DeviceSpec) -> Thermals:
    return Thermals(spec.id, spec.preset, world.conditions)


def _build(world: World, spec: DeviceSpec) -> Cryostat:
    return Cryostat(spec, world.nature(spec.id), world.start_ns)


KIND = Kind(
    name="cryostat",
    identity=ATTR_DEVICE_ID,
    preset_type=CryostatPreset,
    build=_build,
    parameters=frozenset({SAMPLE_TARGET, PUMP_SPEED, HELIUM_LOSS}),
    nature=_build_thermals,
)
