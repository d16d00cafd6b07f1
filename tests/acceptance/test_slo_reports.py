"""The SLO report over a quarter of counted minutes: numbers, corrections, months, metering, PDF pages, schedule."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from playwright.sync_api import Browser, expect
from typer.testing import CliRunner, Result

from alert_rules import load_shipped_objectives
from herald.cli import app
from herald.engine_state import note_judged_to
from herald.incidents import IncidentPolicy
from herald.report_period import parse_period
from herald.report_schedule import ReportSchedule
from herald.slo_reports import collect_report
from herald.slo_reports.configuration import digest_configuration
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from model.errors import InvalidInputError
from model.windows import Window
from slo import SliMinute
from store import AlertRow, IncidentRow, Store
from tests.acceptance.browsing import serving
from tests.acceptance.running import eventually
from tests.services.databases import MigratedDatabases
from web import create_app
from web.testing import MemorySources

QUARTER = parse_period("2026-Q3")
JUDGED_NS = QUARTER.window.end_ns + DAY_NS
OBJECTIVES = [
    each for each in load_shipped_objectives() if each.name in {"memory-read-success", "memory-write-success"}
]
DELFT, HAGUE = (("device", "mem-delft"),), (("device", "mem-hague"),)
OUTAGE_NS = round(datetime(2026, 8, 12, 10, tzinfo=UTC).timestamp()) * SECOND_NS
OUTAGE = Window(start_ns=OUTAGE_NS, end_ns=OUTAGE_NS + 5 * HOUR_NS)
"""All reads of the bank in Delft fail."""


@pytest.fixture(scope="module")
def quarter(databases: MigratedDatabases, embedded_server_url: str) -> Iterator[str]:
    """A database that holds a quarter of two objectives of two banks, one count every ten minutes."""
    with databases.on(embedded_server_url) as url:
        with Store(url) as store:
            rng = np.random.default_rng(3)
            times = range(QUARTER.window.start_ns, QUARTER.window.end_ns, 10 * MINUTE_NS)
            for objective in OBJECTIVES:
                minutes = [
                    SliMinute(g, ns, int(rng.binomial(100, 0.998)), 100) for g in (DELFT, HAGUE) for ns in times
                ]
                if objective.name == "memory-read-success":
                    minutes = [_fail(minute) for minute in minutes]
                store.replace_sli(objective.name, list(times), minutes)
            store.open_alert(
                AlertRow(
                    objective="memory-read-success",
                    group=DELFT,
                    tier="1h-5m",
                    severity="page",
                    fired_ns=OUTAGE_NS + 10 * MINUTE_NS,
                    threshold=13.44,
                    long_window="1h",
                    short_window="5m",
                    resolved_ns=OUTAGE.end_ns + 5 * MINUTE_NS,
                )
            )
            store.open_alert(
                AlertRow(
                    objective="calibrating",
                    group=DELFT,
                    tier="condition",
                    severity="info",
                    fired_ns=OUTAGE_NS,
                    threshold=0,
                    long_window="",
                    short_window="",
                )
            )
            row = IncidentRow(
                title="Reads succeed: mem-delft",
                domain="memory",
                entities=("mem-delft",),
                impact_ns=OUTAGE_NS,
                detected_ns=OUTAGE_NS + 10 * MINUTE_NS,
                opened_ns=OUTAGE_NS + 10 * MINUTE_NS,
                opened_by="engine",
                acknowledged_ns=OUTAGE_NS + 15 * MINUTE_NS,
                acknowledged_by="ada",
                resolved_ns=OUTAGE.end_ns + 5 * MINUTE_NS,
                resolved_by="engine",
                closed_ns=OUTAGE.end_ns + 20 * MINUTE_NS,
            )
            store.add_incident(row, IncidentPolicy().pin(row))
            note_judged_to(store, JUDGED_NS)
        yield url


def _fail(minute: SliMinute) -> SliMinute:
    struck = minute.group == DELFT and OUTAGE.start_ns <= minute.minute_ns < OUTAGE.end_ns
    return replace(minute, good=0) if struck else minute


def report(database: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["report", "--database", database, *arguments])


@pytest.fixture(scope="module")
def told(quarter: str) -> dict[str, object]:
    """The quarter's report as JSON."""
    document: dict[str, object] = json.loads(report(quarter, "--period", "2026-Q3", "--format", "json").stdout)
    return document


