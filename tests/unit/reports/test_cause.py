"""The ranking finds what moved first, upstream, and leaves alone what only looks busy."""

from dataclasses import replace

import numpy as np
import pytest

from model.clock import HOUR_NS, MINUTE_NS
from model.names import (
    EVENT_CONFIGURATION_CHANGE,
    EVENT_FIRMWARE_CHANGE,
    EVENT_SOFTWARE_CHANGE,
    METRIC_AGENT_POINTS,
    METRIC_AGENT_TRACES,
    METRIC_AUTH_CREDENTIAL_AGE,
    METRIC_AUTH_ROTATIONS,
    METRIC_CALIBRATION_AGE,
    METRIC_CI_RUNS,
    METRIC_CRYOSTAT_PRESSURE,
    METRIC_GATE_ERROR,
    METRIC_HW_TEMPERATURE,
    METRIC_JOB_SUBMISSIONS,
    METRIC_LINK_ATTEMPTS,
    METRIC_LINK_PAIR_LIFETIME,
    METRIC_LINK_PHOTON_DETECTIONS,
    METRIC_LINK_PURIFICATIONS,
    METRIC_MEMORY_READOUTS,
    METRIC_MEMORY_READS,
    METRIC_MEMORY_REJECTS,
    METRIC_MEMORY_T1,
    METRIC_MEMORY_T2,
)
from model.registry import load_registry
from reports.cause import investigate
from reports.cause.findings import read_findings
from reports.evidence import EvidenceSeries
from tests.unit.reports.recorded import (
    END_NS,
    IMPACT_NS,
    MINUTES,
    OUTCOMES,
    Recorded,
    changed,
    named,
    noisy,
    rank,
    until,
    warm_up,
)


def test_a_warming_cryostat_is_the_first_suspect_before_the_coherence_it_ruins():
    coherence = noisy("mem", METRIC_MEMORY_T2, 0.013, shift=-0.012)
    assert named(Recorded(series=[coherence, warm_up()])) == [
        ("hardware", "cryo", METRIC_HW_TEMPERATURE),
        ("hardware", "mem", METRIC_MEMORY_T2),
    ]


def test_a_series_that_did_not_move_is_no_suspect_and_the_reason_is_told():
    found = rank(Recorded(series=[noisy("cryo", METRIC_HW_TEMPERATURE, -270.0, noise=1e-4)]))
    assert (found.suspects, found.reason.startswith("Not enough evidence: no series")) == ((), True)


def test_without_a_past_nobody_is_named():
    young = noisy("mem", METRIC_MEMORY_T2, 0.013, shift=-0.01)
    kept = young.minute_ns > IMPACT_NS - 20 * MINUTE_NS
    found = rank(Recorded(series=[replace(young, minute_ns=young.minute_ns[kept], value=young.value[kept])]))
    assert (found.suspects, "too little is recorded" in found.reason) == ((), True)


def test_a_single_outlier_is_no_onset():
    series = noisy("mem", METRIC_MEMORY_T2, 0.013)
    series.value[-30] = 5.0
    assert named(Recorded(series=[series])) == []


def test_daily_structure_is_no_shift():
    minutes = np.arange(IMPACT_NS - 30 * HOUR_NS, END_NS, MINUTE_NS, dtype=np.int64)
    day = 1 + 0.3 * np.sin(minutes / (24 * HOUR_NS) * 2 * np.pi)
    series = replace(noisy("mem", METRIC_MEMORY_T2, 0.013), minute_ns=minutes, value=0.013 * day)
    assert named(Recorded(series=[series])) == []


def test_an_outcome_is_never_a_suspect():
    assert named(Recorded(series=[noisy("mem", METRIC_MEMORY_READS, 500, shift=-400)])) == []


def test_what_does_not_act_on_the_entity_is_no_suspect():
    lost_photons = noisy("link", METRIC_LINK_PHOTON_DETECTIONS, 900, shift=-800)
    assert named(Recorded(series=[lost_photons])) == []


