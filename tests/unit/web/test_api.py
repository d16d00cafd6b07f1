"""The JSON endpoints: Grafana's shapes, our own, and what is refused with which status."""

import gzip
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from starlette.applications import Starlette

from model.clock import DAY_NS, to_ns
from model.errors import DatabaseUnavailableError
from slo import CalendarPeriod, CalendarUnit
from tests.unit.web.calling import Answer, call, get, post
from tests.unit.web.given import (
    NOW_MS,
    NOW_NS,
    UID,
    a_clock,
    a_status,
    an_alert,
    calibrations_table,
    every_panel_board,
    made_up_sources,
    read_success,
)
from web import Column, ColumnKind, Table, create_app
from web.annotations import MARKS_LIMIT
from web.assets import plotly_path, static_path
from web.panel_queries import ROW_LIMIT
from web.plotly_bundle import trim
from web.testing import MemorySources

RUNBOOKS = {
    "reads-fail": "# Reads fail\n\nOr it is [the cryostat](cryostat-warm.md), [outside](https://example.org/a.md).\n",
    "cryostat-warm": "# The cryostat <b>warms</b> up\n",
}
DOWN = DatabaseUnavailableError("PostgreSQL does not answer")


def app_with(**changes: Any) -> Starlette:
    return _app(made_up_sources(**changes))


def _app(sources: MemorySources) -> Starlette:
    return create_app(
        sources,
        {UID: every_panel_board()},
        [read_success()],
        "1.2.3",
        clock=a_clock(),
        runbooks=RUNBOOKS,
        fresh_within_s=60,
    )


def question(panel: int = 1, ref: str = "A", **changes: Any) -> dict[str, Any]:
    return {
        "dashboardUid": UID,
        "from": "now-1h",
        "to": "now",
        "queries": [{"refId": ref, "panelId": panel, "maxDataPoints": 500}],
    } | changes


def result_of(answer: Answer, ref: str = "A") -> Any:
    return answer.json()["results"][ref]


def test_a_panel_is_answered_with_frames():
    answer = post(app_with(), "/api/ds/query", question())
    (frame,) = result_of(answer)["frames"]
    assert answer.status == 200
    assert [field.get("labels") for field in frame["schema"]["fields"]] == [
        None,
        {"device": "mem-delft"},
        {"device": "mem-hague"},
    ]


def test_nothing_is_asked_for_somebody_who_has_left():
    sources = made_up_sources()
    body = json.dumps(question()).encode()
    answer = call(_app(sources), "POST", "/api/ds/query", body, {"content_type": "application/json"}, leaves=True)
    assert (answer.status, sources.asked) == (499, [])


def test_the_server_puts_the_sql_together():
    sources = made_up_sources()
    post(_app(sources), "/api/ds/query", question(variables={"device": ["mem-delft", "O'Brien"]}))
    assert sources.asked[-1] == (
        'SELECT time_bucket(\'10.000s\',ts) AS "time", device, avg(fidelity) AS "Value" FROM fidelity '
        "WHERE ts BETWEEN '2026-11-20T11:00:00Z' AND '2026-11-20T12:00:00Z' "
        "AND device IN ('mem-delft','O''Brien') GROUP BY 1, 2 ORDER BY 1"
    )


def test_without_a_choice_the_dashboards_default_holds():
    sources = made_up_sources()
    post(_app(sources), "/api/ds/query", question())
    assert "IN ('mem-delft','mem-hague','O''Brien')" in sources.asked[-1]


def test_options_are_asked_for_once_per_board():
    sources = made_up_sources()
    app = _app(sources)
    for panel in (1, 2, 4, 6):
        post(app, "/api/ds/query", question(panel))
    assert sum("FROM devices" in sql for sql in sources.asked) == 1


@pytest.mark.parametrize("value", ["mem-lund", "mem-delft' OR '1'='1", "$__timeFrom()", ""])
def test_a_value_that_is_no_option_never_reaches_the_database(value):
    sources = made_up_sources()
    answer = post(_app(sources), "/api/ds/query", question(variables={"device": [value]}))
    assert (answer.status, result_of(answer)["status"]) == (207, 400)
    assert "has no option" in result_of(answer)["error"]
    assert not any("FROM fidelity" in sql for sql in sources.asked)


def test_one_query_fails_without_the_others():
    queries = [{"refId": "A", "panelId": 1}, {"refId": "B", "panelId": 1}]
    answer = post(app_with(), "/api/ds/query", question(queries=queries))
    assert (answer.status, result_of(answer, "A")["status"], result_of(answer, "B")["status"]) == (207, 200, 400)
    assert "no query 'B' in panel 1" in result_of(answer, "B")["error"]


