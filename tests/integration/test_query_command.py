"""`herald query`: questions by name, of a range, an alert or an incident, in every form, and refusals that help."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from herald.cli import app
from model.clock import format_time
from model.errors import InvalidInputError
from slo import PAGE
from store import Store, list_postmortem_queries
from tests.integration.lived_fleet import INCIDENT

RANGE = ("--from", format_time(INCIDENT.start_ns), "--to", format_time(INCIDENT.end_ns))
MEMORY = "mem-delft"


@pytest.fixture(scope="module")
def database(lived_fleet: Callable[[str], str], embedded_server_url: str) -> str:
    return lived_fleet(embedded_server_url)


def query(database: str, *arguments: str) -> Result:
    words = ["query", *arguments, "--database", database]
    return CliRunner().invoke(app, words, env={"COLUMNS": "200"}, catch_exceptions=False)


def ask(database: str, *arguments: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(query(database, *arguments, "--json").stdout)
    return document


@pytest.mark.parametrize("arguments", [(), ("--list",)])
def test_without_a_name_all_questions_are_listed(arguments: tuple[str, ...]):
    listed = query("", *arguments).stdout
    assert all(each.name in listed and each.question in listed for each in list_postmortem_queries())


def test_a_listed_query_says_what_its_columns_hold():
    assert "seconds before the start of the incident" in query("", "changes", "--list").stdout


def test_a_table_is_for_people(database: str):
    shown = query(database, "changes", *RANGE, "--device", MEMORY).stdout
    (line,) = [line for line in shown.splitlines() if "Firmware: 2.159.1" in line]
    assert line.split()[:4] == ["2026-09-21T04:10:00Z", "600", "0", MEMORY]


def test_json_is_one_document_with_question_range_and_rows(database: str):
    told = ask(database, "versions", *RANGE, "--device", MEMORY)
    assert (told["name"], told["about"], told["from"]) == ("versions", MEMORY, RANGE[1])
    assert [(row["version"], row["changed_during"]) for row in told["rows"]] == [("2.159.1", False)]


def test_csv_has_a_header_and_the_same_rows(database: str):
    rows = list(csv.DictReader(io.StringIO(query(database, "alerts", *RANGE, "--csv").stdout)))
    assert [row["id"] for row in rows] == [str(row["id"]) for row in ask(database, "alerts", *RANGE)["rows"]]


def test_sql_is_for_psql_and_grafana_and_needs_no_database():
    told = query("", "changes", *RANGE, "--link", "link-delft-local", "--sql").stdout
    assert told.splitlines() == [
        "-- psql",
        f"select * from postmortem.changes('{RANGE[1]}', '{RANGE[3]}', 'link-delft-local');",
        "-- Grafana",
        "select * from postmortem.changes($__timeFrom(), $__timeTo(), '${device}');",
    ]


def test_an_alert_sets_range_and_entity(database: str):
    with Store(database) as store:
        page = next(a for a in store.read_alerts(INCIDENT) if (a.severity, a.labels.get("device")) == (PAGE, MEMORY))
    told = ask(database, "alerts", "--alert", str(page.alert_id))
    assert told["about"] == MEMORY
    assert told["from"] < format_time(page.fired_ns) < told["to"]
    assert page.alert_id in [row["id"] for row in told["rows"]]


def test_an_incident_sets_range_and_entity_unless_one_is_named(database: str):
    incident = ask(database, "incidents", *RANGE)["rows"][0]
    told = ask(database, "changes", "--incident", str(incident["id"]))
    assert (told["about"].split("\n"), told["from"]) == (incident["entities"].split(", "), incident["impact_at"])
    assert ask(database, "changes", "--incident", str(incident["id"]), "--device", MEMORY)["about"] == MEMORY


def test_a_question_about_an_incident_is_about_all_that_it_hurt(database: str):
    with Store(database) as store:
        row = next(row for row in store.read_incidents(INCIDENT) if len(row.entities) > 1)
    told = ask(database, "alerts", "--incident", str(row.incident_id))
    assert set(row.alert_ids) <= {alert["id"] for alert in told["rows"]}
    assert ask(database, "incidents", "--incident", str(row.incident_id))["rows"]


def test_rows_beyond_the_limit_are_cut_and_that_is_said(database: str):
    shown = query(database, "alerts", *RANGE, "--csv", "--limit", "3")
    assert len(shown.stdout.splitlines()) == 4
    assert "only the first 3 rows are shown" in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("changs",), "no query 'changs'.*did you mean changes"),
        (("qwxz",), "no query 'qwxz'.*herald query --list"),
        (("changes", "--json", "--csv"), "one of --json, --csv and --sql"),
        (("changes", "--device", MEMORY, "--link", "link-delft-local"), "name one of them"),
        (("changes", "--alert", "1", "--incident", "1"), "--alert or --incident"),
        (("changes", "--alert", "123456"), "no alert 123456"),
        (("changes", "--incident", "123456"), "no incident 123456"),
        (("changes", "--from", "now", "--to", "now-1h"), "swap the two times"),
        (("changes", "--device", "mem-delf"), "nothing that is stored speaks of 'mem-delf'.*did you mean mem-delft"),
        (("changes", "--tenant", "qxzw"), "speaks of 'qxzw'.*known are .*mem-delft, mem-hague"),
        (("changes", "--device", " "), "speaks of ' '.*known are "),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_asked_is_refused_with_the_remedy(database: str, arguments: tuple[str, ...], why: str):
    with pytest.raises(InvalidInputError, match=why):
        query(database, *arguments)