def test_an_early_onset_outranks_a_late_one():
    early = noisy("mem", METRIC_MEMORY_T2, 0.013, shift=-0.01)
    late = noisy("mem", METRIC_MEMORY_REJECTS, 4, shift=400, from_ns=IMPACT_NS + 30 * MINUTE_NS)
    assert rank(Recorded(series=[late, early])).suspects[0].metric == METRIC_MEMORY_T2


def test_more_failures_of_more_tries_are_no_worse_hardware():
    tries = [
        noisy("mem", METRIC_MEMORY_READOUTS, level, shift=9 * level, labels=[("outcome", outcome)])
        for level, outcome in ((1000.0, "success"), (20.0, "failure"))
    ]
    assert named(Recorded(series=tries)) == []


def test_a_change_long_before_stays_behind_a_series_that_moved_later():
    found = named(Recorded(series=[warm_up()], changes=[changed(minutes=-40)]))
    assert found == [("hardware", "cryo", METRIC_HW_TEMPERATURE)]


def test_a_change_that_is_followed_at_once_by_a_step_leads_before_the_series_that_stepped():
    coherence = noisy("mem", METRIC_MEMORY_T2, 0.013, shift=-0.01)
    found = rank(Recorded(series=[coherence], changes=[changed(minutes=-1)])).suspects
    assert [(s.kind, s.confidence) for s in found] == [("change", "high"), ("hardware", "low")]


def test_of_two_changes_the_one_before_the_step_leads():
    coherence = noisy("mem", METRIC_MEMORY_T2, 0.013, shift=-0.01)
    earlier = changed(event=EVENT_CONFIGURATION_CHANGE, minutes=-25)
    found = named(Recorded(series=[coherence], changes=[earlier, changed(minutes=-1)]))
    assert found[0] == ("change", "mem", EVENT_FIRMWARE_CHANGE)


def test_a_change_upstream_stays_behind_one_on_what_hurts_where_nothing_moved_on_the_way():
    photons = noisy("link", METRIC_LINK_PHOTON_DETECTIONS, 500, shift=-400, labels=[("kind", "signal")])
    changes = [changed("mem", minutes=-1), changed("link", minutes=-1)]
    suspects = rank(Recorded(series=[photons], changes=changes), "link").suspects
    first, second = (s for s in suspects if s.kind == "change")
    assert (first.entity, second.entity, second.parts["path"]) == ("link", "mem", 0.25)


def test_a_change_upstream_needs_no_excuse_where_something_moved_on_the_way():
    coherence = noisy("mem", METRIC_MEMORY_T2, 0.013, shift=-0.01)
    (first, *_) = rank(Recorded(series=[coherence], changes=[changed("mem", minutes=-1)]), "link").suspects
    assert (first.kind, "path" in first.parts) == ("change", False)


def test_a_change_after_the_first_step_is_innocent():
    reads = noisy("mem", METRIC_MEMORY_READS, 500, shift=-400, from_ns=IMPACT_NS - 10 * MINUTE_NS)
    assert named(Recorded(series=[reads], changes=[changed(minutes=4)])) == []


def test_a_silent_agent_is_named_with_the_loudest_of_what_stopped():
    spoken = [noisy(name, METRIC_LINK_ATTEMPTS, 5e4) for name in ("link", "far")]
    stopped = [until(series, IMPACT_NS) for series in spoken]
    assert named(Recorded(series=stopped), "link")[0] == ("silence", "agent", METRIC_LINK_ATTEMPTS)


def test_a_link_that_falls_silent_alone_is_silent_itself():
    link, far = (noisy(name, METRIC_LINK_ATTEMPTS, 5e4) for name in ("link", "far"))
    assert named(Recorded(series=[until(link, IMPACT_NS), far]), "link")[0] == (
        "silence",
        "link",
        METRIC_LINK_ATTEMPTS,
    )


def test_lost_traces_are_a_matter_of_the_telling():
    lost = [
        noisy("agent", METRIC_AGENT_TRACES, 50, shift=shift, labels=[("outcome", outcome)], noise=0.05)
        for outcome, shift in (("success", -50), ("failure", 50))
    ]
    lost[1].value[MINUTES < IMPACT_NS] = 0.0
    assert named(Recorded(series=lost), "link")[0] == ("silence", "agent", METRIC_AGENT_TRACES)


