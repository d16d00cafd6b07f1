"""Where nothing is clear, what is worth a look is told as a lead, and that there is not enough evidence."""

from dataclasses import replace

import numpy as np
import pytest

from model.clock import MINUTE_NS
from model.names import (
    EVENT_CONFIGURATION_CHANGE,
    EVENT_CREDENTIAL_CHANGE,
    EVENT_FIRMWARE_CHANGE,
    EVENT_SOFTWARE_CHANGE,
    METRIC_HW_TEMPERATURE,
    METRIC_LINK_FIDELITY,
    METRIC_LINK_FIDELITY_MEASURED,
    METRIC_LINK_PAIR_LIFETIME,
    METRIC_MEMORY_T1,
    METRIC_MEMORY_T2,
    METRIC_TELEPORTATION_FIDELITY,
)
from model.registry import load_registry
from reports.cause import Ranking, investigate
from reports.evidence import EvidenceSeries
from tests.unit.reports.recorded import IMPACT_NS, MINUTES, Recorded, changed, noisy, rank, until, warm_up

SOON_NS = IMPACT_NS + MINUTE_NS


def last_off(metric: str, sigmas: float, *, seed: int = 1) -> EvidenceSeries:
    """A series that is told every ten minutes, and once since the impact."""
    series = noisy("mem", metric, 0.08, noise=0.04, seed=seed)
    seldom = until(replace(series, minute_ns=MINUTES[::10], value=series.value[::10].copy()), SOON_NS)
    seldom.value[-1] = 0.08 * (1 + sigmas * 0.04)
    return seldom


def ask_soon(*series: EvidenceSeries) -> Ranking:
    told = Recorded(series=list(series))
    return investigate(told, load_registry(), entity="mem", impact_ns=IMPACT_NS, end_ns=SOON_NS)


def test_what_is_off_by_what_chance_does_too_is_a_lead_and_no_evidence():
    found = ask_soon(last_off(METRIC_MEMORY_T2, -4.0))
    assert [(s.metric, s.lead, s.confidence) for s in found.suspects] == [(METRIC_MEMORY_T2, True, "low")]
    assert found.reason.startswith("Not enough evidence")


def test_of_leads_the_one_that_moved_most_comes_first():
    found = ask_soon(last_off(METRIC_MEMORY_T1, -3.4, seed=2), last_off(METRIC_MEMORY_T2, -4.4))
    assert [s.metric for s in found.suspects] == [METRIC_MEMORY_T2, METRIC_MEMORY_T1]


def test_of_many_slots_one_is_no_lead():
    offs = (-3.2, *[0.0] * 7)
    slots = [replace(last_off(METRIC_MEMORY_T2, off, seed=n), part=str(n)) for n, off in enumerate(offs)]
    assert [s.lead for s in ask_soon(slots[0]).suspects] == [True]
    assert ask_soon(*slots).suspects == ()


def test_a_change_that_nothing_followed_is_a_lead_and_says_how_long_before_it_was():
    steady = noisy("mem", METRIC_MEMORY_T2, 0.013, noise=1e-3)
    found = rank(Recorded(series=[steady], changes=[changed(minutes=-44)]))
    (lead,) = found.suspects
    assert (lead.kind, lead.metric, lead.lead) == ("change", EVENT_FIRMWARE_CHANGE, True)
    assert "44 min before the impact" in lead.text


def test_beside_a_sure_suspect_there_are_no_leads():
    steady = noisy("mem", METRIC_MEMORY_T2, 0.013, noise=1e-3)
    found = rank(Recorded(series=[warm_up(), steady], changes=[changed(minutes=-44)]))
    assert [(s.metric, s.confidence) for s in found.suspects] == [(METRIC_HW_TEMPERATURE, "high")]
    assert found.reason == ""


