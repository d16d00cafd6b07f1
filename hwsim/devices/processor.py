"""A quantum processor: what its provider measures and states of it. Jobs reach it through an orchestrator.

Every minute it runs a circuit whose answer is known; every three or six hours it measures its qubits and gates; once
a day it closes for calibration. What is true of it at any time stands in its nature, `ProcessorNature`, which
orchestrators ask for what becomes of jobs, so that results and measurements tell of the same machine.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, Block, Interval
from hwsim.devices.characterisation_runs import PAIR_GATE, CharacterisationRuns
from hwsim.devices.chip import ChipQuality, ChipState, of_each
from hwsim.devices.mirror_check import right_answer_probability
from hwsim.devices.processor_hours import CALIBRATION, OpeningHours
from hwsim.devices.processor_preset import (
    CROSSTALK,
    OUTAGE,
    PARAMETERS,
    POSTPROCESS_BUG_SHARE,
    RETRY_PROBABILITY,
    ProcessorPreset,
)
from hwsim.kind import Kind
from hwsim.maintenance import Maintenance
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.attributes import attributes
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from model.names import (
    ATTR_BACKEND_ID,
    ATTR_DOWNTIME_REASON,
    ATTR_GATE_NAME,
    ATTR_GATE_QUBITS,
    EVENT_ALARM,
    METRIC_CALIBRATION_AGE,
    METRIC_CALIBRATION_DURATION,
    METRIC_GATE_DURATION,
    METRIC_PROCESSOR_DOWNTIME,
    METRIC_PROCESSOR_POWER,
    METRIC_PROCESSOR_QUBIT_COUNT,
    METRIC_RESULT_FIDELITY,
    METRIC_RESULT_FIDELITY_SPREAD,
)
from model.readings import Happening

DOWNTIME_REASONS: Final = (CALIBRATION, OUTAGE)
_CHECK_SHOTS = 400  # a minute
_MINUTES = BLOCK_S // 60

Float64s = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessorNature:
    """What is true of a processor at any time: its quality, and when it is open."""

    quality: ChipQuality
    hours: OpeningHours


class Processor:
    """The self-portrait of one processor."""

    def __init__(self, spec: DeviceSpec, nature: ProcessorNature, maintenance: Maintenance) -> None:
        self.id = spec.id
        self._preset: ProcessorPreset = spec.preset
        self._nature = nature
        self._maintenance = maintenance
        self._runs = CharacterisationRuns(spec.id, spec.preset)
        self._identity = attributes({ATTR_BACKEND_ID: spec.id})

    def simulate(self, block: Block) -> None:
        """Report the block's checks, measurements, closures and power."""
        states = self._nature.quality.course(block.start_ns, MINUTE_NS, _MINUTES)
        is_open = self._report_closures(block)
        rng = block.rng(self.id, "minutes")
        self._report_checks(block, states, is_open, rng)
        self._report_plant(block, rng)
        self._characterise(block, states, is_open)
        self._maintenance.report(block, lasts_ns=self._nature.hours.lasts_ns)
        block.when_asked(lambda asked: self._state_truths(asked, states))

    def _characterise(self, block: Block, states: list[ChipState], is_open: NDArray[np.bool_]) -> None:
        """Make the measurements of the intervals at whose ends the machine is open."""
        open_ = [each for each in block.intervals if is_open[each.end_s - 1]]
        calibrated = [self._maintenance.calibrated_ns(each.end_ns - SECOND_NS) for each in open_]
        minutes = [states[each.start_s // 60 : each.end_s // 60] for each in open_]
        self._runs.watch(block, list(zip(open_, minutes, calibrated, strict=True)))
        due = [(each, *one) for each in zip(open_, calibrated, strict=True) for one in self._runs.due(each[0])]
        rng = block.rng(self.id, "characterisation") if due else None
        for (interval, calibrated_ns), measure, at_ns in due:
            assert rng is not None
            measure(block, self._nature.quality.at(interval.end_ns - SECOND_NS), at_ns, calibrated_ns, rng)

    def _report_closures(self, block: Block) -> NDArray[np.bool_]:
        """Report downtime and what it brings; return at which seconds the machine is open."""
        down = {reason: np.zeros(BLOCK_S) for reason in DOWNTIME_REASONS}
        seconds = np.arange(BLOCK_S)
        for closure in self._nature.hours.closures(block.start_ns):
            inside = (seconds >= closure.begin_s) & (seconds < closure.end_s)
            down[closure.reason] = np.maximum(down[closure.reason], inside)
            if closure.reason == OUTAGE:
                self._alarm(block, closure.begin_s)
        for reason, marked in down.items():
            identity = attributes({ATTR_BACKEND_ID: self.id, ATTR_DOWNTIME_REASON: reason})
            block.count(METRIC_PROCESSOR_DOWNTIME, identity, marked)
        for when_ns, duration_s in self._nature.hours.calibrations(block.start_ns, block.end_ns):
            at_s = np.array([(when_ns - block.start_ns) / SECOND_NS])
            block.samples(METRIC_CALIBRATION_DURATION, self._identity, np.array([duration_s]), at_s)
        return np.asarray(sum(down.values()) == 0)

    def _alarm(self, block: Block, begin_s: float) -> None:
        if begin_s > 0:
            block.happening(
                Happening(
                    event=EVENT_ALARM,
                    attributes=self._identity,
                    time_ns=block.start_ns + round((begin_s + 1) * SECOND_NS),
                    body=f"{self.id} is down",
                    severity="ERROR",
                )
            )

    def _report_checks(
        self, block: Block, states: list[ChipState], is_open: NDArray[np.bool_], rng: np.random.Generator
    ) -> None:
        """Run a mirror circuit in every minute in which the machine is open throughout."""
        right = rng.binomial(_CHECK_SHOTS, self._right_answers(block, states)) / _CHECK_SHOTS
        ran = np.asarray(is_open.reshape(_MINUTES, 60).all(axis=1))
        for interval in block.intervals:
            minutes = slice(interval.start_s // 60, interval.end_s // 60)
            self._report_check(block, interval, right[minutes][ran[minutes]])

    def _report_check(self, block: Block, interval: Interval, right: Float64s) -> None:
        """Report the shares of right answers in an interval: their mean and their spread."""
        if len(right) == 0:
            return
        value, samples = float(right.mean()), _CHECK_SHOTS * len(right)
        calibrated_ns = self._maintenance.calibrated_ns(interval.end_ns)
        block.estimate(
            METRIC_RESULT_FIDELITY,
            self._identity,
            value,
            error=math.sqrt((value + 1 / samples) * (1 - value + 1 / samples) / samples),
            samples=samples,
            at_ns=interval.end_ns,
            calibrated_ns=calibrated_ns,
        )
        if len(right) > 1:
            spread = float(right.std(ddof=1))
            block.estimate(
                METRIC_RESULT_FIDELITY_SPREAD,
                self._identity,
                spread,
                error=max(spread, 1 / _CHECK_SHOTS) / math.sqrt(2 * (len(right) - 1)),  # of normal results
                samples=samples,
                at_ns=interval.end_ns,
                calibrated_ns=calibrated_ns,
            )

    def _right_answers(self, block: Block, states: list[ChipState]) -> Float64s:
        """Return each minute's chance that a shot of the circuit shows the right string."""
        layers = self._preset.check_layers
        bug = block.parameter(self.id, POSTPROCESS_BUG_SHARE, 0.0)
        intact = np.array(of_each(states, lambda state: float(right_answer_probability(state, layers))))
        if isinstance(bug, float) and bug == 0.0:
            return intact
        shares = np.broadcast_to(bug, BLOCK_S)[30::60].tolist()
        return np.array([right_answer_probability(s, layers, share) for s, share in zip(states, shares, strict=True)])

    def _report_plant(self, block: Block, rng: np.random.Generator) -> None:
        """Report power and the age of calibrations; once an hour what the machine is made of."""
        ends_ns = block.interval_ends_ns
        power_w = rng.normal(self._preset.power_w, self._preset.power_noise_w, len(ends_ns))
        block.levels(METRIC_PROCESSOR_POWER, self._identity, power_w, ends_ns)
        calibrated = np.array([self._maintenance.calibrated_ns(end_ns) for end_ns in ends_ns.tolist()])
        block.levels(METRIC_CALIBRATION_AGE, self._identity, (ends_ns - calibrated) / SECOND_NS, ends_ns)
        for at_ns in block.moments(HOUR_NS).tolist():
            block.level(METRIC_PROCESSOR_QUBIT_COUNT, self._identity, self._preset.qubits, at_ns)
        for at_ns in block.moments(DAY_NS).tolist():
            for qubit in range(round(self._preset.qubits) - 1):
                pair = {ATTR_GATE_NAME: PAIR_GATE, ATTR_GATE_QUBITS: f"{qubit}-{qubit + 1}"}
                identity = attributes({ATTR_BACKEND_ID: self.id, **pair})
                block.level(METRIC_GATE_DURATION, identity, self._preset.pair_gate_s, at_ns)

    def _state_truths(self, block: Block, states: list[ChipState]) -> None:
        p = self._preset

        def state_truth(quantity: str, values: float | Float64s, low: float, high: float) -> None:
            block.truth(self.id, "processor", quantity, values, low=low, high=high)

        means = of_each(states, lambda state: (*state.mean_errors(), state.t1_s.mean()))
        gate, pair, readout, t1_s = np.repeat(means, BLOCK_S // _MINUTES, axis=0).T
        state_truth("gate_error", gate, 0.0, 1.8 * p.gate_error)
        state_truth("pair_gate_error", pair, 0.0, 1.8 * (p.pair_gate_error + p.crosstalk_error))
        state_truth("readout_error", readout, 0.0, 1.8 * p.readout_error)
        state_truth("t1_s", t1_s, 0.45 * p.t1_s, np.inf)
        for name, nominal, highest in (
            (CROSSTALK, p.crosstalk_error, 2 * p.crosstalk_error),
            (RETRY_PROBABILITY, p.retry_probability, p.retry_probability + 0.02),
            (OUTAGE, 0.0, 0.5),
            (POSTPROCESS_BUG_SHARE, 0.0, 0.01),
        ):
            state_truth(name, block.parameter(self.id, name, nominal), 0.0, highest)


def _build_nature(world: World, spec: DeviceSpec) -> ProcessorNature:
    maintenance = world.maintenance(spec.id)
    preset: ProcessorPreset = spec.preset
    return ProcessorNature(
        quality=ChipQuality(spec.id, preset, world.conditions, maintenance, seed=world.seed, start_ns=world.start_ns),
        hours=OpeningHours(spec.id, world.conditions, maintenance, calibration_s=preset.calibration_s),
    )


def _build(world: World, spec: DeviceSpec) -> Processor:
    return Processor(spec, world.nature(spec.id), world.maintenance(spec.id))


KIND = Kind(
    name="processor",
    identity=ATTR_BACKEND_ID,
    preset_type=ProcessorPreset,
    build=_build,
    parameters=PARAMETERS,
    nature=_build_nature,
)
