"""Every row of the public validation table holds, and the page that shows them is current."""

import re
from pathlib import Path

import pytest

from tests.golden import assert_generated
from tests.unit.hwsim.validation import ROWS, Row

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "physics-validation.md"
HEAD = """\
# Physics: the validation table

Generated from `tests/unit/hwsim/validation.py`, which calls the functions that the simulated devices call; `make
generate` rewrites it and the tests hold every row. Where the equations stand: [physics](../explanation/physics.md).

| row | quantity | expected | Herald | within | source |
| --- | --- | --- | --- | --- | --- |
"""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_simulator_gives_the_published_figure(row: Row):
    assert row.holds(), f"{row.quantity}: {row.values()}, expected {row.expected} within {row.tolerance}"


def test_no_row_of_the_table_is_missing():
    assert {int(re.sub(r"\D", "", row.id)) for row in ROWS} == set(range(1, 47))


def test_the_page_shows_the_current_figures():
    assert_generated(PAGE, HEAD + "".join(_line(row) for row in ROWS))


def _line(row: Row) -> str:
    expected, found = (", ".join(f"{each:.6g}" for each in values) for values in (row.expected, row.values()))
    within = f"{row.tolerance:.2g} {row.kind}"
    return f"| {row.id} | {row.quantity} | {expected} | {found} | {within} | {row.source} |\n"
