"""What is told seldom, wanders or fails by chance: dated and judged by what it usually does."""

from dataclasses import replace

import numpy as np
import pytest

from model.clock import HOUR_NS, MINUTE_NS
from model.names import (
    EVENT_FIRMWARE_CHANGE,
    METRIC_CRYOSTAT_HELIUM_LEVEL,
    METRIC_ENVIRONMENT_HUMIDITY,
    METRIC_ENVIRONMENT_VIBRATION,
    METRIC_GATE_ERROR,
    METRIC_JOB_FAILURES,
    METRIC_JOB_RETRIES,
    METRIC_JOB_WAIT_DURATION,
    METRIC_LINK_FIDELITY_MEASURED,
    METRIC_MEMORY_CONTROL_SHIFT,
    METRIC_MEMORY_READS,
    METRIC_MEMORY_T2,
    METRIC_PROCESSOR_DOWNTIME,
)
from model.registry import load_registry
from reports.cause import investigate
from reports.evidence import EvidenceSeries
from tests.unit.reports.recorded import END_NS, IMPACT_NS, MINUTES, Recorded, changed, named, noisy, rank, until


def seldom(*, shift: float = 0.0) -> EvidenceSeries:
    """A coherence time that is told every ten minutes."""
    whole = noisy("mem", METRIC_MEMORY_T2, 0.08, shift=shift, noise=0.04)
    return replace(whole, minute_ns=MINUTES[::10], value=whole.value[::10].copy())


def test_a_first_deviation_by_chance_does_not_date_a_shift_that_came_hours_later():
    series = seldom(shift=-0.05)
    series.value[-6 - 18 : -6 - 12] *= 0.8
    (suspect,) = rank(Recorded(series=[series])).suspects
    assert abs(suspect.onset_ns - IMPACT_NS) <= 10 * MINUTE_NS


def test_a_single_last_sample_of_one_slot_is_told_where_it_is_six_sigmas_off():
    slots = [replace(until(seldom(), IMPACT_NS + MINUTE_NS), labels=(("slot", s),), part=s) for s in ("0", "1")]
    slots[1].value[-1] = 0.08 * (1 - 6 * 0.04)
    end_ns = IMPACT_NS + MINUTE_NS
    found = investigate(Recorded(series=slots), load_registry(), entity="mem", impact_ns=IMPACT_NS, end_ns=end_ns)
    assert [suspect.part for suspect in found.suspects] == ["1"]


def wandering(step: float, *, seed: int = 5) -> EvidenceSeries:
    """A level every ten minutes that walks at random between bounds, and steps at the last sample."""
    rng = np.random.default_rng(seed)
    walk = [0.0]
    for kick in 0.02 * rng.standard_normal(len(MINUTES[::10]) - 1):
        walk.append(0.995 * walk[-1] + float(kick))
    value = np.array(walk)
    value[-2:] += step * np.array([0.5, 1.0])
    return replace(noisy("mem", METRIC_MEMORY_CONTROL_SHIFT, 1.0), minute_ns=MINUTES[::10], value=value)


def test_a_level_that_wanders_is_judged_by_how_far_it_steps():
    assert named(Recorded(series=[wandering(0.3)])) == [("hardware", "mem", METRIC_MEMORY_CONTROL_SHIFT)]


def test_of_many_that_wander_one_step_is_chance():
    many = [
        replace(wandering(0.3 * (seed == 5), seed=seed), labels=(("slot", str(seed)),), part=str(seed))
        for seed in range(3, 9)
    ]
    assert named(Recorded(series=many)) == []


def test_what_was_nearly_always_nought_is_judged_by_the_few_other_times():
    since_ns = END_NS - 4 * MINUTE_NS
    usual = np.where(np.arange(len(MINUTES)) % 200 < 4, 3.0, 0.0)

    def moved(now: float) -> int:
        series = replace(noisy("qpu", METRIC_GATE_ERROR, 1.0), value=np.where(since_ns <= MINUTES, now, usual))
        told = Recorded(series=[series])
        found = investigate(told, load_registry(), entity="qpu", impact_ns=since_ns, end_ns=END_NS)
        return sum(not suspect.lead for suspect in found.suspects)

    assert (moved(2.0), moved(30.0)) == (0, 1)