def unmeasured(metric: str, *, every: int = 10, first: int = 0) -> EvidenceSeries:
    """A series that is told now and then, and not since the impact."""
    series = noisy("link", metric, 0.9, noise=1e-3)
    return until(replace(series, minute_ns=MINUTES[first::every], value=series.value[first::every]), IMPACT_NS)


def ask_of_link(*series: EvidenceSeries, served: float = -0.1) -> Ranking:
    """The answer five minutes after the fidelity of what is served fell."""
    end_ns = IMPACT_NS + 5 * MINUTE_NS
    outcome = until(noisy("link", METRIC_LINK_FIDELITY, 0.9, noise=1e-3, shift=served), end_ns)
    told = Recorded(series=[*series, outcome])
    return investigate(told, load_registry(), entity="link", impact_ns=IMPACT_NS, end_ns=end_ns)


def test_what_was_not_measured_since_the_impact_is_a_lead_if_it_is_measured_often_but_not_always():
    effect = unmeasured(METRIC_TELEPORTATION_FIDELITY)
    (lead,) = ask_of_link(effect, unmeasured(METRIC_LINK_PAIR_LIFETIME)).suspects
    assert (lead.metric, lead.lead) == (METRIC_LINK_PAIR_LIFETIME, True)
    assert lead.text.endswith("was not measured again since the impact")
    assert [ask_of_link(unmeasured(METRIC_LINK_PAIR_LIFETIME, every=n)).suspects for n in (2, 120)] == [(), ()]


def test_what_was_not_measured_but_drives_what_moved_is_a_suspect():
    lifetime = unmeasured(METRIC_LINK_PAIR_LIFETIME)
    found = ask_of_link(lifetime, unmeasured(METRIC_LINK_FIDELITY_MEASURED, first=5))
    assert [(s.metric, s.confidence, s.lead) for s in found.suspects] == [
        (METRIC_LINK_FIDELITY_MEASURED, "low", False),
        (METRIC_LINK_PAIR_LIFETIME, "low", True),
    ]
    assert found.suspects[0].text.endswith(
        "quantum.link.fidelity of link went from 0.8999 to 0.8004, which follows it"
    )


@pytest.mark.parametrize(("times", "suspects"), [(2, [METRIC_LINK_FIDELITY_MEASURED]), (3, [])])
def test_a_measurement_or_two_that_read_as_before_may_not_show_yet_what_follows_it(times, suspects):
    past = unmeasured(METRIC_LINK_FIDELITY_MEASURED, first=5)
    since = IMPACT_NS + MINUTE_NS * np.arange(times)
    measured = replace(past, minute_ns=np.append(past.minute_ns, since), value=np.append(past.value, [0.9] * times))
    assert [s.metric for s in ask_of_link(measured).suspects] == suspects


def test_it_is_only_a_lead_where_what_moved_may_be_chance():
    (lead,) = ask_of_link(unmeasured(METRIC_LINK_FIDELITY_MEASURED), served=-0.005).suspects
    assert lead.lead


def test_it_is_no_suspect_where_what_drives_it_moved():
    lifetime = until(noisy("link", METRIC_LINK_PAIR_LIFETIME, 0.9, noise=1e-3, shift=-0.1), IMPACT_NS + 5 * MINUTE_NS)
    found = ask_of_link(unmeasured(METRIC_LINK_FIDELITY_MEASURED), lifetime)
    assert [s.metric for s in found.suspects if not s.lead] == [METRIC_LINK_PAIR_LIFETIME]


def test_leads_are_no_more_than_three():
    events = (EVENT_FIRMWARE_CHANGE, EVENT_CONFIGURATION_CHANGE, EVENT_SOFTWARE_CHANGE, EVENT_CREDENTIAL_CHANGE)
    changes = [changed(event=event, minutes=-40 - number) for number, event in enumerate(events)]
    steady = noisy("mem", METRIC_MEMORY_T2, 0.013, noise=1e-3)
    assert len(rank(Recorded(series=[steady], changes=changes)).suspects) == 3
