"""The report says what the counts say, in every format."""

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from model.windows import Window
from reports.charts import draw_course, even_spend
from reports.numbers import render_count, render_ratio
from reports.render_html import render_html
from reports.render_text import render_json, render_markdown
from reports.report_facts import Basis, Month, ReportAlert
from reports.report_incidents import ReportIncident
from reports.report_rows import ReportRow
from reports.slo_report import Report, build_report

WINDOW = Window(start_ns=0, end_ns=28 * DAY_NS)
BASIS = Basis(
    window=WINDOW,
    period_end_ns=WINDOW.end_ns,
    as_of_ns=WINDOW.end_ns + HOUR_NS,
    zone="UTC",
    configuration="0123456789abcdef",
    version="0.1.0",
)


def row(entity: str, good: int, total: int, remaining: float | None, state: str = "") -> ReportRow:
    history = np.arange(0, 28 * DAY_NS, 6 * HOUR_NS, dtype=np.int64)
    return ReportRow(
        objective="memory-read-success",
        display_name="Read success",
        domain="memory",
        owner="memory-team",
        catalogue_id="memory.M2",
        entity=entity,
        target=0.99,
        good=good,
        total=total,
        coverage=1.0 if total else 0.0,
        remaining=remaining,
        state=state or ("no_data" if remaining is None else "exhausted" if remaining < 0 else "ok"),
        history_ns=history if total else history[:0],
        history_remaining=np.linspace(1, remaining or 0, len(history if total else history[:0])),
        history_sli=np.full(len(history if total else history[:0]), 0.99),
    )


@pytest.fixture
def report() -> Report:
    alert = ReportAlert(
        objective="memory-read-success",
        entity="mem-b",
        tier="page-1h",
        severity="page",
        fired_ns=DAY_NS,
        resolved_ns=None,
    )
    rows = [row("mem-a", 9_990, 10_000, 0.9), row("mem-c", 0, 0, None), row("mem-b", 9_700, 10_000, -2.0)]
    return build_report(basis=BASIS, rows=rows, alerts=[alert])


def test_the_worst_objective_stands_first_and_the_silent_one_before_those_that_are_well(report):
    assert [r.entity for r in report.rows] == ["mem-b", "mem-c", "mem-a"]


def test_what_missed_most_in_the_window_of_the_report_stands_first_whatever_its_state_is():
    rows = [
        row("well", 10, 10, 1.0),
        row("silent-late", 10, 10, 0.05, "no_data"),
        row("spends", 9, 10, 0.1, "at_risk"),
        row("missed", 8, 10, -1.0),
        row("missed-more", 7, 10, -2.0, "ok"),
    ]
    told = build_report(basis=BASIS, rows=rows, alerts=[])
    assert [r.entity for r in told.rows] == ["missed-more", "missed", "spends", "silent-late", "well"]


def test_the_verdict_names_the_worst_and_counts_the_silent(report):
    assert report.verdict == (
        "1 of 3 objectives missed. Worst: Read success of mem-b spent 300.0 % of its error budget. "
        "1 had no data and are neither kept nor missed. 1 page and 0 tickets were raised, 0 incidents hurt."
    )


def test_an_objective_without_events_has_no_sli(report):
    assert report.rows[1].sli is None


def test_json_carries_the_unrounded_counts(report):
    worst = json.loads(render_json(report))["objectives"][0]
    assert (worst["good"], worst["total"], worst["sli"], worst["budget_remaining"]) == (9_700, 10_000, 0.97, -2.0)


def test_markdown_has_one_table_row_for_each_objective(report):
    summary = render_markdown(report).partition("## Objectives, worst first")[2].partition("## ")[0]
    lines = [line for line in summary.splitlines() if line.startswith("| Read success")]
    assert len(lines) == 3


def test_markdown_says_no_data_instead_of_a_percentage(report):
    silent = next(line for line in render_markdown(report).splitlines() if "mem-c" in line)
    assert "| no data |" in silent


def test_html_draws_a_chart_for_each_objective_with_data_and_runs_no_script(report):
    html = render_html(report)
    assert (html.count("<svg"), "<script" in html) == (2, False)


def test_html_is_well_formed(report):
    body = render_html(report).removeprefix("<!doctype html>\n").replace('<meta charset="utf-8">', "")
    assert ET.fromstring(body).tag == "html"


