"""What ships: the digest of every file, so that no board changes unseen, and the page that says what is on them."""

import hashlib
from pathlib import Path

from dashboards import render_reference
from dashboards.build import render_files
from tests.golden import assert_generated
from tests.unit.dashboards.rendered import OBJECTIVES

DIGESTS = Path(__file__).parent / "golden.sha256"
REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "dashboards.md"
FILES = render_files(OBJECTIVES)


def test_generated_files_are_those_that_were_reviewed():
    """In the format of `sha256sum --check`, to be run in the folder of `herald dashboards build --out`."""
    digests = (f"{hashlib.sha256(text.encode()).hexdigest()}  {name}" for name, text in sorted(FILES.items()))
    assert_generated(DIGESTS, "\n".join(digests) + "\n")


def test_generated_reference_page_is_current():
    assert_generated(REFERENCE, render_reference(OBJECTIVES))


def test_generating_twice_gives_the_same_bytes():
    assert render_files(OBJECTIVES) == FILES
