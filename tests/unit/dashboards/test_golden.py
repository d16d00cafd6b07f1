"""What ships, byte for byte: a change of a board is seen in review as a change of its JSON."""

from pathlib import Path

import pytest

from dashboards import render_reference
from dashboards.build import render_files
from tests.golden import assert_generated
from tests.unit.dashboards.rendered import OBJECTIVES

GOLDEN = Path(__file__).parent / "golden"
REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "dashboards.md"
FILES = render_files(OBJECTIVES)


@pytest.mark.parametrize("name", FILES)
def test_generated_file_is_the_one_that_was_reviewed(name: str):
    assert_generated(GOLDEN / name, FILES[name])


def test_no_golden_file_is_left_over():
    kept = {path.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("*") if path.is_file()}
    assert kept == set(FILES)


def test_generated_reference_page_is_current():
    assert_generated(REFERENCE, render_reference(OBJECTIVES))


def test_generating_twice_gives_the_same_bytes():
    assert render_files(OBJECTIVES) == FILES