def test_what_the_database_says_reaches_the_panel():
    assert 'column "broken" does not exist' in result_of(post(app_with(), "/api/ds/query", question(9)))["error"]


def test_an_outage_is_every_panels_error_and_not_a_crash():
    answer = post(app_with(outage=DOWN), "/api/ds/query", question())
    assert (answer.status, result_of(answer)["status"]) == (207, 503)
    assert "does not answer" in result_of(answer)["error"]


def test_rows_over_the_limit_are_left_out_with_a_notice():
    rows = [("d", index) for index in range(ROW_LIMIT + 1)]
    many = Table(columns=(Column("d", ColumnKind.STRING), Column("n", ColumnKind.NUMBER)), rows=rows)
    answer = post(app_with(tables={"FROM reads": many, "FROM devices": many}), "/api/ds/query", question(3))
    (frame,) = result_of(answer)["frames"]
    assert len(frame["data"]["values"][0]) == ROW_LIMIT
    assert "limited to 50000 rows" in frame["schema"]["meta"]["notices"][0]["text"]


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"", 400, "not JSON"),
        (b"{", 400, "not JSON"),
        (b"[" * 100_000, 400, "not JSON"),
        (b"\xff\xfe", 400, "not JSON"),
        (b" " * 300_000, 413, "larger than"),
        ([], 400, "must be a JSON object"),
        ({}, 400, "queries must be a list"),
        (question(queries=[]), 400, "queries must be a list"),
        (question(queries=[{}] * 27), 400, "queries must be a list"),
        (question(queries=["A"]), 400, "must hold objects"),
        (question(queries=[{"refId": "A", "panelId": 1, "rawSql": "SELECT 1"}]), 400, "SQL is not accepted"),
        (question(queries=[{"refId": "A", "panelId": "1"}]), 400, "panelId must be a whole number"),
        (question(queries=[{"refId": "A", "panelId": True}]), 400, "panelId must be a whole number"),
        (question(queries=[{"panelId": 1}]), 400, "refId must be text"),
        (question(queries=[{"refId": "A", "panelId": 1, "maxDataPoints": 0}]), 400, "maxDataPoints must be"),
        (question(queries=[{"refId": "A", "panelId": 1, "maxDataPoints": 10**6}]), 400, "maxDataPoints must be"),
        (question(dashboardUid=7), 400, "dashboardUid must be text"),
        (question(dashboardUid="nope"), 404, "Dashboard not found"),
        (question(variables=[]), 400, "variables must be an object"),
        (question(variables={"device": "mem-delft"}), 400, "must be a list of text"),
        (question(variables={"device": [1]}), 400, "must be a list of text"),
        (question() | {"from": "yesterday"}, 400, "'yesterday' is not a time"),
        (question() | {"from": "now", "to": "now-1h"}, 400, "has no length"),
        (question(to="now+9999999999d"), 400, "outside the years"),
    ],
)
def test_a_question_that_cannot_be_understood_is_refused(body, status, message):
    answer = post(app_with(), "/api/ds/query", body)
    assert answer.status == status
    assert message in answer.json()["message"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content_type": "text/plain"}, 415),
        ({"origin": "https://evil.test"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-origin", "origin": "http://herald.test"}, 200),
        ({"content_type": "application/json; charset=utf-8"}, 200),
    ],
)
def test_questions_of_other_sites_are_refused(headers, status):
    assert post(app_with(), "/api/ds/query", question(), **headers).status == status


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/", 200),
        ("/slo/memory-read-success", 200),
        (f"/d/{UID}", 200),
        (f"/d/{UID}/a-slug", 200),
        (f"/d-solo/{UID}?panelId=1", 200),
        ("/d/nope", 404),
        ("/dashboards", 200),
        ("/alerts", 200),
        ("/about", 200),
        ("/runbook/cryostat-warm", 200),
        ("/runbook/cryostat-warms", 404),
        ("/runbook/../app.py", 404),
        ("/api/herald/runbooks/cryostat-warm", 200),
        ("/api/herald/runbooks/nope", 404),
        ("/nope", 404),
        ("/static/style.css", 200),
        ("/static/board.js", 200),
        ("/static/../app.py", 404),
        ("/static/%2e%2e/app.py", 404),
        ("/favicon.ico", 200),
        ("/api/nope", 404),
        ("/api/ds/query", 405),
        ("/api/search", 200),
        (f"/api/dashboards/uid/{UID}", 200),
        ("/api/dashboards/uid/nope", 404),
        ("/api/annotations?dashboardUID=nope", 404),
        (f"/api/annotations?dashboardUID={UID}&from=x", 400),
        (f"/api/herald/boards/{UID}?from=now-1h&to=now", 200),
        ("/api/herald/slos", 200),
        ("/api/herald/slos/nope", 404),
        ("/api/herald/alerts?days=0", 400),
        ("/api/herald/alerts?days=x", 400),
        ("/api/herald/alerts?days=0000280000000000", 400),
        ("/api/herald/alerts?days=7", 200),
        ("/api/herald/about", 200),
        ("/healthz", 200),
        ("/api/health", 200),
    ],
)
def test_every_address_answers_with_its_status(url, status):
    assert get(app_with(), url).status == status


