"""The SLO report over a quarter of counted minutes: numbers, corrections, months, metering, PDF pages, schedule."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pypdfium2
import pytest
from playwright.sync_api import Browser, expect
from typer.testing import CliRunner, Result

from alert_rules import load_shipped_objectives
from herald.cli import app
from herald.engine_state import note_judged_to
from herald.report_schedule import ReportSchedule
from herald.slo_reports import collect_report, parse_period
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from model.errors import InvalidInputError
from model.windows import Window
from slo import SliMinute
from store import AlertRow, Store
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
        page.locator("tr", has_text="2026-Q3.html").get_by_role("link").click()
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


def test_the_schedule_writes_what_has_ended_once(quarter, tmp_path):
    schedule = ReportSchedule(tmp_path, ("--database", quarter), started_ns=0)
    assert schedule.due(JUDGED_NS) == ["2026-09", "2026-Q3"]
    schedule.tick(JUDGED_NS)
    eventually(lambda: not schedule.is_writing, "the report is written")
    assert (tmp_path / "2026-09.html").exists()
    assert ReportSchedule(tmp_path, (), started_ns=0).due(JUDGED_NS) == ["2026-Q3"]
