from pathlib import Path

from tests.conformance.cases import load_cases, render_reference
from tests.golden import assert_generated

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "otlp-answers.md"


def test_the_page_shows_the_table_that_a_collector_is_asked():
    assert_generated(PAGE, render_reference())


def test_no_two_lines_of_the_table_have_one_name():
    for door in ("http", "grpc"):
        names = [case.case for case in load_cases(door)]
        assert len(names) == len(set(names))
