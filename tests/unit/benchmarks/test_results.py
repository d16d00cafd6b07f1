"""A result stands beside its neighbour, and the document has the shape that readers rely on."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import __main__ as program
from benchmarks.results import (
    COLUMNS,
    Figure,
    Result,
    Skipped,
    UnmeasurableError,
    build_document,
    build_rows,
)
from model.errors import DatabaseUnavailableError

HALF = Result(name="decode", value=2.0, unit="points/s", beside=Figure("parse", 4.0))
positive = st.floats(min_value=1e-9, max_value=1e12)


@given(value=positive, beside=positive)
def test_the_ratio_is_the_value_over_its_neighbour(value: float, beside: float):
    result = Result(name="a", value=value, unit="s", beside=Figure("b", beside))
    assert math.isclose(result.ratio * beside, value)


def test_the_document_has_the_agreed_shape():
    document = build_document({"cpus": 2}, [HALF], [Skipped("timescale", "not here")])
    assert json.loads(json.dumps(document)) == {
        "machine": {"cpus": 2},
        "results": [
            {
                "name": "decode",
                "value": 2.0,
                "unit": "points/s",
                "beside": {"name": "parse", "value": 4.0},
                "ratio": 0.5,
            }
        ],
        "skipped": [{"name": "timescale", "reason": "not here"}],
    }


def test_a_row_of_the_table_has_every_column():
    assert [len(row) for row in build_rows([HALF])] == [len(COLUMNS)]


def answering(monkeypatch: pytest.MonkeyPatch, answer: Result | Exception) -> None:
    def measure(_: Path) -> list[Result]:
        if isinstance(answer, Exception):
            raise answer
        return [answer]

    monkeypatch.setattr(program, "BENCHMARKS", {"decode": measure})


@pytest.mark.parametrize(
    ("answer", "exit_code", "results", "reasons"),
    [
        (HALF, 0, ["decode"], []),
        (UnmeasurableError("no TimescaleDB here"), 0, [], ["no TimescaleDB here"]),
        (DatabaseUnavailableError("gone", remedy="wait"), 3, [], ["gone — wait"]),
    ],
    ids=["measured", "cannot run here", "broken"],
)
def test_the_file_is_written_whatever_happens(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    answer: Result | Exception,
    exit_code: int,
    results: list[str],
    reasons: list[str],
):
    answering(monkeypatch, answer)
    out = tmp_path / "new" / "bench.json"
    assert program.main(["--out", str(out)]) == exit_code
    document = json.loads(out.read_text())
    assert [result["name"] for result in document["results"]] == results
    assert [skipped["reason"] for skipped in document["skipped"]] == reasons


def test_only_the_benchmarks_that_were_named_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    answering(monkeypatch, HALF)
    assert program.measure([], tmp_path) == ([], [])
    assert program.measure(["decode"], tmp_path) == ([HALF], [])


def test_an_unknown_name_is_bad_usage(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match="2"):
        program.main(["--only", "nothing"])
    assert "invalid choice: 'nothing'" in capsys.readouterr().err