def test_a_bank_whose_coherence_fell_leads_before_the_lifetimes_that_follow_it():
    fell = [noisy(name, METRIC_LINK_PAIR_LIFETIME, 0.04, shift=-0.03) for name in ("link", "far")]
    coherence = noisy("mem", METRIC_MEMORY_T2, 0.1, shift=-0.08)
    first, second = rank(Recorded(series=[*fell, coherence]), "link").suspects
    assert (first.metric, first.parts["mechanism"]) == (METRIC_MEMORY_T2, 1.2)
    assert (second.metric, second.parts["mechanism"]) == (METRIC_LINK_PAIR_LIFETIME, 0.7)


@pytest.mark.parametrize(("ill", "dose"), [(("link", "far"), 1.0), (("link",), 0.8)])
def test_what_acts_on_two_links_counts_less_where_one_is_well(ill, dose):
    links = [noisy(name, METRIC_LINK_PAIR_LIFETIME, 0.04, shift=-0.03 * (name in ill)) for name in ("link", "far")]
    first = rank(Recorded(series=[*links, noisy("mem", METRIC_MEMORY_T1, 1.0, shift=-0.9)]), "link").suspects[0]
    assert first.entity == "mem"
    assert first.parts["dose"] == pytest.approx(dose)


def test_of_temperature_and_pressure_that_rise_together_temperature_leads():
    pressure = noisy("cryo", METRIC_CRYOSTAT_PRESSURE, 1e-4, shift=1.0, from_ns=IMPACT_NS - 5 * MINUTE_NS)
    assert named(Recorded(series=[pressure, warm_up()]))[0] == ("hardware", "cryo", METRIC_HW_TEMPERATURE)


def in_turns(parts: int, *, shift: float = 0.0, every: int = 10) -> list[EvidenceSeries]:
    """A measurement every ten minutes, of one pair after the other."""
    found = []
    for number in range(parts):
        labels = [("gate", "cz"), ("qubits", f"{number}-{number + 1}")]
        whole = noisy("qpu", METRIC_GATE_ERROR, 0.004 * (1 + number), noise=0.05, seed=number, labels=labels)
        value = np.where(MINUTES >= IMPACT_NS - 20 * MINUTE_NS, whole.value * (1 + shift), whole.value)
        own = slice(number * every, None, parts * every)
        found.append(replace(whole, minute_ns=MINUTES[own], value=value[own]))
    return found


def test_parts_that_are_measured_in_turns_tell_together_what_none_tells_alone():
    (suspect,) = rank(Recorded(series=in_turns(6, shift=1.0)), "qpu").suspects
    assert (suspect.metric, suspect.part) == (METRIC_GATE_ERROR, "cz, 6 in turns")
    assert abs(suspect.onset_ns - (IMPACT_NS - 20 * MINUTE_NS)) <= 10 * MINUTE_NS


def test_parts_that_are_measured_in_turns_and_stay_alone_are_no_suspects():
    assert named(Recorded(series=in_turns(6)), "qpu") == []


def test_one_loud_minute_is_no_shift_at_any_scale():
    lost = [
        noisy("agent", METRIC_AGENT_POINTS, level, noise=0.0, labels=[("outcome", outcome)])
        for outcome, level in (("success", 1000.0), ("failure", 0.0))
    ]
    minute = IMPACT_NS - 10 * MINUTE_NS
    for series, value in zip(lost, (0.0, 1000.0), strict=True):
        series.value[minute == MINUTES] = value
    assert named(Recorded(series=lost), "link") == []


