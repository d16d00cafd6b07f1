"""The coverage page is current, complete and names what exists."""

import re
from pathlib import Path

import pytest

from model.registry import load_registry
from model.yaml_text import parse_yaml
from tests.catalogue_coverage import DOMAINS, KINDS, PAGE, ROOT, load_entries, render_page
from tests.golden import assert_generated

COUNTS = {"M": 50, "F": 38, "B": 25, "TEL": 278, "S": 23}
CATALOGUE = next((path for parent in ROOT.parents if (path := parent / "shared" / "catalogue").is_dir()), None)


def test_the_generated_page_is_current():
    assert_generated(PAGE, render_page(load_entries()))


def test_no_id_of_the_catalogue_is_left_out():
    kinds = [entry.kind for entry in load_entries()]
    assert {kind: kinds.count(kind) for kind in KINDS} == COUNTS


def test_every_id_is_covered_or_says_what_is_missing():
    bare = [entry.id for entry in load_entries() if not (entry.telemetry or entry.files or entry.gap)]
    assert bare == []


def test_telemetry_that_is_named_exists():
    registry = load_registry()
    known = {*registry.metrics, *registry.events, *registry.spans}
    assert {name for entry in load_entries() for name in entry.telemetry} - known == set()


def test_files_that_are_named_exist():
    assert [name for entry in load_entries() for name in entry.files if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_ids_and_names_are_those_of_the_catalogue(domain):
    """The catalogue stands beside the repository where the product is planned; else there is nothing to compare."""
    ours = {entry.id: entry.name for entry in load_entries() if entry.id.startswith(f"{domain}.")}
    assert ours == _catalogue_names(domain, CATALOGUE) or CATALOGUE is None


def _catalogue_names(domain: str, folder: Path | None) -> dict[str, str]:
    if folder is None:
        return {}
    sections = parse_yaml((folder / f"{domain}.yaml").read_text(encoding="utf-8"))
    return {
        entry["id"]: next(entry[key] for key in ("name", "item", "title") if key in entry)
        for section in ("slis", "failure_modes", "telemetry", "scenarios")
        for entry in sections[section]
        if re.fullmatch(rf"{domain}\.(M|F|B|TEL|S)\d+", entry["id"])
    }
