"""A postmortem counts each time from where it belongs, and says what alerting did well or badly."""

import json
from dataclasses import replace

import pytest

from model.clock import MINUTE_NS
from reports.cause import Ranking
from reports.postmortem import Incident, Postmortem, build_postmortem
from reports.postmortem_facts import AlertFact, Impact, TenantLoss
from reports.render_postmortem import render_postmortem_json, render_postmortem_markdown
from reports.review import minutes
from tests.unit.reports.test_postmortem import BEGAN_NS, INCIDENT, PAGE


def after(count: int) -> int:
    return BEGAN_NS + count * MINUTE_NS


TAKEN = replace(
    INCIDENT,
    incident_id=7,
    detected_ns=after(5),
    acknowledged_ns=after(8),
    acknowledged_by="ada",
    mitigated_ns=after(30),
    resolved_ns=after(120),
)


def told_of(
    incident: Incident = TAKEN, *, impacts: tuple[Impact, ...] = (), alerts: tuple[AlertFact, ...] = ()
) -> Postmortem:
    return build_postmortem(
        incident,
        impacts=impacts,
        moments=(),
        ranking=Ranking(suspects=(), reason="nothing moved"),
        gaps=(),
        charts=(),
        version="0",
        alerts=alerts,
    )


def badly(postmortem: Postmortem) -> list[str]:
    found: list[str] = json.loads(render_postmortem_json(postmortem))["alerting"]["badly"]
    return found


def test_times_run_from_the_impact_and_that_to_acknowledge_from_detection():
    told = json.loads(render_postmortem_json(told_of()))["incident"]
    steps = ("detect", "acknowledge", "mitigate", "resolve")
    assert [told[f"seconds_to_{step}"] for step in steps] == [300, 180, 1800, 7200]
    text = render_postmortem_markdown(told_of(alerts=(PAGE,)))
    for line in (
        "| Detected | 1970-01-05 04:05 UTC | 5 min after the impact |",
        "| Acknowledged | 1970-01-05 04:08 UTC | 3 min after detection |",
        "| Mitigated | 1970-01-05 04:30 UTC | 30 min after the impact |",
        "| Resolved | 1970-01-05 06:00 UTC | 2 h 0 min after the impact |",
        "An alert fired 5 min later. ada took it 3 min after that. It ended after 2 h 0 min.",
    ):
        assert line in text


@pytest.mark.parametrize(("count", "text"), [(0, "0 min"), (99, "99 min"), (100, "1 h 40 min"), (154, "2 h 34 min")])
def test_durations_read_easily(count: int, text: str):
    assert minutes(0, count * MINUTE_NS) == text


def test_losses_under_a_thousandth_of_a_budget_are_counted_and_not_listed():
    impacts = tuple(
        Impact(objective=name, entity="mem-a", bad=1, total=10, budget_share=share)
        for name, share in (("large", 0.4), ("middling", 0.001), ("small", 0.0009))
    )
    text = render_postmortem_markdown(told_of(impacts=impacts))
    assert "| middling | mem-a | 1 | 10 | 0.1 % | - |" in text
    assert "| small |" not in text
    assert "1 further objectives of what was hurt lost less" in text
    assert "1 of 10 failed in large of mem-a, 40 % of its budget; 2 budgets were touched." in text


def test_an_incident_that_nobody_took_is_told():
    assert "Nobody acknowledged the incident." in badly(told_of(replace(TAKEN, acknowledged_ns=None)))
    assert "Nobody acknowledged the incident." not in badly(told_of())


def test_pages_beside_the_first_are_told_as_too_many():
    others = (PAGE, replace(PAGE, objective="other"))
    assert "2 pages of 2 objectives told of one incident; the first would have done." in badly(told_of(alerts=others))
    assert not any("would have done" in words for words in badly(told_of(alerts=(PAGE,))))


def test_tickets_that_fired_on_after_the_end_are_told():
    ticket = replace(PAGE, severity="ticket", tier="3d-6h", resolved_ns=after(121))
    words = "A ticket of slow windows fired on after it was over."
    assert words in badly(told_of(alerts=(PAGE, ticket)))
    assert words not in badly(told_of(alerts=(PAGE, replace(ticket, resolved_ns=after(120)))))


def test_what_is_no_finite_number_is_null_in_json():
    lost = TenantLoss(tenant="lab-a", backend="qpu-b", failed=1, share_before=float("nan"), share_during=float("inf"))
    told = json.loads(render_postmortem_json(replace(told_of(), tenants=(lost,))))["tenants"]
    assert [(each["share_before"], each["share_during"]) for each in told] == [(None, None)]