@pytest.mark.parametrize(
    ("before", "burst", "suspects"),
    [
        pytest.param(0.0, (300.0,), [], id="one minute may be chance"),
        pytest.param(0.0, (35.0, 300.0), [METRIC_MEMORY_REJECTS], id="two of what never was before"),
        pytest.param(1.0, (35.0, 300.0), [], id="two of what always is"),
    ],
)
def test_a_burst_of_what_never_happened_before_is_told(before, burst, suspects):
    rejects = noisy("mem", METRIC_MEMORY_REJECTS, before, noise=0.0)
    first = int(np.flatnonzero(IMPACT_NS - 3 * MINUTE_NS == MINUTES)[0])
    rejects.value[first : first + len(burst)] = burst
    end_ns = IMPACT_NS + 5 * MINUTE_NS
    told = Recorded(series=[until(rejects, end_ns)])
    found = investigate(told, load_registry(), entity="mem", impact_ns=IMPACT_NS, end_ns=end_ns)
    assert [s.metric for s in found.suspects if not s.lead] == suspects


def test_the_first_failure_ever_of_a_rare_try_is_told():
    hours = MINUTES[::30]
    tries = [
        EvidenceSeries(
            entity="mem",
            metric=METRIC_AUTH_ROTATIONS,
            part=outcome,
            minute_ns=hours,
            value=np.where(hours == hours[hours < IMPACT_NS][-1], failing, 1.0 - failing),
            labels=(("outcome", outcome),),
        )
        for outcome, failing in (("failure", 1.0), ("success", 0.0))
    ]
    kept = hours <= hours[hours < IMPACT_NS][-1]
    told = [replace(each, minute_ns=hours[kept], value=each.value[kept]) for each in tries]
    assert named(Recorded(series=told)) == [("hardware", "mem", METRIC_AUTH_ROTATIONS)]


def test_new_software_shows_in_the_versions_that_run():
    half = np.arange(len(MINUTES)) % 2 == 0
    other = (MINUTES >= IMPACT_NS) & half
    runs = [
        EvidenceSeries(
            entity="qpu",
            metric=METRIC_CI_RUNS,
            part=version,
            minute_ns=MINUTES,
            value=ran.astype(np.float64),
            labels=(("outcome", "success"), ("sdk", version)),
        )
        for version, ran in (("pinned", ~other), ("other", other))
    ]
    change = changed("qpu", EVENT_SOFTWARE_CHANGE, minutes=0)
    assert named(Recorded(series=runs, changes=[change]), "qpu") == [("change", "qpu", EVENT_SOFTWARE_CHANGE)]


def test_the_next_version_does_not_hide_that_the_one_before_failed():
    later_ns = IMPACT_NS + 30 * MINUTE_NS
    bad = np.random.default_rng(4).binomial(100, np.where(IMPACT_NS <= MINUTES, 0.4, 0.01))
    told = [
        EvidenceSeries(
            entity="mem",
            metric=METRIC_MEMORY_READS,
            part=f"{version}, {outcome}",
            minute_ns=MINUTES[runs],
            value=value[runs].astype(np.float64),
            labels=(("outcome", outcome), ("version", version)),
        )
        for version, runs in (("1.0", later_ns > MINUTES), ("1.1", later_ns <= MINUTES))
        for outcome, value in (("success", 100 - bad), ("failure", bad))
    ]
    found = read_findings(
        Recorded(series=told), load_registry(), relevant=frozenset({"mem"}), impact_ns=IMPACT_NS, end_ns=END_NS
    )
    assert [f.onset_ns for f in found.moved if f.kind == "share"] == [IMPACT_NS]
    assert [f.onset_ns for f in found.moved if f.kind == "mix"] == [later_ns]


def test_a_step_that_is_known_to_the_hour_says_less_for_a_change():
    def support(every: int) -> float:
        whole = noisy("mem", METRIC_MEMORY_T2, 0.013, shift=-0.01, from_ns=IMPACT_NS - 40 * MINUTE_NS)
        coarse = replace(whole, minute_ns=MINUTES[::every], value=whole.value[::every])
        found = rank(Recorded(series=[coarse], changes=[changed(minutes=-41)])).suspects
        return next((s.parts["support"] for s in found if s.kind == "change"), 0.0)

    assert support(60) < 0.7 * support(1)


def test_what_is_asked_of_an_entity_is_not_the_doing_of_a_change_upstream():
    rush = noisy("link", METRIC_JOB_SUBMISSIONS, 5, shift=80)
    (only,) = rank(Recorded(series=[rush], changes=[changed("mem", minutes=-1)]), "link").suspects
    assert (only.kind, only.confidence) == ("load", "high")


