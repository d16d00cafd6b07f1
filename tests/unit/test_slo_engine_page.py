"""The page on the SLO engine names a test for each complaint that it answers, and the test exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "slo-engine.md").read_text(encoding="utf-8")
ROWS = [row.split("|")[1:-1] for row in re.findall(r"^\| \d+ \|.*\|$", PAGE, re.MULTILINE)]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_there_is_one_line_for_each_of_the_23_complaints():
    assert [int(row[0]) for row in ROWS] == list(range(1, 24))


def test_every_line_names_a_test():
    assert [row[0] for row in ROWS if not TEST.search(row[3])] == []


def test_every_test_that_is_named_exists():
    named = TEST.findall(PAGE)
    missing = [f"{path}::{name}" for path, name in named if f"def {name}(" not in _text(path)]
    assert missing == []


def _text(path: str) -> str:
    file = ROOT / path
    return file.read_text(encoding="utf-8") if file.is_file() else ""
