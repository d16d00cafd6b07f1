"""The tables of an SLO report say who spent what, which alerts were worth it, and what was corrected."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from model.windows import Window
from reports.amounts import CountUnit
from reports.render_html import render_html
from reports.render_text import render_json, render_markdown
from reports.report_facts import Correction, Effect, ReportAlert
from reports.report_incidents import Lost, ReportIncident
from reports.slo_report import Report, build_report
from tests.unit.reports.test_slo_report import BASIS, row


def alert(day: int, *, spent: float | None, lasted_min: int | None = None) -> ReportAlert:
    return ReportAlert(
        objective="memory-read-success",
        entity="mem-a",
        tier="1h-5m",
        severity="page",
        fired_ns=day * DAY_NS,
        resolved_ns=None if lasted_min is None else day * DAY_NS + lasted_min * MINUTE_NS,
        spent=spent,
    )


def report_of(**parts: object) -> Report:
    return build_report(**{"basis": BASIS, "rows": [], "alerts": [], **parts})  # type: ignore[arg-type]


def section(report: Report, title: str) -> list[str]:
    """Return the rows of a table of the Markdown without its head."""
    text = render_markdown(report).partition(f"## {title}\n")[2].partition("\n## ")[0]
    return [line for line in text.splitlines() if line.startswith("| ")][2:]


def test_an_alert_was_about_something_from_a_hundredth_of_the_budget_on():
    alerts = [alert(1, spent=0.01), alert(2, spent=0.0099), alert(3, spent=0.4), alert(4, spent=None)]
    told = report_of(alerts=alerts)
    assert json.loads(render_json(told))["alert_precision"] == {"about_a_loss": 2, "of": 3}
    assert "2 of the 3 that follow a budget were about 1 % of the window's budget or more." in render_markdown(told)


def test_the_latest_alerts_and_incidents_come_first():
    incidents = [
        ReportIncident(
            incident_id=n, title="x", impact_ns=0, detected_ns=n * DAY_NS, opened_ns=n * DAY_NS, opened_by="engine"
        )
        for n in (1, 2)
    ]
    told = json.loads(render_json(report_of(alerts=[alert(1, spent=0), alert(2, spent=0)], incidents=incidents)))
    assert [each["fired_at"][:10] for each in told["alerts"]] == ["1970-01-03", "1970-01-02"]
    assert [each["id"] for each in told["incidents"]] == [2, 1]


def test_how_long_alerts_lasted_is_told_as_mean_median_and_longest():
    alerts = [alert(day, spent=0, lasted_min=lasted) for day, lasted in ((1, 10), (2, 20), (3, 90))]
    assert section(report_of(alerts=[*alerts, alert(4, spent=0)]), "How long alerts lasted") == [
        "| page | 4 | 3 | 40m | 20m | 1h 30m |"
    ]


def test_an_objective_whose_budget_is_spent_to_the_last_event_is_not_missed():
    told = report_of(rows=[row("mem-a", 9_900, 10_000, 0.0), row("mem-b", 9_899, 10_000, -0.01)])
    assert told.verdict.startswith("1 of 2 objectives missed.")


def test_who_spent_most_comes_first_with_its_share_of_the_objective_and_its_worst_hour():
    rows = [
        replace(row("mem-a", 9_990, 10_000, 0.9), worst_hour_ns=5 * HOUR_NS, worst_hour_bad=7),
        row("mem-b", 9_970, 10_000, 0.7),
        row("mem-c", 10_000, 10_000, 1.0),
    ]
    assert section(report_of(rows=rows), "Who spent the budget") == [
        "| Read success | mem-b | 30.0 % | 75 % | - | 0 |",
        "| Read success | mem-a | 10.0 % | 25 % | 1970-01-01 05:00 UTC | 7 |",
    ]


def test_the_budgets_before_and_without_exclusions_stand_beside_the_present_one():
    told = replace(row("mem-a", 9_990, 10_000, 0.9), before=(4_990, 5_000), without_exclusions=(9_980, 10_100))
    line = section(report_of(rows=[told]), "Objectives, worst first")[0]
    assert line.split(" | ")[6:9] == ["90.0 %", "80.0 %", "-18.8 %"]
    found = json.loads(render_json(report_of(rows=[told])))["objectives"][0]
    assert found["budget_remaining_before"] == pytest.approx(0.8)
    assert found["budget_remaining_without_exclusions"] == pytest.approx(1 - 120 / 101)


def test_a_correction_tells_what_it_changed_and_what_it_did_not_is_left_out():
    effects = (
        Effect(objective="reads", entity="mem-a", before=(90, 100), after=(90, 90)),
        Effect(objective="reads", entity="mem-b", before=(50, 50), after=(50, 50)),
    )
    told = Correction(at_ns=DAY_NS, kind="exclusion", who="a|b", what="pump", why="broken", effects=effects)
    assert section(report_of(corrections=[told]), "Corrections") == [
        "| 1970-01-02 00:00 UTC | exclusion | a\\|b | pump | broken | reads of mem-a: 100.000 % instead of 90.000 % |"
    ]


FIRE = ReportIncident(
    incident_id=7,
    title="Reads succeed: mem-a",
    domain="memory",
    impact_ns=DAY_NS,
    detected_ns=DAY_NS + 4 * MINUTE_NS,
    opened_ns=DAY_NS + 4 * MINUTE_NS,
    opened_by="engine",
    acknowledged_ns=DAY_NS + 10 * MINUTE_NS,
    acknowledged_by="ada",
    resolved_ns=DAY_NS + 3 * HOUR_NS,
    resolved_by="engine",
    cause="hw.temperature of cryo-a rises",
    lost=(
        Lost(objective="Reads succeed", entity="mem-a", share=0.4),
        Lost(objective="Coherence", entity="mem-a", share=0.1),
    ),
)


def test_an_incident_is_told_with_its_steps_its_cost_and_its_cause():
    (line,) = section(report_of(incidents=[FIRE], web_url="https://herald.example"), "Incidents")
    assert line.strip("| ").split(" | ") == [
        "[#7](https://herald.example/incidents/7)",
        "Reads succeed: mem-a",
        *("1970-01-02 00:00", "after 4m", "after 6m", "-", "after 3h"),
        "40.0 % of Reads succeed, mem-a, and of 1 more",
        "hw.temperature of cryo-a rises",
    ]


def test_in_html_the_number_of_an_incident_leads_to_its_page():
    assert '<td><a href="/incidents/7" target="_top">#7</a></td>' in render_html(report_of(incidents=[FIRE]))


def test_an_incident_in_json_has_every_step_and_what_it_took():
    (told,) = json.loads(render_json(report_of(incidents=[FIRE])))["incidents"]
    assert (told["impact_at"], told["acknowledged_by"], told["mitigated_at"]) == ("1970-01-02T00:00:00Z", "ada", None)
    assert (told["seconds_to_detect"], told["seconds_to_acknowledge"], told["seconds_to_repair"]) == (
        240,
        360,
        10_560,
    )
    assert told["budget_lost"][1] == {"objective": "Coherence", "entity": "mem-a", "share": 0.1}


def test_an_incident_of_an_earlier_window_is_listed_and_was_taken_there():
    told = report_of(incidents=[replace(FIRE, is_new=False)])
    assert (len(section(told, "Incidents")), told.acknowledgement) == (1, ())


@pytest.mark.parametrize(
    ("unit", "bad", "allowed", "told"),
    [
        (CountUnit(), 12, 20.16, "12 / 20.2"),
        (CountUnit("s", Fraction(1200)), 12, 20.16, "4h / 6h 43m"),
        (CountUnit("s", Fraction(300, 10**9)), 2_500_000_000, 10**10, "12m 30s / 50m"),
        (CountUnit("1", Fraction(1, 10**9)), 5_300_000, 10**7, "0.53 % / 1.00 %"),
    ],
)
def test_what_failed_and_what_may_fail_stand_in_the_unit_of_what_is_counted(unit, bad, allowed, told):
    assert f"{unit.render(bad)} / {unit.render(allowed)}" == told


def test_parts_of_a_whole_are_shown_nowhere():
    billion = 10**9
    parts = replace(
        row("mem-a", 999 * billion, 1000 * billion, 0.9),
        unit=CountUnit("s", Fraction(60, billion)),
        worst_hour_bad=billion,
    )
    told = report_of(rows=[parts])
    assert section(told, "Objectives, worst first")[0].split(" | ")[5] == "1m / 10m"
    assert section(told, "Who spent the budget")[0].endswith("| 1m |")
    (found,) = json.loads(render_json(told))["objectives"]
    assert (found["bad"], found["allowed"], found["unit"]) == (60.0, 600.0, "s")
    assert "1m of 16h 40m failed; 10m allowed" in render_html(told)


def test_the_first_page_says_what_the_report_rests_on():
    basis = replace(
        BASIS, zone="Europe/Amsterdam", window=Window(start_ns=-HOUR_NS, end_ns=9 * DAY_NS), period_end_ns=30 * DAY_NS
    )
    told = render_markdown(report_of(basis=basis, rows=[row("mem-a", 9_990, 10_000, 0.9)]))
    assert (
        "- From 1969-12-31 23:00 UTC to 1970-01-10 00:00 UTC (1970-01-01 00:00 to 1970-01-10 01:00 in "
        "Europe/Amsterdam); unfinished, the period ends 1970-01-31 00:00 UTC.\n"
        "- As of 1970-01-29 01:00 UTC; 100.0 % of the data that were due are there.\n"
        "- Objectives 0123456789ab, Herald 0.1.0.\n"
    ) in told
    assert "the period is complete." in render_markdown(report_of())


def test_json_says_what_the_report_rests_on():
    told = json.loads(render_json(report_of()))
    assert {key: told[key] for key in ("period_end", "complete", "zone", "as_of", "configuration")} == {
        "period_end": "1970-01-29T00:00:00Z",
        "complete": True,
        "zone": "UTC",
        "as_of": "1970-01-29T01:00:00Z",
        "configuration": "0123456789abcdef",
    }


def test_a_target_is_shown_with_all_its_digits():
    line = section(report_of(rows=[replace(row("mem-a", 1, 1, 1.0), target=0.9995)]), "Objectives, worst first")[0]
    assert line.split(" | ")[2:4] == ["memory-team", "99.95 %"]


@pytest.mark.parametrize(
    ("coverages", "told"),
    [
        ([1.0, 0.0, None], "50.0 % of the data that were due are there"),
        ([None], "no data were due"),
        ([], "no data were due"),
    ],
)
def test_where_no_data_are_due_none_are_missing(coverages, told):
    rows = [replace(row("mem-a", 1, 1, 1.0), coverage=coverage) for coverage in coverages]
    assert told in render_markdown(report_of(rows=rows))
