"""Bad OpenSLO files: where the error is, and what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.openslo import read_files, read_texts
from tests.unit.slo.openslo_texts import LATENCY, POLICY, THRESHOLD, VALID, WITH_POLICY, line_of

GOOD = "spec.indicator.spec.ratioMetric.good.metricSource"
TOTAL = "spec.indicator.spec.ratioMetric.total.metricSource"
TOO_DEEP = "is nested more than 100 deep, or contains itself"

# (valid text, what to replace, by what, key path of the error, part of the message)
REFUSED = {
    "unknown metric": (
        VALID,
        "metric: quantum.memory.reads\n",
        "metric: quantum.memory.raeds\n",
        f"{GOOD}.spec.metric",
        "unknown metric 'quantum.memory.raeds'; did you mean quantum.memory.reads",
    ),
    "unknown attribute in a filter": (
        VALID,
        "filter: {quantum.outcome: success}",
        "filter: {quantum.outcom: success}",
        f"{GOOD}.spec.filter.quantum.outcom",
        "quantum.memory.reads has no attribute 'quantum.outcom'; did you mean quantum.outcome",
    ),
    "unknown value of an attribute": (
        VALID,
        "quantum.outcome: success",
        "quantum.outcome: sucess",
        f"{GOOD}.spec.filter.quantum.outcome",
        "'sucess' is not a value of quantum.outcome; it has success, failure, timeout",
    ),
    "group by a column": (
        VALID,
        "group-by: quantum.device.id",
        "group-by: device",
        "metadata.annotations.herald.dev/group-by",
        "unknown attribute 'device'; did you mean quantum.device.id?",
    ),
    "group by an attribute the metric does not have": (
        VALID,
        "group-by: quantum.device.id",
        "group-by: quantum.link.id",
        "metadata.annotations.herald.dev/group-by",
        "quantum.memory.reads has no attribute 'quantum.link.id'",
    ),
    "target of 1": (VALID, "0.99", "1", "spec.objectives[0].target", "1 leaves no error budget"),
    "target above 1": (VALID, "0.99", "99.9", "spec.objectives[0].target", "write targetPercent for a percentage"),
    "100 percent": (
        VALID,
        "target: 0.99",
        "targetPercent: 100",
        "spec.objectives[0].targetPercent",
        "100 leaves no error budget; it must be less than 100",
    ),
    "target of 0": (VALID, "0.99", "0", "spec.objectives[0].target", "promises nothing"),
    "target in quotes": (VALID, "0.99", '"0.99"', "spec.objectives[0].target", "must be a number, not '0.99'"),
    "target true": (VALID, "0.99", "true", "spec.objectives[0].target", "must be a number, not a boolean"),
    "no target": (
        VALID,
        "target: 0.99",
        "displayName: x",
        "spec.objectives[0]",
        "needs one of target, targetPercent",
    ),
    "both targets": (
        VALID,
        "target: 0.99",
        "target: 0.99\n      targetPercent: 99",
        "spec.objectives[0]",
        "needs exactly one of target, targetPercent",
    ),
    "threshold between bucket bounds": (
        LATENCY,
        "atMost: 0.01",
        "atMost: 0.007",
        f"{GOOD}.spec.atMost",
        "0.007 is not a bucket bound of quantum.link.herald.latency; the nearest are 0.005 below and 0.01 above",
    ),
    "threshold beyond the last bucket bound": (
        LATENCY,
        "atMost: 0.01",
        "atMost: 3",
        f"{GOOD}.spec.atMost",
        "the nearest are 1 below",
    ),
    "threshold on a counter": (
        VALID,
        "filter: {quantum.outcome: success}",
        "above: 3",
        f"{GOOD}.spec.above",
        "quantum.memory.reads is a counter; only a histogram has samples to compare",
    ),
    "two thresholds": (
        LATENCY,
        "atMost: 0.01",
        "atMost: 0.01\n              above: 0.01",
        f"{GOOD}.spec",
        "at most one",
    ),
    "good outside total": (
        VALID,
        "spec: {metric: quantum.memory.reads}",
        "spec: {metric: quantum.memory.reads, filter: {quantum.outcome: [failure, timeout]}}",
        f"{GOOD}.spec",
        "good is not a subset of total: quantum.outcome success is not in total",
    ),
    "good wider than total": (
        VALID,
        "spec: {metric: quantum.memory.reads}",
        "spec: {metric: quantum.memory.reads, filter: {quantum.device.id: mem-delft}}",
        f"{GOOD}.spec",
        "good is not a subset of total: it does not filter on quantum.device.id as total does",
    ),
    "mean in a ratio": (
        LATENCY,
        "atMost: 0.01",
        "reducer: mean",
        f"{GOOD}.spec.reducer",
        "a ratio needs events; the reducer of a histogram must be count",
    ),
    "key misspelled in the metric source": (
        LATENCY,
        "atMost: 0.01",
        "atmost: 0.01",
        f"{GOOD}.spec.atmost",
        "is not a key of a herald metric source; did you mean atMost?",
    ),
    "foreign metric source": (VALID, "type: herald", "type: Prometheus", f"{GOOD}.type", "Herald has no data from"),
    "no metric source type": (VALID, "type: herald\n", "\n", f"{GOOD}.type", "is missing"),
    "no total": (VALID, "        total:", "        totals:", "spec.indicator.spec.ratioMetric.total", "is missing"),
    "no good": (VALID, "        good:", "        gut:", "spec.indicator.spec.ratioMetric", "needs one of good, bad"),
    "no indicator": (VALID, "  indicator:", "  indicators:", "spec", "needs one of indicator, indicatorRef"),
    "no service": (VALID, "  service: quantum-memory\n", "", "spec.service", "is missing"),
    "no window": (VALID, "  timeWindow:", "  timeWindows:", "spec.timeWindow", "is missing"),
    "no duration": (VALID, "duration: 28d", "length: 28d", "spec.timeWindow[0].duration", "is missing"),
    "unknown unit": (VALID, "28d", "28D", "spec.timeWindow[0].duration", "'28D' is not a duration"),
    "two units": (VALID, "28d", "1d12h", "spec.timeWindow[0].duration", "'1d12h' is not a duration"),
    "no unit": (VALID, "28d", "28", "spec.timeWindow[0].duration", "28 has no unit"),
    "a minute for a month": (VALID, "28d", "1m", "spec.timeWindow[0].duration", "write 30d for a month"),
    "a window that does not roll": (
        VALID,
        "isRolling: true",
        "isRolling: false",
        "spec.timeWindow[0].isRolling",
        "needs a calendar",
    ),
    "a calendar that rolls": (
        VALID,
        "isRolling: true",
        "isRolling: true\n      calendar: {startTime: 2026-01-01 00:00:00, timeZone: Europe/Amsterdam}",
        "spec.timeWindow[0]",
        "has a calendar and isRolling: true",
    ),
    "a calendar of hours": (
        VALID.replace("28d", "12h"),
        "isRolling: true",
        "calendar: {startTime: 2026-01-01 00:00:00, timeZone: Europe/Amsterdam}",
        "spec.timeWindow[0].duration",
        "12h is no period of a calendar; its units are d, w, M, Q, Y",
    ),
    "a calendar in no zone": (
        VALID,
        "isRolling: true",
        "calendar: {startTime: 2026-01-01 00:00:00, timeZone: Amsterdam}",
        "spec.timeWindow[0].calendar.timeZone",
        "'Amsterdam' is not a time zone of the IANA database",
    ),
    "a calendar that starts on no day": (
        VALID,
        "isRolling: true",
        "calendar: {startTime: 2026-02-29 00:00:00, timeZone: Europe/Amsterdam}",
        "spec.timeWindow[0].calendar.startTime",
        "'2026-02-29 00:00:00' is not a local date and time",
    ),
    "unknown budgeting method": (
        VALID,
        "Occurrences",
        "occurrences",
        "spec.budgetingMethod",
        "did you mean Occurrences?",
    ),
    "no objective": (VALID, "  objectives:\n    - target: 0.99\n", "", "spec.objectives", "nothing to evaluate"),
    "an indicator in spec and in an objective": (
        VALID,
        "target: 0.99",
        "target: 0.99\n      indicatorRef: other",
        "spec",
        "not in both",
    ),
    "op with a ratio": (
        VALID,
        "target: 0.99",
        "target: 0.99\n      op: gte",
        "spec.objectives[0].op",
        "threshold metrics",
    ),
    "bad name": (
        VALID,
        "name: read-success\n",
        "name: Read Success\n",
        "metadata.name",
        "must be lower-case letters",
    ),
    "no name": (VALID, "  name: read-success\n", "", "metadata.name", "is missing"),
    "unknown kind": (VALID, "kind: SLO", "kind: Slo", "kind", "'Slo' must be one of SLO, SLI"),
    "another version": (
        VALID,
        "openslo/v1",
        "openslo/v1alpha",
        "apiVersion",
        "'openslo/v1alpha' is not supported; Herald reads openslo/v1",
    ),
    "bad catalogue id": (
        VALID,
        "herald.dev/group-by",
        "herald.dev/catalogue: M1\n    herald.dev/group-by",
        "metadata.annotations.herald.dev/catalogue",
        "is not a catalogue id such as memory.M1",
    ),
    "bad silence": (
        VALID,
        "herald.dev/group-by",
        "herald.dev/silence: quiet\n    herald.dev/group-by",
        "metadata.annotations.herald.dev/silence",
        "'quiet' must be one of ignored, bad, alert",
    ),
    "dangling reference": (
        THRESHOLD,
        "indicatorRef: fidelity",
        "indicatorRef: fidelty",
        "spec.indicatorRef",
        "no SLI is named 'fidelty' in the given files; did you mean fidelity?",
    ),
    "threshold without a bound": (THRESHOLD, "value: 0.9, ", "", "spec.objectives[0].value", "is missing"),
    "slices without a length": (
        THRESHOLD,
        "timeSliceWindow: 5m, ",
        "",
        "spec.objectives[0].timeSliceWindow",
        "is missing",
    ),
    "a slice target above 1": (
        THRESHOLD,
        "timeSliceTarget: 0.8",
        "timeSliceTarget: 80",
        "spec.objectives[0].timeSliceTarget",
        "must be greater than 0 and at most 1",
    ),
    "dangling policy": (
        WITH_POLICY,
        "fast}",
        "slow}",
        "spec.alertPolicies[0].alertPolicyRef",
        "no AlertPolicy is named",
    ),
    "negative burn threshold": (
        POLICY,
        "threshold: 14.4",
        "threshold: -1",
        "spec.condition.threshold",
        "must be greater than 0",
    ),
    "key given twice": (
        VALID,
        "  service:",
        "  service: a\n  service:",
        "spec.service",
        "is given twice, first in line 8",
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_file_is_refused_with_path_and_reason(case):
    text, old, new, path, message = case
    report = read_texts(
        {"a.yaml": text.replace(old, new, 1), "policy.yaml": POLICY if text is WITH_POLICY else VALID}
    )
    errors = report.reports[0].errors
    assert [error.path for error in errors if message in error.message] == [path]


@pytest.mark.parametrize("text", [VALID, LATENCY, THRESHOLD, POLICY], ids=["valid", "latency", "threshold", "policy"])
def test_the_texts_that_the_table_changes_are_good(text):
    assert read_texts({"a.yaml": text}).valid


def test_an_error_stands_in_the_line_of_its_key():
    text = VALID.replace("metric: quantum.memory.reads\n", "metric: quantum.memory.raeds\n")
    (error,) = read_texts({"a.yaml": text}).reports[0].errors
    assert error.line == line_of(text, "raeds")


def test_a_missing_key_stands_in_the_line_of_what_lacks_it():
    text = VALID.replace("duration: 28d", "isRolling: true", 1).replace("      isRolling: true\n", "", 1)
    (error,) = read_texts({"a.yaml": text}).reports[0].errors
    assert error.line == line_of(text, "- isRolling")


def test_all_errors_of_all_documents_are_found_at_once():
    text = VALID.replace("0.99", "1") + "---\n" + VALID.replace("name: read", "name: raed").replace("28d", "28")
    report = read_texts({"a.yaml": text}).reports[0]
    assert [(error.path, error.line) for error in report.errors] == [
        ("spec.objectives[0].target", 28),
        ("spec.timeWindow[0].duration", 40),
    ]


def test_two_slos_of_one_name_are_refused_with_the_place_of_the_first():
    reading = read_texts({"a.yaml": VALID, "b.yaml": VALID})
    assert [e.message for e in reading.reports[1].errors] == ["SLO 'read-success' exists already in a.yaml line 1"]


def test_an_slo_on_a_bad_sli_is_not_used():
    reading = read_texts({"a.yaml": THRESHOLD.replace("quantum.link.fidelity", "quantum.link.nothing")})
    assert reading.objectives == ()


def test_an_slo_whose_sli_is_bad_in_another_file_is_told_so():
    slo, sli = THRESHOLD.split("---\n")
    reading = read_texts({"slo.yaml": slo, "sli.yaml": sli + "---\nkind: Pod\n"})
    (error,) = reading.reports[0].errors
    assert error.message == "SLI 'fidelity' in sli.yaml line 1 cannot be used: its file has errors"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no OpenSLO object"),
        ("---\n", "holds no OpenSLO object"),
        ("a: [1", "is not YAML"),
        ("a: b: c", "is not YAML"),
        ("\tkey: 1", "is not YAML"),
        ("\x00", "is not YAML"),
        ("&a [*a]", TOO_DEEP),
        ("a: &a {<<: *a}", "merges itself"),
        ("just text", "must be a mapping, not 'just text'"),
        ("services: {web: {image: nginx}}", "this is no OpenSLO object"),
        ("apiVersion: v1\nkind: Pod", "'v1' is not supported"),
        ("apiVersion: openslo/v1alpha\nkind: SLO", "write timeWindow with a duration for timeWindows"),
        ("apiVersion: openslo.com/v2alpha\nkind: SLO", "write service for serviceRef"),
    ],
)
def test_what_is_no_openslo_is_refused_in_one_sentence(text, message):
    (error,) = read_texts({"a.yaml": text}).reports[0].errors
    assert message in error.message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[" * 50_000, 1),
        ("[\n" * 50_000, 101),
        ('{"a": ' * 50_000, 1),
        ("- " * 50_000, 1),
        ("? " * 50_000, 1),
        ("\n".join(f"{' ' * depth}a:" for depth in range(2_000)), 101),
        ("a0: &a0 []\n" + "\n".join(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200)), 1),
    ],
    ids=["lists", "lists of lines", "mappings", "items", "keys", "indents", "aliases"],
)
def test_what_is_nested_too_deeply_is_refused_with_its_line_before_it_is_read(text, line):
    (error,) = read_texts({"a.yaml": text}).reports[0].errors
    assert (error.message, error.line) == (TOO_DEEP, line)


@pytest.mark.parametrize("text", ["[" * 99 + "]" * 99, "- " * 99 + "a"])
def test_what_is_nested_as_deeply_as_allowed_is_read(text):
    assert TOO_DEEP not in [error.message for error in read_texts({"a.yaml": text}).reports[0].errors]


def test_a_bomb_of_aliases_is_refused():
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9))
    (error,) = read_texts({"a.yaml": f"l0: &l0 [x, x]\n{levels}"}).reports[0].errors
    assert "more than 100000 values" in error.message


def test_a_file_that_cannot_be_read_is_an_error_in_its_report(tmp_path):
    (tmp_path / "latin1.yaml").write_bytes(b"name: caf\xe9")
    reading = read_files([tmp_path / "missing.yaml", tmp_path, tmp_path / "latin1.yaml"])
    assert [report.errors[0].message for report in reading.reports] == [
        "cannot be read: No such file or directory",
        "cannot be read: Is a directory",
        "is not UTF-8 text",
    ]


@given(st.text(max_size=80), st.integers(0, len(VALID)))
def test_no_text_makes_the_reader_fail(noise, place):
    read_texts({"a.yaml": VALID[:place] + noise + VALID[place:]})
