"""Processors: what is true of their qubits, and what their measurements tell of it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim import build_sites, load_fleet
from hwsim.block import BLOCK_NS, Block
from hwsim.conditions import Conditions
from hwsim.devices.characterisation_runs import CharacterisationRuns
from hwsim.devices.chip import ChipQuality
from hwsim.devices.mirror_check import right_answer_probability
from hwsim.devices.processor_preset import ProcessorPreset
from hwsim.physics.gates import conditional_phase_error, rotation_error
from hwsim.preset import load_preset
from hwsim.schedule import FaultSchedule
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from model.errors import InvalidInputError
from model.names import (
    ATTR_DOWNTIME_REASON,
    EVENT_CALIBRATION,
    EVENT_CALIBRATION_START,
    METRIC_CALIBRATION_AGE,
    METRIC_CALIBRATION_DURATION,
    METRIC_GATE_ERROR,
    METRIC_PROCESSOR_DOWNTIME,
    METRIC_QUBIT_READOUT_ERROR,
    METRIC_QUBIT_T1,
    METRIC_QUBIT_T2,
    METRIC_RESULT_FIDELITY,
    error_of,
)
from tests.unit.hwsim.computing import START_NS, fleet_of, processor, processor_of, site_of, struck

PROPOSAL = Path(__file__).parent / "fleets" / "scaleup.yaml"
PRESETS = ("manila", "brisbane", "torino", "fez", "boston")


def quality_of(*, preset: str = "torino", seed: int = 1, **override: float) -> ChipQuality:
    site = site_of(processor("qpu-delft", preset, **override), seed=seed)
    return processor_of(site)._nature.quality


def test_the_relaxation_time_of_a_qubit_halves_for_hours_now_and_then():
    quality = quality_of(qubits=7)
    hourly = np.array([quality.at(START_NS + hour * HOUR_NS).t1_s for hour in range(30 * 24)])
    low = hourly < np.quantile(hourly, 0.9, axis=0) / 2
    three_hours = low[:-2] & low[1:-1] & low[2:]
    assert three_hours.any(axis=0).any()
    assert low.mean() < 0.5


@pytest.mark.parametrize("preset", PRESETS)
def test_a_month_of_a_processor_lies_around_the_medians_of_its_snapshot(preset: str):
    quality = quality_of(preset=preset, qubits=27)
    numbers: ProcessorPreset = quality.preset
    states = [quality.at(START_NS + day * DAY_NS) for day in range(30)]
    found = [
        np.median([state.t1_s for state in states]) / numbers.t1_s,
        np.median([state.t2_s for state in states]) / numbers.t2_s,
        np.median([state.pair_error for state in states]) / numbers.pair_gate_error,
        np.median([state.gate_error for state in states]) / numbers.gate_error,
        np.median([state.mean_errors()[2] for state in states]) / numbers.readout_error,
    ]
    assert found == pytest.approx(np.ones(5), abs=0.3)


@given(seed=st.integers(0, 10**6), hours=st.integers(0, 200), extra_hz=st.floats(0, 1e5))
@settings(max_examples=25, deadline=None)
def test_no_qubit_is_ever_impossible(seed: int, hours: int, extra_hz: float):
    fault = struck("scaleup.B3", "qpu-delft", extra_hz)
    quality = processor_of(site_of(processor(qubits=5), seed=seed, faults=(fault,)))._nature.quality
    state = quality.at(START_NS + hours * HOUR_NS)
    assert (state.t2_s <= 2 * state.t1_s * (1 + 1e-12)).all()
    assert (state.pair_error > 0).all()
    assert (state.zero_given_one >= state.one_given_zero).all()  # a qubit in 1 relaxes while it is read
    assert max(*state.mean_errors()) <= 0.75


def test_the_quality_at_a_moment_does_not_depend_on_what_was_asked_before():
    asked, fresh = quality_of(), quality_of()
    late_ns = START_NS + 3 * DAY_NS
    asked.at(START_NS), asked.at(late_ns + DAY_NS)
    assert asked.at(late_ns).pair_error.tolist() == fresh.at(late_ns).pair_error.tolist()


def test_calibration_takes_drift_away():
    quality = quality_of(phase_drift_rad=0.3, defects=0)
    finished_ns = [quality._maintenance.calibrated_ns(START_NS + day * DAY_NS) for day in range(1, 40)]
    before = [quality.at(when_ns - BLOCK_NS).pair_error.mean() for when_ns in finished_ns]
    after = [quality.at(when_ns).pair_error.mean() for when_ns in finished_ns]
    assert np.mean(after) < np.mean(before) / 2


@pytest.mark.parametrize("gate", ["sx", "cz"])
def test_benchmarking_recovers_the_true_error_of_a_gate_within_its_standard_error(gate: str):
    quality = quality_of(qubits=40)
    state = quality.at(START_NS)
    truth = state.gate_error if gate == "sx" else state.pair_error
    pulls = (measured(quality, METRIC_GATE_ERROR, gate) - truth) / measured(
        quality, error_of(METRIC_GATE_ERROR), gate
    )
    assert 0.6 < np.mean(pulls**2) < 1.6


@pytest.mark.parametrize("metric", [METRIC_QUBIT_T1, METRIC_QUBIT_T2, METRIC_QUBIT_READOUT_ERROR])
def test_the_qubits_are_measured_within_their_standard_error(metric: str):
    quality = quality_of(qubits=40)
    state = quality.at(START_NS)
    truth = {
        METRIC_QUBIT_T1: state.t1_s,
        METRIC_QUBIT_T2: state.t2_s,
        METRIC_QUBIT_READOUT_ERROR: (state.one_given_zero + state.zero_given_one) / 2,
    }[metric]
    pulls = (measured(quality, metric) - truth) / measured(quality, error_of(metric))
    assert 0.6 < np.mean(pulls**2) < 1.6


def measured(quality: ChipQuality, metric: str, gate: str = "") -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return one value per qubit or pair from a day's first measurements of the state at the start."""
    block = Block(START_NS // BLOCK_NS, seed=3, conditions=Conditions(FaultSchedule()))
    runs = CharacterisationRuns("qpu-delft", quality.preset)
    rng = block.rng("qpu-delft", "characterisation")
    for measure in (runs._measure_readout, runs._measure_pairs, runs._measure_gates, runs._measure_coherence):
        measure(block, quality.at(START_NS), block.end_ns, START_NS, rng)
    tracks = {series: track for series, track in block.tracks.levels.items() if series[0] == metric}
    return np.array(
        [track[0][1][0] for (_, about), track in tracks.items() if not gate or gate in dict(about).values()]
    )


def test_telemetry_does_not_depend_on_the_step():
    fine, coarse = (site_of(processor()).record(START_NS + 6 * HOUR_NS, step_ns) for step_ns in (MINUTE_NS, HOUR_NS))
    assert [track.values.tolist() for track in fine.levels] == [track.values.tolist() for track in coarse.levels]
    assert [track.values.sum() for track in fine.counts] == [track.values.sum() for track in coarse.counts]


def test_the_machine_is_closed_for_as_long_as_its_calibration_takes():
    recording = site_of(processor()).record(START_NS + 3 * DAY_NS, HOUR_NS)
    closed_s = sum(
        track.values.sum()
        for track in recording.counts
        if (ATTR_DOWNTIME_REASON, "calibration") in track.attributes and track.metric == METRIC_PROCESSOR_DOWNTIME
    )
    (took,) = (track for track in recording.samples if track.metric == METRIC_CALIBRATION_DURATION)
    assert len(took.values) == 3
    assert closed_s == pytest.approx(took.values.sum(), abs=len(took.values))


def test_a_calibration_begins_when_the_machine_closes():
    recording = site_of(processor()).record(START_NS + 3 * DAY_NS, HOUR_NS)
    (took,) = (track for track in recording.samples if track.metric == METRIC_CALIBRATION_DURATION)
    begun, done = (
        [h.time_ns for h in recording.happenings if h.event == event]
        for event in (EVENT_CALIBRATION_START, EVENT_CALIBRATION)
    )
    lasted_s = [(end - begin) / SECOND_NS for begin, end in zip(begun, done, strict=True)]
    assert lasted_s == pytest.approx(took.values)


def test_calibrations_are_never_older_than_a_day_in_nominal_life():
    recording = site_of(processor()).record(START_NS + 3 * DAY_NS, HOUR_NS)
    (age,) = (track for track in recording.levels if track.metric == METRIC_CALIBRATION_AGE)
    assert age.values.max() < DAY_NS / 1e9


def test_nominal_life_never_leaves_its_nominal_ranges():
    (site,) = build_sites(load_fleet(PROPOSAL), seed=3, start_ns=START_NS, faults=FaultSchedule())
    site.record(START_NS + DAY_NS, HOUR_NS)
    left = [
        (track.entity, track.quantity)
        for track in site.truths()
        if (track.values < track.low).any() or (track.values > track.high).any()
    ]
    assert left == []


def test_known_answers_come_out_as_often_as_the_quality_of_the_chip_says():
    site = site_of(processor())
    (checked,) = (
        track for track in site.record(START_NS + DAY_NS, HOUR_NS).levels if track.metric == METRIC_RESULT_FIDELITY
    )
    quality = processor_of(site)._nature.quality
    states = [quality.at(int(when_ns) - BLOCK_NS) for when_ns in checked.times_ns]
    expected = np.mean([right_answer_probability(state, quality.preset.check_layers) for state in states])
    assert checked.values.mean() == pytest.approx(expected, abs=4 * 0.5 / np.sqrt(400 * 10 * len(states)))


def test_reversed_bits_spoil_every_string_that_is_no_palindrome():
    state = quality_of(qubits=5).at(START_NS)
    right, wrong = right_answer_probability(state, 0.0, np.array([0.0, 1.0]))
    assert wrong == pytest.approx(right / 4)


@given(st.floats(-3, 3))
def test_wrong_angles_cost_what_the_trace_of_the_wrong_gate_says(angle: float):
    """1 - F_avg = 1 - (|tr U|^2 + d)/(d(d+1)) for a unitary error U (Pedersen 2007, Phys. Lett. A 367, 47)."""
    turn, phase = np.array([1, np.exp(1j * angle)]), np.array([1, 1, 1, np.exp(1j * angle)])
    assert rotation_error(angle) == pytest.approx(1 - (abs(turn.sum()) ** 2 + 2) / 6, abs=1e-12)
    assert conditional_phase_error(angle) == pytest.approx(1 - (abs(phase.sum()) ** 2 + 4) / 20, abs=1e-12)


def test_all_that_no_processor_can_be_is_reported_together():
    with pytest.raises(InvalidInputError, match=r"(?s)t2_s.*twice.*qubits.*whole number"):
        fleet_of(processor(t2_s=1.0, qubits=2.5))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_possible_processor(preset: str):
    assert list(load_preset("processor", preset, ProcessorPreset).problems()) == []