def test_what_others_tell_of_an_entity_speaks_for_its_change():
    def support(backend: str) -> float:
        retries = noisy("queue", METRIC_JOB_RETRIES, 0.01, shift=2.0, labels=[("backend", backend)])
        (suspect,) = rank(Recorded(series=[retries], changes=[changed("qpu", minutes=-1)]), "qpu").suspects
        return suspect.parts["support"]

    assert support("qpu") > 1.3 * support("other")


def test_a_change_minutes_after_an_impact_that_was_dated_too_early_is_found():
    reads = noisy("mem", METRIC_MEMORY_READS, 500, shift=-400, from_ns=IMPACT_NS + 8 * MINUTE_NS)
    assert named(Recorded(series=[reads], changes=[changed(minutes=8)])) == [("change", "mem", EVENT_FIRMWARE_CHANGE)]


def test_a_change_after_the_impact_is_never_sure():
    def confidence(minutes: int) -> str:
        reads = noisy("mem", METRIC_MEMORY_READS, 500, shift=-400, from_ns=IMPACT_NS + minutes * MINUTE_NS)
        return rank(Recorded(series=[reads], changes=[changed(minutes=minutes)])).suspects[0].confidence

    assert (confidence(0), confidence(8)) == ("high", "medium")


def test_waiting_for_a_processor_that_went_down_does_not_refute_a_change_after_it():
    before_ns = IMPACT_NS - 10 * MINUTE_NS
    wait = noisy("queue", METRIC_JOB_WAIT_DURATION, 1.0, shift=100.0, from_ns=before_ns)
    failures = noisy("queue", METRIC_JOB_FAILURES, 0.5, shift=4.0)

    def support(down_from_ns: int) -> float:
        downtime = noisy("qpu", METRIC_PROCESSOR_DOWNTIME, 0.1, shift=40.0, from_ns=down_from_ns)
        told = Recorded(series=[wait, failures, downtime], changes=[changed("queue", minutes=-1)])
        ranking = rank(told, "queue")
        return max((s.parts["support"] for s in ranking.suspects if s.kind == "change"), default=0.0)

    assert support(before_ns) > 0.5 > support(before_ns - 3 * HOUR_NS)


def test_a_fidelity_near_one_is_judged_by_what_it_lacks():
    def effect(before: float, after: float) -> float:
        measured = noisy("link", METRIC_LINK_FIDELITY_MEASURED, before, shift=after - before, noise=1e-4)
        (suspect,) = rank(Recorded(series=[measured]), "link").suspects
        return suspect.parts["effect"]

    assert effect(0.98, 0.96) == pytest.approx(effect(0.02, 0.04), abs=1e-3)
    assert effect(0.98, 0.96) > effect(0.6, 0.55)


def test_a_tank_that_is_filled_again_weighs_less_than_one_that_loses_as_much():
    def effect(after: float) -> float:
        level = noisy("cryo", METRIC_CRYOSTAT_HELIUM_LEVEL, 0.9, shift=after - 0.9, noise=1e-4)
        (suspect,) = rank(Recorded(series=[level])).suspects
        return suspect.parts["effect"]

    assert effect(0.9999) < effect(0.8)


def test_what_is_usually_below_a_half_is_judged_by_its_factor():
    humidity = noisy("cryo", METRIC_ENVIRONMENT_HUMIDITY, 0.42, shift=0.34)
    vibration = noisy("cryo", METRIC_ENVIRONMENT_VIBRATION, 3e-4, shift=9e-4)
    effects = {s.metric: s.parts["effect"] for s in rank(Recorded(series=[humidity, vibration])).suspects}
    assert effects[METRIC_ENVIRONMENT_VIBRATION] > 1.02 * effects[METRIC_ENVIRONMENT_HUMIDITY]