def test_html_escapes_what_it_did_not_write():
    nasty = build_report(basis=BASIS, rows=[row("<b>x", 1, 1, 1.0)], alerts=[])
    assert "<b>x" not in render_html(nasty)


def test_the_same_report_gives_the_same_bytes(report):
    assert render_html(report) == render_html(report)


@pytest.mark.parametrize(("good", "told"), [(9, "kept"), (8, "missed"), (10, "kept")])
def test_a_month_that_spends_its_budget_to_the_last_event_has_kept_it(good, told):
    month = Month(label="2026-10", good=good, total=10)
    found = build_report(
        basis=BASIS, rows=[replace(row("mem-a", 9, 10, 0.0), target=0.9, months=(month,))], alerts=[]
    )
    assert f"{good * 10}.00 % {told}" in render_markdown(found)
    assert json.loads(render_json(found))["objectives"][0]["months"][0]["kept"] is (told == "kept")


@pytest.mark.parametrize(("target", "total", "allowed"), [(0.9, 10, 1.0), (0.95, 20, 1.0), (0.999, 1000, 1.0)])
def test_what_is_allowed_is_a_whole_number_where_it_is_one(target, total, allowed):
    exact = replace(row("mem-a", total - 1, total, 0.0), target=target, without_exclusions=(total - 1, total))
    assert (exact.allowed, exact.remaining_without_exclusions) == (allowed, 0.0)


def test_the_even_spend_reaches_zero_at_the_end_though_the_last_step_is_short():
    times = np.array([0, 10, 20, 25], dtype=np.int64) * HOUR_NS
    short = replace(row("mem-a", 9, 10, 0.5), history_ns=times, history_remaining=np.ones(4))
    assert even_spend(short).tolist() == [1.0, 0.6, pytest.approx(0.2), 0.0]


@pytest.mark.parametrize("hours", [1, 2, 5, 13, 24, 48, 75, 24 * 7, 24 * 14, 24 * 31, 24 * 92, 24 * 366])
def test_the_course_of_any_window_is_drawn_with_its_target(hours):
    times = np.linspace(0, hours * HOUR_NS, 50).astype(np.int64)
    told = replace(row("mem-a", 9, 10, 0.5), history_ns=times, history_sli=np.ones(50), history_remaining=np.ones(50))
    assert draw_course(told).count("target") == 1


def incident(domain: str, minutes_to_acknowledge: int | None) -> ReportIncident:
    return ReportIncident(
        incident_id=1,
        title="Reads succeed: mem-a",
        domain=domain,
        impact_ns=DAY_NS - 10 * MINUTE_NS,
        detected_ns=DAY_NS,
        opened_ns=DAY_NS,
        opened_by="engine",
        acknowledged_ns=None if minutes_to_acknowledge is None else DAY_NS + minutes_to_acknowledge * MINUTE_NS,
    )


def test_the_time_to_acknowledge_is_told_by_domain_and_what_nobody_took_is_in_the_share_alone():
    incidents = [incident("memory", 4), incident("memory", 12), incident("memory", None), incident("link", None)]
    report = build_report(basis=BASIS, rows=[], alerts=[], incidents=incidents)
    assert json.loads(render_json(report))["acknowledgement"] == [
        {"domain": "link", "incidents": 1, "acknowledged": 0, "mean_s": None, "longest_s": None},
        {"domain": "memory", "incidents": 3, "acknowledged": 2, "mean_s": 480.0, "longest_s": 720.0},
    ]
    assert "| memory | 3 | 2 | 66 % | 8m | 12m |" in render_markdown(report)
    assert "| link | 1 | 0 | 0 % | - | - |" in render_markdown(report)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (0.99412, "99.412 %"),
        (0.999996, "99.999 %"),
        (1.0, "100.000 %"),
        (0.29, "29.000 %"),
        (-0.57, "-57.000 %"),
        (-0.5, "-50.000 %"),
        (None, "no data"),
    ],
)
def test_a_ratio_is_cut_and_never_rounded_up(ratio, text):
    assert render_ratio(ratio) == text


@pytest.mark.parametrize(("count", "text"), [(2016, "2,016"), (20.16, "20.2"), (1234.5, "1,234"), (0, "0")])
def test_counts_read_easily(count, text):
    assert render_count(count) == text
