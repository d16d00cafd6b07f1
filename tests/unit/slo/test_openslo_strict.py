"""With --strict, the verdict and the field paths of the reference SDK, whatever Herald thinks of the file."""

from pathlib import Path
from typing import Any

import pytest

from model.yaml_text import parse_yaml
from slo.openslo import FileReport, read_texts
from tests.unit.slo.openslo_texts import POLICY, THRESHOLD, VALID

VERDICTS: list[dict[str, Any]] = parse_yaml((Path(__file__).parent / "sdk_verdicts.yaml").read_text(encoding="utf-8"))
REFUSED = [case for case in VERDICTS if isinstance(case["refused"], list)]
NOT_DECODED = [case for case in VERDICTS if not isinstance(case["refused"], list)]


def judge(text: str, *, strict: bool = True) -> FileReport:
    (report,) = read_texts({"a.yaml": text}, strict=strict).reports
    return report


@pytest.mark.parametrize("case", REFUSED, ids=[case["case"] for case in REFUSED])
def test_the_paths_that_are_refused_are_those_of_the_sdk(case: dict[str, Any]):
    assert sorted({error.path for error in judge(case["text"]).errors}) == case["refused"]


@pytest.mark.parametrize("case", NOT_DECODED, ids=[case["case"] for case in NOT_DECODED])
def test_what_the_sdk_cannot_decode_is_invalid(case: dict[str, Any]):
    assert not judge(case["text"]).valid


@pytest.mark.parametrize("case", VERDICTS, ids=[case["case"] for case in VERDICTS])
def test_what_the_sdk_refuses_is_said_by_default_too(case: dict[str, Any]):
    report = judge(case["text"], strict=False)
    assert report.errors or report.lints or not case["refused"]


def test_what_herald_cannot_evaluate_is_a_lint():
    report = judge(VALID.replace("type: herald", "type: Prometheus").replace("0.99", "0"))
    assert report.valid
    assert [(lint.code, lint.path) for lint in report.lints] == [
        ("foreign-source", "spec.indicator.spec.ratioMetric.good.metricSource.type"),
        ("foreign-source", "spec.indicator.spec.ratioMetric.total.metricSource.type"),
        ("not-evaluated", "spec.objectives[0].target"),
    ]


@pytest.mark.parametrize("text", [VALID, THRESHOLD, POLICY], ids=["valid", "threshold", "policy"])
def test_files_that_are_fine_for_both_have_neither_errors_nor_lints(text: str):
    assert (judge(text).errors, judge(text).lints) == ([], [])


def test_a_dangling_reference_is_a_lint_because_the_sdk_resolves_none():
    report = judge(THRESHOLD.replace("indicatorRef: fidelity", "indicatorRef: other"))
    assert report.valid
    assert [lint.code for lint in report.lints] == ["dangling-ref"]


def test_unknown_fields_and_wrong_types_are_found_together():
    report = judge(VALID.replace("  service:", "  team: us\n  service:").replace("0.99", '"0.99"'))
    assert [error.path for error in report.errors] == ["spec.team", "spec.objectives[0].target"]


def test_a_part_that_only_the_sdk_knows_stands_in_the_line_of_the_whole():
    text = VALID.replace("28d", "28x")
    (error,) = judge(text).errors
    assert (error.path, error.line) == ("spec.timeWindow[0].duration.unit", text[: text.index("28x")].count("\n") + 1)


def test_what_only_the_sdk_refuses_is_a_lint_by_default():
    report = judge(
        THRESHOLD.replace("metadata: {name: fidelity}", "metadata: {name: fidelity, displayName: yes}"), strict=False
    )
    assert report.valid
    assert [(lint.code, lint.path) for lint in report.lints] == [("reference-sdk", "metadata.displayName")]
