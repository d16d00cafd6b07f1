"""The pages in a real browser, on a real server, over made-up answers: what is drawn, said and linked."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from alert_rules import load_shipped_objectives
from dashboards import build_boards
from model.clock import format_time
from tests.acceptance.browsing import fit_a_phone, inaccessible, open_page, open_tab, serving
from tests.unit.web.given import (
    NOW_MS,
    UID,
    a_clock,
    every_panel_board,
    made_up_sources,
    read_success,
    repeating_board,
)
from tests.unit.web.test_incidents import app_with_incident
from web import create_app
from web.testing import MemorySources

BOARD = f"/d/{UID}"
LONG_COMMAND = f"herald up {'--days 30 ' * 40}--port 8080"
SHIPPED = build_boards(load_shipped_objectives())


@pytest.fixture(scope="module")
def sources() -> MemorySources:
    """The source behind the server; `asked` is the SQL that reached it."""
    return made_up_sources()


@pytest.fixture(scope="module")
def site(sources: MemorySources, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server with the board of every panel and all shipped boards."""
    boards = {UID: every_panel_board(), "repeating": repeating_board(), **SHIPPED}
    runbooks = {
        "reads-fail": "# When it burns\n\nLook at the **cryostat**.",
        "cryostat-warm": "# It is warm\n\n1. Stop.\n\n```sh\n"
        + LONG_COMMAND
        + "\n```\n\n[reads](reads-fail.md), <b>now</b>.",
    }
    reports = tmp_path_factory.mktemp("reports")
    (reports / "outage.md").write_text("# The outage\n\n| When | What |\n| --- | --- |\n| 12:00 | It was warm. |\n")
    (reports / "november.html").write_text(
        "<!doctype html><title>November</title><h1>Kept</h1><script>top.x=1</script>"
    )
    (reports / "postmortem-incident-12.html").write_text("<!doctype html><title>Reads failed</title><h1>Why</h1>")
    app = create_app(sources, boards, [read_success()], "1.2.3", clock=a_clock(), runbooks=runbooks, reports=reports)
    with serving(app) as address:
        yield address


def open_board(page: Page, address: str = BOARD) -> None:
    open_page(page, address)


def panel_states(page: Page) -> dict[str, str]:
    found = page.evaluate(
        "[...document.querySelectorAll('[data-panel-id]')].map(e => [e.dataset.panelId, e.dataset.state])"
    )
    return dict(found)


def test_every_type_of_panel_is_drawn_and_trouble_is_said(page: Page) -> None:
    open_board(page)
    assert panel_states(page) == {
        **dict.fromkeys(("1", "2", "3", "4", "5", "6", "7", "11"), "data"),
        "8": "empty",
        "9": "error",
        "10": "unsupported",
    }
    expect(page.locator("[data-panel-id='8']")).to_contain_text("no reads in this range")
    expect(page.locator("[data-panel-id='9']")).to_contain_text('column "broken" does not exist')
    expect(page.locator("[data-panel-id='10']")).to_contain_text("not supported: panel type geomap")
    expect(page.locator("[data-panel-id='11'] .notes li")).to_have_text(
        [
            "not supported: transformation organize",
            "not supported: override byValue",
            "not supported: override of custom.inspect",
        ]
    )
    assert page.locator(".notes li").count() == 3


@pytest.mark.parametrize(
    ("panel", "selector", "count"),
    [
        (1, ".stat .sparkline", 2),
        (2, ".scatterlayer .trace", 2),
        (2, ".legend li", 2),
        (3, "tbody tr", 3),
        (4, ".bar-row", 2),
        (5, ".barlayer .point", 5),
        (6, ".heatmaplayer image", 1),
        (7, ".prose h3", 1),
    ],
)
def test_a_panel_draws_what_its_frames_hold(page: Page, panel: int, selector: str, count: int) -> None:
    open_board(page, f"/d-solo/{UID}?panelId={panel}")
    expect(page.locator(f"[data-panel-id='{panel}'] {selector}")).to_have_count(count)


def test_numbers_have_their_unit_and_their_thresholds_colour(page: Page) -> None:
    open_board(page, f"/d-solo/{UID}?panelId=3")
    cell = page.locator("tbody tr").nth(1).locator("td").nth(2)
    expect(cell).to_have_text("91.00 %")
    assert cell.evaluate("cell => cell.style.getPropertyValue('--value')") == "#E69F00"