@pytest.mark.parametrize("url", ["/", "/static/board.js", "/api/search", "/nope", f"/d/{UID}"])
def test_every_answer_says_that_only_our_own_scripts_run(url):
    headers = get(app_with(), url).headers
    assert "script-src 'self';" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_names_in_pages_are_text():
    assert b"<script>alert" not in get(app_with(), "/d/%3Cscript%3Ealert(1)%3C%2Fscript%3E").body


def test_plotly_is_served_from_its_package_and_kept_for_long():
    page = get(app_with(), f"/d/{UID}").body.decode()
    answer = get(app_with(), page.split('"chart-library" content="')[1].split('"')[0])
    assert "immutable" in answer.headers["cache-control"]
    assert b"plotly.js v" in answer.body[:200]


def test_a_browser_gets_no_more_of_plotly_than_boards_draw():
    script = get(app_with(), plotly_path()).body.decode()
    assert len(script) < 1_500_000
    assert {kind for kind in ("bar", "heatmap", "scatter") if f'moduleType:"trace",name:"{kind}"' in script} == {
        "bar",
        "heatmap",
        "scatter",
    }


@pytest.mark.parametrize("script", ["", "var a=1;", "var p=W((a,b)=>{var r=q();r.register([x(),y()]);b.exports=r});"])
def test_a_plotly_of_another_layout_is_sent_whole(script):
    assert trim(script) == script


def test_a_page_names_every_module_it_will_import():
    page = get(app_with(), f"/d/{UID}").body.decode()
    named = re.findall(r'modulepreload" href="(/static/[^"]+)"', page)
    assert {static_path("chart.js"), static_path("panels/table.js")} <= set(named)
    assert {get(app_with(), address).status for address in named} == {200}


def test_a_file_is_kept_for_long_where_its_address_changes_with_it_and_asked_about_elsewhere():
    kept, current = (get(app_with(), address) for address in (static_path("board.js"), "/static/board.js"))
    assert kept.body == current.body
    assert "immutable" in kept.headers["cache-control"]
    assert current.headers["cache-control"] == "no-cache"


def test_a_browser_that_has_a_file_is_not_sent_it_again():
    tag = get(app_with(), "/static/board.js").headers["etag"]
    again = get(app_with(), "/static/board.js", if_none_match=tag)
    assert (again.status, again.body) == (304, b"")


def test_files_are_sent_compressed_to_those_who_take_that():
    packed = get(app_with(), "/static/board.js", accept_encoding="gzip, br")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == get(app_with(), "/static/board.js").body


def test_the_page_of_a_board_asks_ahead_as_its_script_will():
    page = get(app_with(), f"/d/{UID}?to=now-1m&from=now-2h&var-device=a~*'+b&viewPanel=2&var-device=c").body.decode()
    state = "from=now-2h&to=now-1m&var-device=a%7E*%27+b&var-device=c"
    assert [unescape(each) for each in re.findall(r'as="fetch" href="([^"]+)"', page)] == [
        f"/api/dashboards/uid/{UID}",
        f"/api/herald/boards/{UID}?{state}",
        f"/api/annotations?dashboardUID={UID}&{state}",
    ]


def test_boards_are_found_by_title_and_tag():
    assert [each["uid"] for each in get(app_with(), "/api/search?query=EVERY&tag=test").json()] == [UID]
    assert get(app_with(), "/api/search?tag=nope").json() == []


def test_a_dashboard_goes_out_as_it_was_built():
    assert get(app_with(), f"/api/dashboards/uid/{UID}").json()["dashboard"] == every_panel_board()