def test_three_samples_that_happen_to_agree_are_no_scatter():
    whole = noisy("mem", METRIC_MEMORY_T2, 0.013, noise=0.0)
    seldom = replace(
        whole, minute_ns=MINUTES[::120], value=np.array([1.0, 1.0002, 1.0, 1.0001, 1.012, 1.012]) * 0.013
    )
    assert named(Recorded(series=[seldom])) == []


def test_new_firmware_does_not_raise_how_much_is_asked():
    rush = noisy("mem", METRIC_JOB_SUBMISSIONS, 5, shift=80)
    found = rank(Recorded(series=[rush], changes=[changed("mem", minutes=-1)])).suspects
    assert (found[0].kind, found[0].confidence) == ("load", "high")


def test_a_change_after_most_of_the_rest_had_broken_loses_half_of_its_support():
    def support(minutes: float) -> float:
        since_ns = IMPACT_NS + round(minutes * MINUTE_NS)
        early = noisy("mem", METRIC_MEMORY_READS, 500, shift=-400, from_ns=since_ns)
        also = noisy("mem", METRIC_MEMORY_T1, 0.013, shift=-0.01, from_ns=since_ns)
        late = noisy("mem", METRIC_MEMORY_T2, 0.013, shift=-0.01)
        found = rank(Recorded(series=[early, also, late], changes=[changed(minutes=0)])).suspects
        return next((s.parts["support"] for s in found if s.kind == "change"), 0.0)

    assert support(-5) < 0.5 * support(0)


def test_a_change_after_one_of_three_had_broken_loses_a_part_of_its_support():
    def support(minutes: float) -> float:
        early = noisy("mem", METRIC_MEMORY_READS, 500, shift=-400, from_ns=IMPACT_NS + round(minutes * MINUTE_NS))
        late = [noisy("mem", metric, 0.013, shift=-0.01) for metric in (METRIC_MEMORY_T1, METRIC_MEMORY_T2)]
        found = rank(Recorded(series=[early, *late], changes=[changed(minutes=0)])).suspects
        return next(s.parts["support"] for s in found if s.kind == "change")

    assert support(-5) < 0.75 * support(0)


def test_a_cause_two_hours_ago_is_in_time_where_its_first_effect_is_as_old():
    onset_ns = IMPACT_NS - 120 * MINUTE_NS
    reads = noisy("mem", METRIC_MEMORY_READS, 500, shift=-400, from_ns=onset_ns)
    alone = rank(Recorded(series=[warm_up(onset_ns)])).suspects[0].parts["order"]
    both = rank(Recorded(series=[warm_up(onset_ns), reads])).suspects[0].parts["order"]
    assert (alone < 0.6, both) == (True, 1.0)


def test_what_has_ended_before_the_question_counts_for_half():
    gone = warm_up(IMPACT_NS - 30 * MINUTE_NS)
    gone.value[MINUTES >= IMPACT_NS + 20 * MINUTE_NS] -= 3.0
    assert rank(Recorded(series=[gone])).suspects[0].parts["over"] == 0.5


def test_a_bank_with_a_healthy_link_is_not_what_broke_the_other():
    fell, well = (
        noisy("link", METRIC_LINK_PAIR_LIFETIME, 0.04, shift=-0.03),
        noisy("far", METRIC_LINK_PAIR_LIFETIME, 0.04),
    )
    assert named(Recorded(series=[fell, well]), "link") == [("hardware", "link", METRIC_LINK_PAIR_LIFETIME)]


def test_a_calibration_that_fell_out_leads_before_the_errors_that_grew():
    hours = (MINUTES - MINUTES[0]) / HOUR_NS
    due = replace(noisy("qpu", METRIC_CALIBRATION_AGE, 1.0), value=3600 * (0.01 + hours % 4))
    overdue = replace(due, value=np.where(hours < 8, due.value, 3600 * (0.01 + hours - 4)))
    errors = noisy("qpu", METRIC_GATE_ERROR, 0.003, shift=0.002)
    assert named(Recorded(series=[overdue, errors]), "qpu")[0] == ("hardware", "qpu", METRIC_CALIBRATION_AGE)