def test_a_quarter_counts_all_of_its_minutes(told):
    assert {(row["objective"], row["entity"]): row["total"] for row in told["objectives"] if row["total"]} == {
        (objective.name, device): 92 * 24 * 6 * 100
        for objective in OBJECTIVES
        for device in ("mem-delft", "mem-hague")
    }


def test_of_what_was_counted_the_outage_comes_first_with_its_worst_hour(told):
    counted = [row for row in told["objectives"] if row["state"] != "no_data"]
    uncounted = len(told["objectives"]) - len(counted)
    assert [row["total"] for row in told["objectives"][:uncounted]] == [0] * uncounted
    worst = counted[0]
    assert (worst["objective"], worst["entity"]) == ("memory-read-success", "mem-delft")
    assert worst["worst_hour_bad"] == 600
    assert "2026-08-12T10:00:00Z" <= worst["worst_hour"] <= "2026-08-12T14:00:00Z"


def test_each_month_adds_up_to_the_quarter(told):
    for row in told["objectives"]:
        assert sum(month["total"] for month in row["months"]) == row["total"]
    counted = next(row for row in told["objectives"] if row["total"])
    assert [month["label"] for month in counted["months"]] == ["2026-07", "2026-08", "2026-09"]


def test_the_page_was_about_the_budget_that_the_outage_cost(told):
    (alert,) = told["alerts"]
    budget = 0.01 * 92 * 24 * 6 * 100
    assert alert["budget_spent"] == pytest.approx(30 * 100 / budget, rel=0.02)
    assert told["alert_precision"] == {"about_a_loss": 1, "of": 1}


def test_the_pages_of_its_pdf_are_drawn(quarter, tmp_path):
    assert report(quarter, "--period", "2026-Q3", "--format", "pdf", "--out", str(tmp_path / "q3.pdf")).exit_code == 0
    pages = list(pypdfium2.PdfDocument(tmp_path / "q3.pdf"))
    assert "SLO report of the fleet, quarter 3 of 2026" in pages[0].get_textpage().get_text_range()
    inked = [np.asarray(page.render(scale=0.5).to_numpy()).min() for page in pages]
    assert len(pages) > 1
    assert max(inked) < 128


def test_what_went_before_the_window_is_not_spent_in_it(quarter):
    asked = ("--window", "5h", "--as-of", "2026-08-12T15:05Z", "--format", "json")
    found = json.loads(report(quarter, *asked).stdout)
    (alert,), row = found["alerts"], found["objectives"]
    worst = next(each for each in row if each["state"] == "exhausted")
    assert alert["budget_spent"] == pytest.approx(1 - worst["budget_remaining"])


def test_all_formats_are_written_into_a_directory(quarter, tmp_path):
    assert report(quarter, "--period", "2026-08", "--to", str(tmp_path / "reports")).exit_code == 0
    written = {file.name for file in (tmp_path / "reports").iterdir()}
    assert written == {f"2026-08.{suffix}" for suffix in ("md", "html", "pdf", "json", "csv")}


def test_the_report_of_a_quarter_opens_in_a_browser(quarter, tmp_path, browser: Browser):
    report(quarter, "--period", "2026-Q3", "--to", str(tmp_path))
    app = create_app(MemorySources(), {}, [], "1", reports=tmp_path)
    with serving(app) as address, browser.new_context(base_url=address) as context:
        page = context.new_page()
        page.goto("/reports")
        expect(page.locator("main tbody tr")).to_have_count(1)
        (listed,) = page.locator("main tbody tr").all()
        expect(listed.get_by_role("link")).to_have_text(
            ["SLO report of the fleet, quarter 3 of 2026", "HTML", "Markdown", "PDF", "JSON", "CSV"]
        )
        listed.get_by_role("link").first.click()
        inside = page.frame_locator("iframe")
        rows = inside.locator("tbody tr").filter(has_not_text="no data")
        expect(rows.first).to_contain_text("mem-delft")
        expect(inside.locator("svg")).to_have_count(4)


