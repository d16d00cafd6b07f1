"""The page on the SLO engine names a test for each complaint that it answers, and the test exists."""

import re

from tests.cited_tests import CITED, ROOT, missing_tests

PAGE = (ROOT / "docs" / "explanation" / "slo-engine.md").read_text(encoding="utf-8")
ROWS = [row.split("|")[1:-1] for row in re.findall(r"^\| \d+ \|.*\|$", PAGE, re.MULTILINE)]


def test_there_is_one_line_for_each_of_the_23_complaints():
    assert [int(row[0]) for row in ROWS] == list(range(1, 24))


def test_every_line_names_a_test():
    assert [row[0] for row in ROWS if not CITED.search(row[3])] == []


def test_every_test_that_the_table_names_exists():
    assert [missing for row in ROWS for missing in missing_tests(row[3])] == []