def test_a_missing_number_has_no_colour(page: Page) -> None:
    page.goto("/about")
    colour = page.evaluate(
        """async () => {
          const { colourOf } = await import("/static/fields.js");
          return colourOf({ config: { thresholds: { steps: [{ color: "#D55E00", value: null }] } } }, null);
        }"""
    )
    assert colour is None


def test_a_missing_cell_is_a_dash(page: Page) -> None:
    open_board(page, f"/d-solo/{UID}?panelId=3")
    expect(page.locator("tbody tr").nth(2).locator("td").nth(3)).to_have_text("–")  # noqa: RUF001 - the dash is shown


def test_names_from_telemetry_stay_text(page: Page) -> None:
    open_board(page)
    expect(page.locator("[data-panel-id='3']")).to_contain_text("mem-<b>hague</b>")
    expect(page.locator("[data-panel-id='7']")).to_contain_text("<script>alert(1)</script>")
    assert page.locator("[data-panel-id='7'] a").count() == 1


def test_a_data_link_carries_the_cell_and_the_time_range(page: Page) -> None:
    open_board(page, f"{BOARD}?from=now-3h&to=now")
    link = page.locator("[data-panel-id='3'] tbody a").nth(1)
    assert link.get_attribute("href") == "/d/other?var-device=mem-%3Cb%3Ehague%3C%2Fb%3E&from=now-3h&to=now"


def test_a_header_sorts_its_table(page: Page) -> None:
    open_board(page)
    table = page.locator("[data-panel-id='3']")
    table.get_by_role("button", name="reads").click()
    expect(table.locator("tbody td:nth-child(2)")).to_have_text(["12", "300", "2,016"])
    table.get_by_role("button", name="reads").click()
    expect(table.locator("tbody td:nth-child(2)")).to_have_text(["2,016", "300", "12"])


def test_choosing_a_device_asks_for_that_device_only(page: Page, sources: MemorySources) -> None:
    open_board(page)
    page.locator("[data-variable=device] summary").click()
    page.get_by_label("O'Brien").check()
    with page.expect_response("**/api/ds/query"):
        page.get_by_role("button", name="Apply").first.click()
    expect(page).to_have_url(re.compile(r"var-device=O%27Brien"))
    assert any("device IN ('O''Brien')" in sql for sql in sources.asked)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("var-device=mem-lund", "Device mem-lund: not found. Shown instead: All."),
        ("var-device=mem-delft&var-device=gone", "Device gone: not found. Shown instead: Delft."),
        ("&".join(f"var-device=lost-{n}" for n in range(5)), "Device lost-0, lost-1, lost-2, 2 more: not found."),
    ],
)
def test_an_address_that_names_what_is_not_there_says_so(page: Page, asked: str, said: str) -> None:
    open_board(page, f"{BOARD}?{asked}")
    expect(page.get_by_role("alert").first).to_contain_text(said)


def test_an_address_with_a_time_that_nobody_understands_says_so_and_offers_another(
    browser: Browser, site: str
) -> None:
    """The answer is a refusal, about which the console complains; hence a tab that nobody watches."""
    with open_tab(browser, site) as page:
        open_board(page, f"{BOARD}?from=yesterday&to=now")
        expect(page.locator(".message.error")).to_have_count(1)
        expect(page.locator(".message.error")).to_contain_text("'yesterday' is not a time")
        expect(page.locator("[data-state=loading]")).to_have_count(0)
        page.locator("#time-picker summary").click()
        page.get_by_role("button", name="Last hour").click()
        expect(page.locator("[data-panel-id='1']")).to_have_attribute("data-state", "data")
        expect(page).to_have_url(re.compile("from=now-1h&to=now"))
        expect(page.locator("#time-picker summary")).to_contain_text("Last hour")


def test_the_time_picker_writes_the_address(page: Page) -> None:
    open_board(page)
    page.locator("#time-picker summary").click()
    page.get_by_role("button", name="Last 6 hours").click()
    expect(page).to_have_url(re.compile(r"from=now-6h&to=now"))
    expect(page.locator("#time-picker summary")).to_contain_text("Last 6 hours")
    page.go_back()
    expect(page.locator("#time-picker summary")).to_contain_text("Last hour")