def test_one_service_is_told_alone(quarter):
    found = json.loads(
        report(quarter, "--period", "2026-08", "--service", "quantum-memory", "--format", "json").stdout
    )
    assert found["subject"] == "quantum-memory"
    assert {row["objective"].split("-")[0] for row in found["objectives"]} == {"memory"}


def test_an_unknown_service_is_refused_with_those_that_are_known(quarter):
    assert "quantum-memory" in str(report(quarter, "--service", "quantum-cooking").exception)


@pytest.mark.parametrize("period", ["2026-04", "2026-13", "lately", "2027-01"])
def test_a_period_of_which_nothing_is_known_is_refused(quarter, period):
    refused = report(quarter, "--period", period, "--format", "json")
    assert (refused.exit_code, refused.stdout) != (0, "")
    assert isinstance(refused.exception, InvalidInputError)


def test_an_unfinished_period_is_told_so_far(quarter):
    assert "October 2026 so far" not in report(quarter, "--period", "2026-09").stdout
    with Store(quarter) as store:
        assert collect_report(
            store, OBJECTIVES, parse_period("2026-Q3").until(OUTAGE_NS), version="1"
        ).title.endswith("quarter 3 of 2026 so far")


def known(until_ns: int) -> Window:
    return Window(start_ns=QUARTER.window.start_ns, end_ns=until_ns)


def schedule_into(directory: Path, database: str = "", **options: object) -> ReportSchedule:
    return ReportSchedule(directory, ("--database", database), started_ns=0, **options)  # type: ignore[arg-type]


def names(schedule: ReportSchedule, until_ns: int) -> list[str]:
    return [report.name for report in schedule.due(known(until_ns))]


def test_what_ended_while_no_engine_ran_is_due_as_far_back_as_anything_was_counted(tmp_path):
    assert names(schedule_into(tmp_path), JUDGED_NS) == [
        *("28d-to-2026-09-28", "2026-09", "2026-08", "2026-07", "2026-Q3")
    ]


def test_one_measurement_of_long_ago_does_not_bring_decades_of_reports(tmp_path):
    due = [report.name for report in schedule_into(tmp_path).due(Window(start_ns=0, end_ns=JUDGED_NS))]
    assert (len(due), due[12], due[-1]) == (1 + 12 + 4, "2025-10", "2025-Q4")


def test_each_service_has_reports_of_its_own(tmp_path):
    due = names(schedule_into(tmp_path, services=["quantum-link", "quantum-memory"]), JUDGED_NS)
    assert due[1:4] == ["2026-09", "2026-09.quantum-link", "2026-09.quantum-memory"]
    assert due[-1] == "2026-Q3.quantum-memory"


def test_a_period_is_due_once_its_late_telemetry_has_had_an_hour_to_be_judged(tmp_path):
    end_ns = parse_period("2026-09").window.end_ns
    assert "2026-09" not in names(schedule_into(tmp_path), end_ns + HOUR_NS)
    assert "2026-09" in names(schedule_into(tmp_path), end_ns + HOUR_NS + MINUTE_NS)


def test_months_begin_on_the_clocks_of_the_zone(tmp_path):
    in_auckland = schedule_into(tmp_path, zone="Pacific/Auckland")
    assert names(in_auckland, QUARTER.window.end_ns - 11 * HOUR_NS)[1] == "2026-09.Pacific-Auckland"
    assert names(schedule_into(tmp_path), QUARTER.window.end_ns - 11 * HOUR_NS)[1] == "2026-08"


def test_the_schedule_writes_one_report_after_the_other_and_none_twice(quarter, tmp_path):
    schedule = schedule_into(tmp_path, quarter)
    with Store(quarter) as store:
        for _ in range(2):
            schedule.tick(store, OBJECTIVES, JUDGED_NS)
            eventually(lambda: not schedule.is_writing, "the report is written")
    written = {file.name for file in tmp_path.iterdir()}
    assert written == {
        f"{name}.{suffix}"
        for name in ("28d-to-2026-09-28", "2026-09")
        for suffix in ("md", "html", "pdf", "json", "csv")
    }
    assert names(schedule_into(tmp_path), JUDGED_NS) == ["2026-08", "2026-07", "2026-Q3"]