def test_annotations_have_times_in_ms_and_tags():
    (found,) = get(app_with(), f"/api/annotations?dashboardUID={UID}&from=now-1h&to=now").json()
    assert (found["time"], found["timeEnd"]) == (NOW_MS - 20 * 60_000, NOW_MS - 12 * 60_000)
    assert found["tags"] == ["calibration", "delft"]


def test_annotations_are_those_of_the_choice_that_the_page_shows():
    url = f"/api/annotations?dashboardUID={UID}&from=now-1h&to=now"
    assert get(app_with(), f"{url}&var-device=gone").json() == get(app_with(), url).json() != []


@pytest.mark.parametrize(("more", "limit"), [(0, None), (1, MARKS_LIMIT)])
def test_annotations_of_which_there_are_more_say_how_many_are_drawn(more: int, limit: int | None):
    one = calibrations_table()
    many = replace(one, rows=[*one.rows] * (MARKS_LIMIT + more))
    app = app_with(tables={"FROM calibrations": many})
    found = get(app, f"/api/annotations?dashboardUID={UID}&from=now-1h&to=now").json()
    assert [each.get("limit") for each in found] == [limit] * MARKS_LIMIT


def test_the_state_of_a_board_is_its_range_and_its_variables():
    state = get(
        app_with(), f"/api/herald/boards/{UID}?from=now-1h&to=now&var-device=mem-delft&var-device=gone"
    ).json()
    assert state["range"] == {"from": NOW_MS - 3_600_000, "to": NOW_MS, "now": NOW_MS}
    (device,) = state["variables"]
    assert device["chosen"] == ["mem-delft"]
    assert device["unknown"] == ["gone"]
    assert device["options"][2] == {"text": "O'Brien", "value": "O'Brien"}


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({}, 200, ""),
        ({"last_data_ns": NOW_NS - 61_000_000_000}, 503, "the newest telemetry is 61 s old, allowed are 60 s"),
        ({"last_data_ns": None}, 503, "no telemetry has been stored yet"),
        ({"outage": DOWN}, 503, "PostgreSQL does not answer"),
    ],
)
def test_health_is_an_answering_database_with_fresh_data(changes, status, reason):
    answer = get(app_with(**changes), "/healthz")
    assert answer.status == status
    assert reason in answer.json()["reason"]


def test_health_names_the_newest_data():
    assert get(app_with(), "/healthz").json()["last_data_at"] == "2026-11-20T11:59:57Z"


@pytest.mark.parametrize(("outage", "status", "database"), [(None, 200, "ok"), (DOWN, 503, "failing")])
def test_grafanas_health_is_about_the_database_only(outage, status, database):
    answer = get(app_with(outage=outage, last_data_ns=None), "/api/health")
    assert (answer.status, answer.json()) == (status, {"database": database, "version": "1.2.3"})


@pytest.mark.parametrize(
    "url",
    ["/api/herald/slos", "/api/herald/alerts", "/api/herald/slos/memory-read-success", f"/api/herald/boards/{UID}"],
)
def test_an_outage_is_said_in_words(url):
    answer = get(app_with(outage=DOWN), url)
    assert answer.status == 503
    assert "PostgreSQL does not answer" in answer.json()["message"]


def test_objectives_come_worst_first():
    rows = get(app_with(), "/api/herald/slos").json()["objectives"]
    assert [(row["state"], row["entity"]) for row in rows] == [("exhausted", "mem-hague"), ("ok", "mem-delft")]


def test_what_is_unknown_is_listed_before_what_is_well():
    states = ("ok", "no_data", "at_risk", "of the future", "exhausted")
    app = app_with(statuses=[a_status(state=state) for state in states])
    rows = get(app, "/api/herald/slos").json()["objectives"]
    assert [row["state"] for row in rows] == ["exhausted", "at_risk", "no_data", "of the future", "ok"]


def test_an_objective_that_was_never_evaluated_is_listed_without_data():
    (row,) = get(app_with(statuses=()), "/api/herald/slos").json()["objectives"]
    assert (row["objective"], row["state"], row["sli"]) == ("memory-read-success", "no_data", None)


def test_an_objective_is_described_with_its_entities_and_tiers():
    answer = get(app_with(), "/api/herald/slos/memory-read-success").json()
    hague, delft = answer["entities"]
    assert (hague["entity"], delft["entity"]) == ("mem-hague", "mem-delft")
    assert delft["budget"]["remaining"][0] == pytest.approx(0.9939)
    assert answer["objective"]["tiers"][0] | {"name": "", "limit": ""} == {
        "name": "", "severity": "page", "threshold": 13.44, "limit": "", "long": "1h", "short": "5m",
    }  # fmt: skip
    assert delft["boards"] == [{"title": "Every panel", "url": f"/d/{UID}?var-device=mem-delft"}]


