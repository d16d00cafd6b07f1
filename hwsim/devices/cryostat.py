"""A closed-cycle cryostat. Its temperatures are a pure function of time and of the fault schedule.

Each stage relaxes exponentially: to its operating temperature, or, while the cooling fault memory.F7 is at
work, towards the temperature that the fault's magnitude sets. Only the sensor readings are random.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.devices.maintenance import recurring
from hwsim.faults import MEMORY_F7, FaultSchedule, Injection
from hwsim.physics.thermal import relaxed_temperature
from hwsim.preset import CryostatPreset, StagePreset
from hwsim.tally import Tally
from hwsim.truth import Truth
from model.attributes import attributes
from model.clock import SECOND_NS
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """Exponential pieces of a stage's temperature; piece i begins after `since_ns[i]`."""

    since_ns: NDArray[np.int64]
    start_k: NDArray[np.float64]
    target_k: NDArray[np.float64]
    time_constant_s: NDArray[np.float64]

    def at(self, times_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        if len(self.since_ns) == 1:
            return np.full(len(times_ns), self.target_k[0])
        piece = np.maximum(np.searchsorted(self.since_ns, times_ns, side="left") - 1, 0)
        elapsed_s = np.maximum(times_ns - self.since_ns[piece], 0) / SECOND_NS
        return relaxed_temperature(elapsed_s, self.start_k[piece], self.target_k[piece], self.time_constant_s[piece])


class Thermals:
    """The true stage temperatures of one cryostat, for whoever depends on them."""

    def __init__(self, cryostat_id: str, preset: CryostatPreset, faults: FaultSchedule) -> None:
        self._id = cryostat_id
        self._preset = preset
        self._faults = faults
        self._built: tuple[tuple[Injection, ...] | None, dict[str, _Course]] = (None, {})

    @property
    def sample_nominal_k(self) -> float:
        """Return the operating temperature of the sample stage."""
        return self._preset.sample.temperature_k

    @property
    def disturbed(self) -> bool:
        """Return whether a fault has struck or will strike the cryostat."""
        return bool(self._faults.edges(MEMORY_F7, self._id))

    def temperature_k(self, stage: StagePreset, times_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the temperature of a stage at each of the times."""
        injections, courses = self._built
        if injections is not self._faults.injections:
            injections = self._faults.injections
            courses = {each.name: self._course(each) for each in self._preset.stages}
            self._built = (injections, courses)  # one assignment: sites may run in threads of their own
        return courses[stage.name].at(times_ns)

    def sample_k(self, times_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the temperature of the sample stage at each of the times."""
        return self.temperature_k(self._preset.sample, times_ns)

    def _course(self, stage: StagePreset) -> _Course:
        since, start = [0], [stage.temperature_k]
        target, time_constant = [stage.temperature_k], [self._preset.cooling_s]
        for edge_ns in self._faults.edges(MEMORY_F7, self._id):
            elapsed_s = (edge_ns - since[-1]) / SECOND_NS
            start.append(relaxed_temperature(elapsed_s, start[-1], target[-1], time_constant[-1]))
            since.append(edge_ns)
            magnitude_k = self._faults.magnitude(MEMORY_F7, self._id, edge_ns + 1)
            warmer_k = 0.0 if magnitude_k is None else magnitude_k - self.sample_nominal_k
            target.append(stage.temperature_k + stage.rise * warmer_k)
            time_constant.append(self._preset.cooling_s if magnitude_k is None else self._preset.warming_s)
        return _Course(
            since_ns=np.array(since),
            start_k=np.array(start),
            target_k=np.array(target),
            time_constant_s=np.array(time_constant),
        )


class Cryostat:
    """The sensors and the alarm of a cryostat."""

    def __init__(
        self, cryostat_id: str, preset: CryostatPreset, thermals: Thermals, rng: np.random.Generator
    ) -> None:
        self.id = cryostat_id
        self._preset = preset
        self._thermals = thermals
        self._rng = rng
        self._identities = {
            stage.name: attributes(
                {
                    ATTR_HW_ID: cryostat_id,
                    ATTR_HW_NAME: f"{stage.title} of {cryostat_id}",
                    ATTR_HW_SENSOR_LOCATION: stage.name,
                }
            )
            for stage in preset.stages
        }

    def advance(self, tally: Tally) -> None:
        """Report a reading of every stage at the end of the step, and alarms within it."""
        end = np.array([tally.end_ns])
        for stage in self._preset.stages:
            measured_k = self._thermals.temperature_k(stage, end)[0]
            measured_k += self._rng.normal(0.0, self._preset.sensor_noise_k)
            celsius = kelvin_to_celsius(max(measured_k, 0.0))
            tally.level(METRIC_HW_TEMPERATURE, self._identities[stage.name], celsius, tally.end_ns)
        self._report_alarms(tally)

    def truths(self, at_ns: int) -> list[Truth]:
        """Return the sample temperature; nominal is within 1 K of the operating point, below any alarm."""
        nominal_k = self._thermals.sample_nominal_k
        value = float(self._thermals.sample_k(np.array([at_ns]))[0])
        return [
            Truth(
                entity=self.id,
                kind="cryostat",
                quantity="sample_temperature_k",
                value=value,
                low=nominal_k - 1.0,
                high=nominal_k + 1.0,
            )
        ]

    def _report_alarms(self, tally: Tally) -> None:
        """Compare whole seconds with the one before, so that the moment does not depend on the step."""
        if not self._thermals.disturbed:
            return
        seconds = np.fromiter(recurring(tally.start_ns, tally.end_ns, SECOND_NS, 0), dtype=np.int64)
        hot = self._thermals.sample_k(seconds) > self._preset.alarm_k
        was_hot = self._thermals.sample_k(seconds - SECOND_NS) > self._preset.alarm_k
        for index in np.flatnonzero(hot != was_hot):
            side, severity = ("above", "ERROR") if hot[index] else ("below", "INFO")
            tally.happening(
                Happening(
                    event=EVENT_ALARM,
                    attributes=attributes({ATTR_DEVICE_ID: self.id}),
                    time_ns=int(seconds[index]),
                    body=f"Sample stage of {self.id} {side} {self._preset.alarm_k:g} K",
                    severity=severity,
                )
            )