def test_what_fails_is_not_tried_again_and_again(tmp_path):
    schedule = ReportSchedule(tmp_path, ("--database", "postgresql://127.0.0.1:1/none"), started_ns=0)
    first = next(schedule.due(known(JUDGED_NS)))
    schedule.write(first)
    eventually(lambda: not schedule.is_writing, "the attempt is over")
    assert list(tmp_path.iterdir()) == []
    assert first not in list(schedule.due(known(JUDGED_NS)))


def test_nothing_is_written_before_anything_has_been_judged(databases, embedded_server_url, tmp_path):
    with databases.on(embedded_server_url) as url, Store(url) as store:
        schedule = schedule_into(tmp_path, url)
        schedule.tick(store, OBJECTIVES, JUDGED_NS)
        assert not schedule.is_writing


def test_what_is_told_so_far_does_not_stand_in_for_the_finished_report(quarter, tmp_path):
    report(quarter, "--period", "2026-09", "--as-of", "2026-09-20T00:00Z", "--to", str(tmp_path))
    assert {file.stem for file in tmp_path.iterdir()} == {"2026-09.so-far"}
    assert "2026-09" in names(schedule_into(tmp_path), JUDGED_NS)


def test_as_of_an_earlier_moment_what_came_later_is_not_known(quarter):
    def told_at(moment: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(
            report(quarter, "--period", "2026-08", "--as-of", moment, "--format", "json").stdout
        )
        return document

    during, after = told_at("2026-08-12T12:00Z"), told_at("2026-08-12T16:00Z")
    assert (during["to"], during["complete"], during["as_of"]) == (
        "2026-08-12T12:00:00Z",
        False,
        "2026-08-12T12:00:00Z",
    )
    assert [alert["resolved_at"] for alert in during["alerts"]] == [None]
    assert [alert["resolved_at"] for alert in after["alerts"]] == ["2026-08-12T15:05:00Z"]
    assert [incident["resolved_at"] for incident in during["incidents"]] == [None]
    assert [incident["resolved_at"] for incident in after["incidents"]] == ["2026-08-12T15:05:00Z"]


@pytest.mark.parametrize("twice", [("--period", "2026-08", "--window", "7d"), ("--to", "reports", "--out", "x.md")])
def test_two_periods_or_two_places_for_one_report_are_refused(quarter, twice, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused = report(quarter, *twice)
    assert "one period and one place" in str(refused.exception)
    assert list(tmp_path.iterdir()) == []


def test_what_has_not_been_judged_yet_is_refused(quarter):
    assert "has been judged yet" in str(report(quarter, "--window", "7d", "--as-of", "2026-12-01").exception)


def test_the_incident_of_the_outage_is_told_with_what_it_cost(told):
    (incident,) = told["incidents"]
    budget = 0.01 * 92 * 24 * 6 * 100
    assert (incident["seconds_to_detect"], incident["seconds_to_acknowledge"]) == (600, 300)
    (lost,) = incident["budget_lost"]
    assert (lost["objective"], lost["entity"]) == ("Reads succeed", "mem-delft")
    assert lost["share"] == pytest.approx(30 * 100 / budget, rel=0.02)
    assert incident["cause"].lower().startswith("not enough evidence")


def test_the_same_moment_gives_the_same_bytes_however_much_later_it_is_asked_for(quarter, tmp_path):
    asked = ("--period", "2026-08", "--as-of", "2026-08-20T00:00Z", "--to")
    with Store(quarter) as store:
        report(quarter, *asked, str(tmp_path / "before"))
        note_judged_to(store, JUDGED_NS + HOUR_NS)
        report(quarter, *asked, str(tmp_path / "after"))
        note_judged_to(store, JUDGED_NS)
    for file in (tmp_path / "before").iterdir():
        assert file.read_bytes() == (tmp_path / "after" / file.name).read_bytes()


def test_the_digest_of_the_configuration_changes_with_any_promise():
    digest = digest_configuration(OBJECTIVES)
    assert digest == digest_configuration(reversed(OBJECTIVES))
    assert digest != digest_configuration([OBJECTIVES[0], replace(OBJECTIVES[1], target=Decimal("0.5"))])
    assert digest != digest_configuration([OBJECTIVES[0], replace(OBJECTIVES[1], slice_ns=HOUR_NS)])
