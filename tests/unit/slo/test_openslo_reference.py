"""The reference page names every field, code and annotation that the code has, and no other."""

import re
from pathlib import Path

import pytest

from slo.openslo.annotations import ANNOTATION_PREFIX, SHORT_WINDOW, SLO_ANNOTATIONS
from slo.openslo.findings import NOT_EVALUATED, REFERENCE_SDK, UNREADABLE
from slo.openslo.rules import ACTION, RULE
from slo.openslo.sdk import KINDS, PARTS, field_paths
from slo.openslo.sdk.shapes import Struct

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "openslo.md").read_text(encoding="utf-8")
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "slo" / "openslo").glob("*.py")))
TABLES = {part.split("\n", 1)[0]: part for part in re.split(r"^#{2,3} ", PAGE, flags=re.MULTILINE)[1:]}
SECTIONS = {"SLI": "SLI, and", "metadata": "metadata, of", "metric": "metric, under"}
SPECS = {kind: spec for kind, shape in KINDS.items() if isinstance(spec := shape.fields["spec"], Struct)}
WANTED = {
    **{kind: list(field_paths(spec, "spec")) for kind, spec in SPECS.items()},
    "metadata": list(field_paths(PARTS["metadata"], "metadata")),
    "metric": list(field_paths(PARTS["metric"], "metric")),
}


def first_column(title: str) -> list[str]:
    (table,) = (text for name, text in TABLES.items() if name == title or name.startswith(SECTIONS.get(title, "\0")))
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize("title", WANTED)
def test_every_field_of_openslo_has_its_row(title: str):
    assert sorted(first_column(title)) == sorted(WANTED[title])


def test_every_code_has_its_row():
    written = re.findall(r'"([a-z]+(?:-[a-z0-9]+)+|severity|empty)"', SOURCE)
    documented = first_column("Codes")
    assert set(documented) <= {*written, UNREADABLE, NOT_EVALUATED, REFERENCE_SDK}
    assert set(re.findall(r'(?:lint|add_lint)\(\s*"([a-z-]+)"', SOURCE)) <= set(documented)
    assert set(re.findall(r'error\([^()]*(?:\([^()]*\)[^()]*)*, "([a-z-]+)"\)', SOURCE)) <= set(documented)


def test_every_annotation_has_its_row():
    names = [*SLO_ANNOTATIONS, SHORT_WINDOW, RULE, ACTION]
    assert sorted(first_column("Annotations")) == sorted(ANNOTATION_PREFIX + name for name in names)