def test_only_what_judges_by_the_burn_rate_has_a_threshold_for_it():
    tiers = get(app_with(), "/api/herald/slos/memory-read-success").json()["objective"]["tiers"]
    assert [tier["name"] for tier in tiers if tier["threshold"] is None] == ["of-rest"]


def test_an_objective_of_a_calendar_is_described_over_its_running_period():
    month = CalendarPeriod(start="2026-01-01 00:00:00", zone="UTC", count=1, unit=CalendarUnit.MONTH)
    app = create_app(made_up_sources(), {}, [replace(read_success(), calendar=month)], "1.2.3", clock=a_clock())
    answer = get(app, "/api/herald/slos/memory-read-success").json()
    first, last = (to_ns(datetime(2026, number, 1, tzinfo=UTC)) // 1_000_000 for number in (11, 12))
    assert (answer["window"], answer["objective"]["window"]) == ({"from": first, "to": last}, "calendar month")
    assert answer["entities"][0]["allowed"] > 0.01 * answer["entities"][0]["total"]


@pytest.mark.parametrize(
    ("runbook", "url", "text"),
    [
        ("cryostat-warm", "/runbook/cryostat-warm", RUNBOOKS["cryostat-warm"]),
        ("https://wiki.example.org/reads", "https://wiki.example.org/reads", ""),
        ("never-written", "", ""),
        ("", "", ""),
    ],
)
def test_an_objective_tells_its_runbook_or_leads_to_it(runbook, url, text):
    app = create_app(
        made_up_sources(), {}, [replace(read_success(), runbook=runbook)], "1", clock=a_clock(), runbooks=RUNBOOKS
    )
    objective = get(app, "/api/herald/slos/memory-read-success").json()["objective"]
    assert (objective["runbook_url"], objective["runbook"]) == (url, text)


def test_a_runbooks_links_lead_to_pages():
    answer = get(app_with(), "/api/herald/runbooks/reads-fail").json()
    assert answer["title"] == "Reads fail"
    assert "](/runbook/cryostat-warm), [outside](https://example.org/a.md)" in answer["text"]


def test_the_title_of_a_runbook_is_text():
    assert b"The cryostat &lt;b&gt;warms" in get(app_with(), "/runbook/cryostat-warm").body


def test_a_runbook_that_is_none_leads_to_those_near_it():
    body = get(app_with(), "/runbook/Cryostat-%3Cwarn").body
    assert b"There is no runbook Cryostat-&lt;warn." in body
    assert b'Near it: <a href="/runbook/cryostat-warm">cryostat-warm</a>' in body
    assert "did you mean cryostat-warm?" in get(app_with(), "/api/herald/runbooks/cryostat").json()["message"]


def test_firing_alerts_come_before_resolved_ones():
    alerts = get(app_with(), "/api/herald/alerts").json()["alerts"]
    assert [alert["resolved_at"] for alert in alerts] == [None, (NOW_NS - DAY_NS) // 1_000_000 + 3_600_000]


def test_what_only_mutes_others_is_listed_after_what_tells_somebody_and_while_it_does():
    given = [
        an_alert(alert_id=1, severity="info", fired_ns=NOW_NS - 1),
        an_alert(alert_id=2),
        an_alert(alert_id=3, severity="info", resolved_ns=NOW_NS - 1),
        an_alert(alert_id=4, severity="ticket", resolved_ns=NOW_NS - 1),
    ]
    alerts = get(app_with(alerts=given), "/api/herald/alerts").json()["alerts"]
    assert [(alert["id"], alert["mutes"]) for alert in alerts] == [(2, False), (1, True), (4, False)]


def test_of_very_many_alerts_the_oldest_are_left_out_and_counted():
    given = [an_alert(alert_id=number, fired_ns=NOW_NS - number, resolved_ns=NOW_NS) for number in range(503)]
    answer = get(app_with(alerts=given), "/api/herald/alerts").json()
    assert (len(answer["alerts"]), answer["alerts"][-1]["id"], answer["left_out"]) == (500, 499, 3)


def test_an_alert_leads_to_the_board_around_its_time():
    (firing, _) = get(app_with(), "/api/herald/alerts").json()["alerts"]
    start_ms = NOW_MS - 40 * 60_000
    assert firing["board_url"] == f"/d/{UID}?from={start_ms}&to=now&var-device=mem-hague"