def test_credentials_that_grow_too_old_tell_of_their_rotation():
    hours = (MINUTES - MINUTES[0]) / HOUR_NS
    age = replace(noisy("auth", METRIC_AUTH_CREDENTIAL_AGE, 1.0), value=3600 * (0.01 + hours % 2))
    overdue = replace(age, value=np.where(hours < 8, age.value, 3600 * (0.01 + hours - 6)))
    steady = noisy("auth", METRIC_JOB_SUBMISSIONS, 5.0)
    (suspect,) = rank(Recorded(series=[overdue, steady]), "auth").suspects
    assert (suspect.kind, suspect.metric) == ("hardware", METRIC_AUTH_ROTATIONS)
    assert "the last renewal is" in suspect.text


def test_arrivals_that_multiplied_are_the_cause():
    assert named(Recorded(series=[noisy("mem", METRIC_JOB_SUBMISSIONS, 5, shift=40)])) == [
        ("load", "mem", METRIC_JOB_SUBMISSIONS)
    ]


@pytest.mark.parametrize("part", ["size", "effect", "order", "place", "kind"])
def test_the_parts_of_a_score_are_told(part):
    assert part in rank(Recorded(series=[warm_up()])).suspects[0].as_dict(1)["parts"]


def test_the_score_is_the_product_of_its_parts():
    (suspect,) = rank(Recorded(series=[warm_up()])).suspects
    assert suspect.score == pytest.approx(np.prod(list(suspect.parts.values())))


def test_what_was_never_tried_before_speaks_for_the_change_that_began_it():
    since = [noisy("link", METRIC_LINK_PURIFICATIONS, 30.0, labels=[("outcome", o)]) for o in OUTCOMES]
    for series in since:
        series.value[IMPACT_NS > MINUTES] = 0.0
    change = changed("link", EVENT_CONFIGURATION_CHANGE, minutes=0)
    steady = noisy("link", METRIC_LINK_ATTEMPTS, 1e6)
    (suspect,) = rank(Recorded(series=[steady, *since], changes=[change]), "link").suspects
    assert (suspect.kind, suspect.confidence) == ("change", "high")
    assert METRIC_LINK_PURIFICATIONS in suspect.text


def test_a_rush_that_many_send_shows_in_the_sum():
    rng = np.random.default_rng(5)
    tenants = [
        replace(
            noisy("mem", METRIC_JOB_SUBMISSIONS, 1.0, labels=[("tenant", f"lab-{number}")]),
            value=rng.poisson(np.where(IMPACT_NS > MINUTES, 0.05, 0.2)).astype(np.float64),
        )
        for number in range(40)
    ]
    (suspect,) = rank(Recorded(series=tenants)).suspects
    assert (suspect.kind, suspect.part, abs(suspect.onset_ns - IMPACT_NS) <= 2 * MINUTE_NS) == ("load", "all", True)


def test_a_change_nearly_four_hours_ago_is_found_where_the_harm_is_as_old():
    onset_ns = IMPACT_NS - 220 * MINUTE_NS
    reads = [
        replace(noisy("mem", METRIC_MEMORY_READS, rate, shift=shift, from_ns=onset_ns), labels=(("outcome", o),))
        for o, rate, shift in (("success", 500, -200), ("failure", 5, 200))
    ]
    change = changed(minutes=-220)
    assert named(Recorded(series=reads, changes=[change])) == [("change", "mem", EVENT_FIRMWARE_CHANGE)]


def test_an_agent_that_tells_of_its_own_losses_is_blamed_for_those():
    lost = noisy("agent", METRIC_AGENT_POINTS, 10.0, shift=900.0)
    stopped = [until(noisy(name, METRIC_LINK_ATTEMPTS, 1e6), IMPACT_NS) for name in ("link", "far")]
    first = rank(Recorded(series=[lost, *stopped]), "agent").suspects[0]
    assert (first.kind, first.entity, first.metric) == ("silence", "agent", METRIC_AGENT_POINTS)