def test_dragging_over_a_chart_zooms_every_panel(page: Page) -> None:
    open_board(page)
    box = page.locator("[data-panel-id='2'] .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 45, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"from=\d+&to=\d+"))
    found = re.search(r"from=(\d+)&to=(\d+)", page.url)
    assert found is not None
    assert int(found[1]) == pytest.approx(NOW_MS - 45 * 60_000, abs=60_000)
    assert int(found[2]) == pytest.approx(NOW_MS - 15 * 60_000, abs=60_000)


def test_a_folded_row_draws_its_panels_when_it_opens(page: Page) -> None:
    open_board(page)
    assert "21" not in panel_states(page)
    page.get_by_role("button", name="Folded").click()
    expect(page.locator("[data-panel-id='21']")).to_have_attribute("data-state", "data")


def boxes(page: Page, panel: int) -> list[tuple[str, int, int]]:
    """The title of each copy of a panel, and the column and the line of the grid where it begins."""
    found = page.locator(f"[data-panel-id='{panel}']").evaluate_all(
        "all => all.map(each => [each.querySelector('h2').textContent,"
        " getComputedStyle(each).gridColumnStart, getComputedStyle(each).gridRowStart])"
    )
    return [(title, int(column) - 1, int(row) - 1) for title, column, row in found]


def test_a_panel_is_repeated_for_each_value_and_moves_down_what_is_below(page: Page, sources: MemorySources) -> None:
    open_board(page, "/d/repeating")
    assert boxes(page, 1) == [("of Delft", 0, 0), ("of The Hague", 12, 0), ("of O'Brien", 0, 4)]
    assert boxes(page, 2) == [("table 2", 0, 8)]
    assert set(panel_states(page).values()) == {"data"}
    assert any("device IN ('mem-delft')" in sql for sql in sources.asked)


def test_a_row_is_repeated_with_its_panels(page: Page) -> None:
    open_board(page, "/d/repeating")
    expect(page.locator("h2.row")).to_have_text(["Row of Delft", "Row of The Hague", "Row of O'Brien"])
    expect(page.locator("[data-panel-id='6']")).to_have_count(3)


def test_copies_beyond_sixty_are_left_out_and_told(page: Page) -> None:
    open_board(page, "/d/repeating")
    told = page.evaluate(
        """async () => {
          const { leftOut } = await import("/static/repeat.js");
          const options = Array.from({ length: 100 }, (_, value) => ({ value }));
          const choices = [["all"], ["a", "b"]];
          const variable = { name: "device", label: "Memory", all: "all", options };
          return choices.map((chosen) => leftOut([{ repeat: "device" }, {}], [{ ...variable, chosen }]));
        }"""
    )
    assert told == [["40 more of Memory are not drawn: choose fewer."], []]


def test_repeats_follow_what_is_chosen(page: Page) -> None:
    open_board(page, "/d/repeating?var-device=mem-hague")
    assert boxes(page, 1) == [("of The Hague", 0, 0)]
    page.locator("[data-variable=device] summary").click()
    page.get_by_label("O'Brien").check()
    page.get_by_role("button", name="Apply").first.click()
    expect(page.locator("[data-panel-id='1']")).to_have_count(2)
    expect(page.locator("h2.row")).to_have_text(["Row of The Hague", "Row of O'Brien"])


def test_a_refresh_redraws_in_place(page: Page) -> None:
    open_board(page)
    with page.expect_response("**/api/ds/query"):
        page.locator("#refresh-now").click()
    expect(page.locator("[data-panel-id='2']")).to_have_attribute("aria-busy", "false")
    assert panel_states(page)["2"] == "data"


def test_nothing_on_a_shipped_board_is_unsupported(page: Page) -> None:
    page.goto("/about")
    unsupported = page.evaluate(
        """async uids => {
          const { unsupported } = await import("/static/panel.js");
          const found = {};
          for (const uid of uids) {
            const { dashboard } = await (await fetch(`/api/dashboards/uid/${uid}`)).json();
            const panels = dashboard.panels.flatMap((panel) => (panel.type === "row" ? panel.panels : [panel]));
            found[uid] = panels.flatMap(unsupported);
          }
          return found;
        }""",
        sorted(SHIPPED),
    )
    assert unsupported == {uid: [] for uid in SHIPPED}


@pytest.mark.parametrize("uid", ["herald-home", "herald-slo", "herald-memory-on-call"])
def test_a_board_without_data_says_so_in_every_panel(page: Page, uid: str) -> None:
    open_board(page, f"/d/{uid}")
    assert set(panel_states(page).values()) <= {"data", "empty"}


def test_objectives_are_listed_worst_first_and_filtered_by_state(page: Page) -> None:
    open_board(page, "/")
    expect(page.locator(".objectives tbody tr .pill")).to_have_text(["Exhausted", "OK"])
    page.get_by_role("button", name="OK").click()
    expect(page.locator(".objectives tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"state=ok"))
    expect(page.locator(".objectives")).to_contain_text(
        "14 of 2,016 reads failed; 20.2 allowed; 30 % of the budget left"
    )


def test_an_objective_shows_its_arithmetic_burn_down_and_runbook(page: Page) -> None:
    open_board(page, "/")
    page.get_by_role("link", name="Reads that succeed").first.click()
    page.wait_for_selector("main[data-loaded=yes]")
    expect(page.locator(".entity h2")).to_have_text(["mem-hague", "mem-delft"])
    expect(page.locator(".arithmetic").nth(1)).to_contain_text("at the rate of the past day it lasts 9 days.")
    expect(page.locator(".entity .scatterlayer .trace")).to_have_count(2)
    hague, delft = (page.locator(".entity").nth(place).locator(".burns") for place in (0, 1))
    expect(hague.locator(".exceeded")).to_have_text([re.compile("both windows above")] * 2)
    expect(delft.locator(".exceeded")).to_have_count(0)
    expect(delft.get_by_role("row", name=re.compile("^1h"))).to_contain_text("one window of two")
    expect(delft).not_to_contain_text("both windows above")
    expect(delft.get_by_role("row", name=re.compile("^1d"))).to_contain_text(
        "page when 1 % of what was left of the budget goes"
    )
    expect(page.locator("[aria-label=Runbook]")).to_contain_text("Look at the cryostat.")


def test_a_runbook_is_a_page_and_leads_to_others(page: Page) -> None:
    open_board(page, "/runbook/cryostat-warm")
    expect(page.locator("h1")).to_have_text("It is warm")
    expect(page.locator("main ol li")).to_have_text("Stop.")
    expect(page.locator("main pre")).to_have_text(LONG_COMMAND)
    expect(page.locator("main .prose")).to_contain_text("<b>now</b>")
    page.get_by_role("link", name="reads").click()
    expect(page.locator("h1")).to_have_text("When it burns")


def test_alerts_are_listed_firing_first(page: Page) -> None:
    open_board(page, "/alerts")
    expect(page.locator("tbody .pill")).to_have_text(["Firing", "Resolved"])
    expect(page.locator("tbody tr").first).to_contain_text("over 1h, 40.0")
    moment = page.locator("tbody tr").first.locator("td", has_text=re.compile("^20"))
    expect(moment).to_have_css("white-space", "nowrap")


PAGES = (
    "/", "/dashboards", "/fleet", "/alerts", "/reports", "/reports/outage.md", "/postmortems", "/about",
    "/slo/memory-read-success", "/runbook/cryostat-warm", BOARD,
)  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_accessible_and_fit_a_phone(page: Page, address: str) -> None:
    open_board(page, address)
    assert (inaccessible(page, "light"), inaccessible(page, "dark")) == ([], [])
    fit_a_phone(page)


def test_the_fleet_is_a_picture_with_words_and_the_same_as_a_table(page: Page) -> None:
    open_page(page, "/fleet")
    card = page.locator("[data-entity=mem-hague]")
    expect(card).to_have_attribute("data-state", "exhausted")
    expect(card).to_contain_text("memory, Exhausted")
    expect(card).to_contain_text("1 firing")
    expect(page.locator(".lines path")).to_have_count(1)
    row = page.locator("table.entities tr", has_text="mem-delft").last
    expect(row).to_contain_text("cryo-delft")
    page.locator("[data-entity=mem-delft] a").focus()
    expect(page.locator(".lines path.near")).to_have_count(1)


def test_a_report_is_read_in_a_frame_that_runs_nothing(page: Page) -> None:
    open_page(page, "/reports")
    page.get_by_role("link", name="The outage").click()
    expect(page.locator("main td").first).to_have_text("12:00")
    answer = page.request.get("/reports/files/november.html")
    assert "sandbox" in answer.headers["content-security-policy"]


def test_postmortems_are_found_from_the_reports_and_have_a_list_of_their_own(page: Page) -> None:
    open_page(page, "/reports")
    expect(page.locator("main tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Postmortems (1)").click()
    expect(page.get_by_role("link", name="Reads failed")).to_have_attribute(
        "href", "/reports/postmortem-incident-12.html"
    )
    expect(page.get_by_role("link", name="#12")).to_have_attribute("href", "/incidents/12")


def test_objectives_are_filtered_by_owner(page: Page) -> None:
    open_page(page, "/?owner=nobody")
    expect(page.locator("main .empty")).to_have_text("No objective matches.")
    page.get_by_label("Owner").select_option("memory-team")
    expect(page.locator(".objectives tbody tr")).to_have_count(2)


def test_a_table_of_its_numbers_is_behind_every_chart(page: Page) -> None:
    open_board(page, f"/d-solo/{UID}?panelId=2")
    page.get_by_role("button", name="As a table").click()
    panel = page.locator("[data-panel-id='2']")
    expect(panel.locator("thead th")).to_have_text(["Time", "mem-delft", "mem-hague"])
    expect(panel.locator("tbody tr")).to_have_count(60)
    expect(panel.locator("tbody tr").first.locator("td").first).to_have_text("2026-11-20 11:59:00")
    with page.expect_download() as download:
        panel.get_by_role("link", name="Download as CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0] == "Time,mem-delft,mem-hague"
    assert (len(lines), lines[-1][:21]) == (61, "2026-11-20T11:59:00Z,")
    page.get_by_role("button", name="As a table").click()
    expect(panel.locator(".scatterlayer .trace")).to_have_count(2)


def test_the_pointer_in_one_chart_marks_the_same_moment_in_the_others(page: Page) -> None:
    open_board(page)
    box = page.locator("[data-panel-id='2'] .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    line = page.locator("[data-panel-id='5'] .crosshair")
    expect(line).to_be_visible()
    other = page.locator("[data-panel-id='5'] .nsewdrag").first.bounding_box()
    drawn = line.bounding_box()
    assert other is not None
    assert drawn is not None
    assert drawn["x"] == pytest.approx(other["x"] + other["width"] / 2, abs=1)


def test_an_annotation_that_lasts_is_a_region_of_every_chart_over_time(page: Page) -> None:
    open_board(page)
    regions = page.evaluate(
        "[2, 5].map((id) => document.querySelector(`[data-panel-id='${id}'] .chart`).layout.shapes"
        ".filter(({ fillcolor }) => fillcolor).map(({ path }) => path))"
    )
    start, end = (_moment(NOW_MS - ago * 60_000) for ago in (20, 12))
    assert [len(each) for each in regions] == [1, 1]
    assert all(start in path and end in path for [path] in regions)


@pytest.mark.parametrize(("now", "end"), [(60, 60), (200, 100)])
def test_a_state_lasts_until_the_end_of_the_range_but_not_beyond_now(page: Page, now: int, end: int) -> None:
    page.goto("/about")
    spans = page.evaluate(
        """async now => {
          const { spansOf } = await import("/static/panels/statetimeline.js");
          const field = { values: [1, 2], config: { mappings: [] }, type: "number" };
          const spans = spansOf(field, { values: [0, 40] }, { from: 0, to: 100, now });
          return spans.map(({ value, start, end }) => [value, start, end]);
        }""",
        now,
    )
    assert spans == [[1, 0, 40], [2, 40, end]]


def test_lines_that_share_a_colour_are_drawn_differently(page: Page) -> None:
    page.goto("/about")
    looks = page.evaluate(
        """async () => {
          const { decodeFrames, colourOfSeries, dashOf } = await import("/static/fields.js");
          const names = Array.from({ length: 30 }, (_, line) => ({ name: `line ${line}`, type: "number" }));
          const frame = { schema: { fields: names }, data: { values: names.map(() => [1]) } };
          const [fields] = decodeFrames({ A: { frames: [frame] } });
          return fields.map((field) => `${colourOfSeries(field, 1)} ${dashOf(field)}`);
        }"""
    )
    assert len(set(looks)) == 30


def test_a_legend_that_is_cut_off_is_scrolled_by_keyboard(page: Page) -> None:
    open_board(page, f"/d-solo/{UID}?panelId=2")
    legend = page.locator("[data-panel-id='2'] .legend")
    expect(legend).not_to_have_attribute("tabindex", "0")
    page.add_style_tag(content=".legend { max-height: 1px !important; }")
    page.emulate_media(color_scheme="dark")  # draws anew
    expect(legend).to_have_attribute("tabindex", "0")


@pytest.mark.parametrize(
    ("values", "unit", "marked"),
    [
        ([4, 290], "kelvin", ["5 K", "10 K", "20 K", "50 K", "100 K", "200 K"]),
        ([2, 2e6], "suffix: /s", ["10 /s", "100 /s", "1,000 /s", "10 k /s", "100 k /s", "1 M /s"]),
    ],
)
def test_every_mark_of_a_logarithmic_axis_has_its_unit(page: Page, values: list[float], unit: str, marked: list[str]):
    page.goto("/about")
    ticks = page.evaluate(
        """async ([values, unit]) => {
          const { logarithmicTicks } = await import("/static/panels/timeseries.js");
          const { scaleFor } = await import("/static/units.js");
          const { factor, suffix } = scaleFor(unit, values.at(-1));
          const { tickvals, ticktext } = logarithmicTicks([{ values }], factor, suffix);
          const [low, high] = values.map((value) => value / factor);
          const inside = ticktext.filter((_, mark) => low < tickvals[mark] && tickvals[mark] < high);
          return [inside, tickvals[0] <= low && high <= tickvals.at(-1)];
        }""",
        [values, unit],
    )
    assert ticks == [marked, True]  # and there are marks to either end


def test_annotations_that_are_not_all_there_say_so(page: Page) -> None:
    mark = {"name": "Maintenance", "time": NOW_MS - 60_000, "timeEnd": NOW_MS, "tags": [], "limit": 300}
    page.route("**/api/annotations?*", lambda route: route.fulfill(json=[mark, mark | {"time": NOW_MS - 90_000}]))
    open_board(page)
    page.unroute("**/api/annotations?*")
    expect(page.locator("[role=status] .message")).to_have_text(
        ["Only 300 marks of “Maintenance” are drawn, and there are more: choose a shorter time."]
    )


def test_rows_are_bars_in_their_order_and_called_after_their_texts(page: Page) -> None:
    open_board(page)
    drawn = page.evaluate(
        """async () => {
          const { bargauge } = await import("/static/panels/bargauge.js");
          const body = document.createElement("div");
          const left = { type: "number", displayName: "Left", values: [3, 1, 2], config: { min: 0, max: 4 } };
          const fields = [{ type: "string", values: ["worst", "better", "best"] }, left];
          bargauge(body, { options: { reduceOptions: { values: true } } }, [fields]);
          return [...body.querySelectorAll(".bar-row")].map((row) => [row.querySelector(".bar-name").textContent,
            row.querySelector(".bar-text").textContent, row.querySelector(".bar-fill").style.width]);
        }"""
    )
    assert drawn == [["worst", "3", "75%"], ["better", "1", "25%"], ["best", "2", "50%"]]


def test_a_phone_shows_two_tiles_side_by_side_and_charts_across(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_board(page, "/d/herald-home")
    places = page.locator(".panel").evaluate_all("all => all.map(each => each.getBoundingClientRect().toJSON())")
    assert [place["x"] for place in places[:4]] == [places[0]["x"], places[1]["x"]] * 2
    assert places[0]["y"] == places[1]["y"] < places[2]["y"]
    assert all(place["width"] > 2 * places[0]["width"] for place in places[6:])


@pytest.mark.parametrize("query", ["", "?from=now-2h&to=now&var-device=O%27Brien&var-device=mem-delft"])
def test_what_a_page_has_asked_ahead_is_not_asked_again(page: Page, query: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition("/api/")[2]))
    open_board(page, BOARD + query)
    ahead = page.locator("link[rel=preload][as=fetch]").evaluate_all("all => all.map(each => each.href)")
    assert {url.partition("/api/")[2] for url in ahead} == {url for url in asked if url.startswith(_AHEAD)}
    assert [len([url for url in asked if url.startswith(start)]) for start in _AHEAD] == [1, 1, 1]


_AHEAD = ("dashboards/uid/", "herald/boards/", "annotations?")


def test_names_that_would_take_the_place_of_a_chart_keep_their_ends(page: Page) -> None:
    open_board(page)
    fitted = page.evaluate(
        """async (names) => {
          const { fitLabels } = await import("/static/margins.js");
          const yaxis = { type: "category", tickfont: { size: 11 } }, margin = { l: 8, r: 12 };
          return fitLabels([{ y: names }], { margin, yaxis }, 300);
        }""",
        ["short", "Retrievals succeed above the fidelity floor: mem-hague"],
    )
    ((name, alias),) = fitted["yaxis"]["labelalias"].items()
    assert name.startswith("Retrievals")
    assert re.fullmatch(r"Retri.*….*mem-hague", alias)
    assert 60 < fitted["margin"]["l"] < 0.5 * fitted["width"]


def _moment(ms: int) -> str:
    """Return a moment as paths of the chart library have it."""
    return format_time(ms * 1_000_000).removesuffix("Z").replace("T", "_")


@pytest.mark.parametrize(("width", "changes"), [(340, {"tickangle": 0, "nticks": 2}), (1000, {})])
def test_a_narrow_chart_marks_few_moments_and_turns_none_on_its_side(page: Page, width: int, changes: dict[str, int]):
    """Beside names and a scale of colours a phone leaves a map little room."""
    open_board(page)
    axis = page.evaluate(
        """async (width) => {
          const { fitLabels } = await import("/static/margins.js");
          const yaxis = { type: "category", tickfont: { size: 11 } }, margin = { l: 8, r: 12 };
          const traces = [{ type: "heatmap", showscale: true, y: ["a link of a long name"] }];
          return fitLabels(traces, { margin, yaxis, xaxis: { type: "date" } }, width).xaxis;
        }""",
        width,
    )
    assert axis == {"type": "date", **changes}


@pytest.mark.parametrize("size", [(1920, 1080), (390, 844)])
def test_the_longest_state_fits_its_tile_on_a_wall_and_on_a_phone(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    open_board(page, "/d/herald-memory-on-call")
    room = page.locator("[data-panel-id]").first.evaluate(
        """async (element) => {
          const { stat } = await import("/static/panels/stat.js");
          const mappings = [{ type: "value", options: { 3: { text: "EXHAUSTED", color: "#D55E00" } } }];
          const field = { type: "number", displayName: "State", values: [3], config: { mappings } };
          const body = element.querySelector(".panel-body");
          stat(body, { options: { colorMode: "background" } }, [[field]]);
          const range = document.createRange();
          range.selectNodeContents(body.querySelector(".stat-value"));
          return body.querySelector(".stat").getBoundingClientRect().width - range.getBoundingClientRect().width;
        }"""
    )
    assert room > 8


def test_bars_in_cells_begin_below_each_other(page: Page) -> None:
    open_board(page, f"/d-solo/{UID}?panelId=3")
    starts = page.evaluate(
        """async () => {
          const { table } = await import("/static/panels/table.js");
          const body = document.querySelector(".panel-body");
          const gauge = { custom: { cellOptions: { type: "gauge" } }, unit: "s", decimals: 2 };
          const took = { type: "number", displayName: "Took", values: [57, 0.00078, 1], config: gauge };
          table(body, { title: "Stages" }, [[took]], {});
          return [...body.querySelectorAll("td .bar-track")].map((bar) => bar.getBoundingClientRect().left);
        }"""
    )
    assert len(starts) == 3
    assert len(set(starts)) == 1


def test_kiosk_shows_the_board_alone(page: Page) -> None:
    open_board(page, f"{BOARD}?kiosk")
    expect(page.locator("header.top")).to_be_hidden()
    expect(page.locator("[data-panel-id='2']")).to_be_visible()


def test_nothing_moves_for_who_wants_no_motion(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_board(page)
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter((each) => getComputedStyle(each).transitionDuration !== '0s'"
        " || getComputedStyle(each).animationName !== 'none').length"
    )
    assert moving == 0


def test_a_keyboard_reaches_the_time_picker(page: Page) -> None:
    open_board(page)
    page.locator("#time-picker summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Last 7 days")).to_be_visible()


WRITTEN = [
    (0.99954, "percentunit", None, "99.95 %"),
    (0.99954, "percentunit", 3, "99.954 %"),
    (-0.29, "percentunit", 0, "-29 %"),
    (0.0031, "s", None, "3.1 ms"),
    (2.5e-5, "s", None, "25 µs"),
    (7200, "s", None, "2 h"),
    (90, "s", 1, "1.5 min"),
    (4.2, "kelvin", None, "4.2 K"),
    (21.5, "celsius", 1, "21.5 °C"),
    (1500, "hertz", None, "1.5 kHz"),
    (12.25, "suffix: pairs/s", None, "12.25 pairs/s"),
    (2016, "none", None, "2,016"),
    (1234567, "short", None, "1.235 Mil"),
    (999, "short", None, "999"),
    (0.000012, "none", None, "0.000012"),
    (NOW_MS, "dateTimeAsIso", None, "2026-11-20 12:00:00"),
    (True, "none", None, "true"),
    ("text", "s", None, "text"),
    (None, "s", None, ""),
]


def test_values_are_written_in_their_unit(page: Page) -> None:
    page.goto("/about")
    values = [list(each[:3]) for each in WRITTEN]
    written = page.evaluate(
        "async all => (await import('/static/units.js').then((m) => all.map((each) => m.formatValue(...each))))",
        values,
    )
    assert written == [text for *_, text in WRITTEN]


REDUCED: list[tuple[str, list[object], object]] = [
    ("lastNotNull", [1, 2, None], 2),
    ("last", [1, 2, None], None),
    ("first", [1, 2], 1),
    ("mean", [1, None, 3], 2),
    ("sum", [1, None, 3], 4),
    ("min", [3, 1, 2], 1),
    ("max", [3, 1, 2], 3),
    ("range", [3, 1, 2], 2),
    ("count", [3, None], 2),
    ("diff", [1, 5, 3], 2),
    ("delta", [1, 5, 2, 4], 6),
    ("lastNotNull", [None, None], None),
    ("mean", [], None),
    ("lastNotNull", ["a", "b"], "b"),
]


def test_many_values_become_one(page: Page) -> None:
    page.goto("/about")
    asked = [[values, calc] for calc, values, _ in REDUCED]
    found = page.evaluate(
        "async all => (await import('/static/reduce.js').then((m) => all.map((each) => m.reduce(...each))))",
        asked,
    )
    assert found == [reduced for *_, reduced in REDUCED]


def test_an_open_incident_is_found_and_its_timeline_and_postmortem_read(browser: Browser, tmp_path: Path):
    (tmp_path / "postmortem-incident-12.md").write_text("# Why reads failed\n\nIt was warm.\n")
    with serving(app_with_incident(tmp_path)) as address:
        page = browser.new_page(base_url=address)
        page.goto("/incidents")
        page.get_by_role("link", name="#12 Reads succeed: mem-delft").click()
        expect(page.locator("tr[data-kind=note]")).to_contain_text("pump <b>restarted</b>")
        expect(page.get_by_role("heading", name="Alerts (1)")).to_be_visible()
        expect(page.get_by_role("link", name="Incident board")).to_have_attribute(
            "href", re.compile("var-site=delft")
        )
        page.get_by_role("link", name="Why reads failed").click()
        expect(page.locator("main .prose")).to_contain_text("It was warm.")
        page.get_by_role("link", name="Postmortems").click()
        page.get_by_role("link", name="#12").click()
        expect(page.get_by_role("heading", name="Reads succeed: mem-delft")).to_be_visible()
        page.close()
