"""The table of the catalogue's alerting entries: complete, fulfilled, and with tests that exist."""

from collections.abc import Iterator, Mapping
from typing import Any

from alert_rules import load_rules
from alert_rules.catalogue import ENTRIES, LISTS, fulfilments, render_table
from model.yaml_text import parse_yaml
from tests.catalogue_coverage import DOMAINS
from tests.cited_tests import ROOT, missing_tests
from tests.golden import assert_generated

TABLE = ROOT / "alert_rules" / "catalogue.md"
CATALOGUE = next((path for parent in ROOT.parents if (path := parent / "shared" / "catalogue").is_dir()), None)
COUNTS = {"page_when": 16, "ticket_when": 12, "noise_reduction": 24}
RULES = load_rules()


def test_the_table_is_current():
    assert_generated(TABLE, render_table(RULES))


def test_no_entry_is_left_out():
    lists = [entry.split(".")[1] for entry in ENTRIES]
    assert {name: lists.count(name) for name in LISTS} == COUNTS


def test_entries_are_those_of_the_catalogue():
    """The catalogue stands beside the repository where the product is planned; else there is nothing to compare."""
    assert CATALOGUE is None or {key: asked for domain in DOMAINS for key, asked in read_catalogue(domain)} == ENTRIES


def test_every_entry_is_fulfilled():
    assert [entry for entry, by in fulfilments(RULES).items() if not by] == []


def test_rules_cite_entries_that_exist():
    cited = {entry for rule in RULES for entry in rule.catalogue if any(f".{name}." in entry for name in LISTS)}
    assert cited <= ENTRIES.keys()


def test_every_test_that_is_named_exists():
    assert missing_tests(render_table(RULES)) == []


def read_catalogue(domain: str) -> Iterator[tuple[str, str]]:
    assert CATALOGUE is not None
    told = parse_yaml((CATALOGUE / f"{domain}.yaml").read_text(encoding="utf-8"))
    for name, entries in find_lists(told):
        for number, asked in enumerate(entries, 1):
            yield f"{domain}.{name}.{number}", asked


def find_lists(told: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield the lists of alerting entries, at whatever depth they stand."""
    for key, value in told.items():
        if key in LISTS:
            yield key, value
        elif isinstance(value, Mapping):
            yield from find_lists(value)
