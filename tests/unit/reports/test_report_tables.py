"""The tables of an SLO report say who spent what, which alerts were worth it, and what was corrected."""

import json
from dataclasses import replace

import pytest

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from reports.render_text import render_json, render_markdown
from reports.report_facts import Correction, Effect, ReportAlert, ReportIncident
from reports.slo_report import Report, build_report
from tests.unit.reports.test_slo_report import WINDOW, row


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
    return build_report(**{"window": WINDOW, "version": "0", "rows": [], "alerts": [], **parts})  # type: ignore[arg-type]


def section(report: Report, title: str) -> list[str]:
    """Return the rows of a table of the Markdown without its head."""
    text = render_markdown(report).partition(f"## {title}\n")[2].partition("\n## ")[0]
    return [line for line in text.splitlines() if line.startswith("| ")][2:]


def test_an_alert_was_about_something_from_a_hundredth_of_the_budget_on():
    alerts = [alert(1, spent=0.01), alert(2, spent=0.0099), alert(3, spent=0.4), alert(4, spent=None)]
    told = report_of(alerts=alerts)
    assert json.loads(render_json(told))["alert_precision"] == {"about_a_loss": 2, "of": 3}
    assert "2 of the 3 that follow a budget were about 1% of the window's budget or more." in render_markdown(told)


def test_the_latest_alerts_and_incidents_come_first():
    incidents = [
        ReportIncident(incident_id=n, title="x", domain="memory", detected_ns=n * DAY_NS, acknowledged_ns=None)
        for n in (1, 2)
    ]
    told = json.loads(render_json(report_of(alerts=[alert(1, spent=0), alert(2, spent=0)], incidents=incidents)))
    assert [each["fired_at"][:10] for each in told["alerts"]] == ["1970-01-03", "1970-01-02"]
    assert [each["id"] for each in told["incidents"]] == [2, 1]


def test_how_long_alerts_lasted_is_told_as_mean_median_and_longest():
    alerts = [alert(day, spent=0, lasted_min=lasted) for day, lasted in ((1, 10), (2, 20), (3, 90))]
    assert section(report_of(alerts=[*alerts, alert(4, spent=0)]), "How long alerts lasted") == [
        "| page | 4 | 3 | 40m | 20m | 90m |"
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
    assert line.split(" | ")[5:8] == ["90.0 %", "80.0 %", "-18.8 %"]
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
