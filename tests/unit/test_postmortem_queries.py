"""Every question of the catalogue's reviews leads to a query, or honestly elsewhere; the page about it is current."""

import re

import pytest

from model.clock import HOUR_NS
from model.windows import Window
from model.yaml_text import parse_yaml
from store import ask_range, list_postmortem_queries
from tests.catalogue_coverage import DOMAINS
from tests.golden import assert_generated
from tests.postmortem_coverage import PAGE, SECTIONS, load_entries, render_page
from tests.unit.test_coverage import CATALOGUE

QUERIES = {query.name: query for query in list_postmortem_queries()}
WINDOW = Window(start_ns=0, end_ns=HOUR_NS)


def test_the_generated_page_is_current():
    assert_generated(PAGE, render_page(load_entries(), list_postmortem_queries()))


def test_every_entry_is_answered_by_a_query_or_elsewhere():
    assert [entry.id for entry in load_entries() if not (entry.queries or entry.elsewhere)] == []


def test_every_query_answers_an_entry_that_exists():
    known = {entry.id for entry in load_entries()}
    assert {query.name for query in QUERIES.values() if not query.catalogue_ids} == set()
    assert {id_ for query in QUERIES.values() for id_ in query.catalogue_ids} <= known


@pytest.mark.parametrize("domain", DOMAINS)
def test_entries_are_those_of_the_catalogue(domain):
    """The catalogue stands beside the repository where the product is planned; else there is nothing to compare."""
    ours = {entry.id: entry.asks for entry in load_entries() if entry.id.startswith(f"{domain}.")}
    theirs = parse_yaml((CATALOGUE / f"{domain}.yaml").read_text(encoding="utf-8")) if CATALOGUE else {}
    told = {
        f"{domain}.{section}.{i}": text for section in SECTIONS for i, text in enumerate(theirs.get(section, ()), 1)
    }
    assert ours == told or CATALOGUE is None


@pytest.mark.parametrize("query", QUERIES.values(), ids=lambda query: query.name)
def test_a_query_takes_a_range_and_whom_it_is_about(query):
    asked = r"\(from_at timestamptz, to_at timestamptz, about text default null\)"
    assert re.match(rf"create function postmortem\.{query.name}{asked}\n", query.definition)
    assert query.question.endswith("?")


def test_what_is_asked_about_cannot_leave_its_quotes():
    asked = QUERIES["changes"].ask(WINDOW, "o'hara'); drop table point; --")
    assert asked.endswith("'o''hara''); drop table point; --')")


def test_without_anybody_the_whole_fleet_is_asked():
    assert QUERIES["alerts"].ask(WINDOW) == (
        "select * from postmortem.alerts('1970-01-01T00:00:00Z', '1970-01-01T01:00:00Z')"
    )


def test_alerts_and_incidents_have_ranges():
    assert ask_range(alert=3) == "select from_at, to_at, about from postmortem.range_of_alert(3)"
    assert ask_range(incident=4) == "select from_at, to_at, about from postmortem.range_of_incident(4)"
