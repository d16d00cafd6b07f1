"""Good OpenSLO files, and what they mean."""

from decimal import Decimal
from fractions import Fraction

import pytest

from model import names
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from model.queries import MetricQuery, Reducer
from slo import (
    DEFAULT_TIERS,
    BudgetingMethod,
    Comparison,
    Objective,
    RatioIndicator,
    Silence,
    ThresholdIndicator,
    Tier,
)
from slo.openslo import InvalidOpenSloError, load_objectives, read_files, read_texts
from tests.unit.slo.openslo_texts import LATENCY, POLICY, THRESHOLD, VALID, WITH_POLICY


def only(*texts: str) -> Objective:
    reading = read_texts({f"{n}.yaml": text for n, text in enumerate(texts)})
    assert [report.errors for report in reading.reports] == [[]] * len(texts)
    (objective,) = reading.objectives
    return objective


def lint_codes(text: str) -> list[str]:
    reading = read_texts({"a.yaml": text})
    return [lint.code for lint in reading.reports[0].lints]


def test_a_ratio_asks_for_good_and_total_events_of_each_group():
    assert only(VALID).indicator == RatioIndicator(
        good=MetricQuery(
            metric=names.METRIC_MEMORY_READS,
            reducer=Reducer.SUM,
            group_by=(names.ATTR_DEVICE_ID,),
            filters=((names.ATTR_OUTCOME, ("success",)),),
        ),
        total=MetricQuery(metric=names.METRIC_MEMORY_READS, reducer=Reducer.SUM, group_by=(names.ATTR_DEVICE_ID,)),
    )


def test_a_threshold_on_a_bucket_bound_counts_samples():
    indicator = only(LATENCY).indicator
    assert isinstance(indicator, RatioIndicator)
    assert indicator.good is not None
    assert (indicator.good.reducer, indicator.good.at_most) == (Reducer.COUNT, 0.01)


def test_the_target_is_exact():
    assert only(VALID.replace("0.99", "0.9990000000000001")).target == Decimal("0.9990000000000001")


def test_a_percentage_is_the_same_promise():
    assert only(VALID.replace("target: 0.99", "targetPercent: 99.9")).target == Decimal("0.999")


def test_references_are_resolved_across_files_and_documents():
    indicator = only(*THRESHOLD.split("---\n")).indicator
    assert isinstance(indicator, ThresholdIndicator)
    assert (indicator.value.reducer, indicator.comparison, indicator.bound) == (
        Reducer.MEAN,
        Comparison.GTE,
        Decimal("0.9"),
    )


def test_slices_have_a_length_and_a_target():
    objective = only(THRESHOLD)
    assert (objective.method, objective.slice_ns, objective.slice_target, objective.window_ns) == (
        BudgetingMethod.TIMESLICES,
        5 * MINUTE_NS,
        Decimal("0.8"),
        28 * DAY_NS,
    )


def test_without_a_policy_the_default_tiers_watch():
    assert only(VALID).tiers == DEFAULT_TIERS


def test_an_alert_policy_is_a_tier_with_a_short_window_of_a_twelfth():
    (tier,) = only(WITH_POLICY, POLICY).tiers
    share = Fraction("14.4") * Fraction(HOUR_NS, 28 * DAY_NS)
    assert tier == Tier(name="fast", severity="page", long_ns=HOUR_NS, short_ns=5 * MINUTE_NS, budget_share=share)


def test_an_annotation_sets_the_short_window():
    named = "metadata: {name: fast-burn, annotations: {herald.dev/short-window: 10m}}"
    (tier,) = only(WITH_POLICY, POLICY.replace("metadata: {name: fast-burn}", named)).tiers
    assert tier.short_ns == 10 * MINUTE_NS


def test_a_policy_that_alerts_without_data_makes_silence_an_alert():
    policy = POLICY.replace("  spec:\n    conditions", "  spec:\n    alertWhenNoData: true\n    conditions")
    assert only(WITH_POLICY, policy).silence is Silence.ALERT


def test_a_metric_source_may_refer_to_a_data_source():
    referring = VALID.replace("type: herald", "metricSourceRef: telemetry")
    spec = "{type: herald, connectionDetails: {url: postgresql}}"
    source = f"{{apiVersion: openslo/v1, kind: DataSource, metadata: {{name: telemetry}}, spec: {spec}}}"
    assert only(referring, source).indicator == only(VALID).indicator


def test_annotations_say_what_the_specification_has_no_word_for():
    objective = only(
        VALID.replace(
            "    herald.dev/group-by",
            '    herald.dev/catalogue: memory.M2\n    herald.dev/silence: bad\n    herald.dev/min-bad-events: "5"\n'
            "    herald.dev/owner: lab\n    herald.dev/runbook: reads\n    herald.dev/dashboards: one, two\n"
            "    herald.dev/group-by",
        )
    )
    assert (objective.catalogue_id, objective.domain, objective.silence) == ("memory.M2", "memory", Silence.BAD)
    assert (objective.min_bad_events, objective.owner, objective.runbook) == (5, "lab", "reads")
    assert objective.dashboards == ("one", "two")


def test_json_is_read_like_yaml():
    assert (
        only(
            '[{"apiVersion": "openslo/v1", "kind": "SLO", "metadata": {"name": "a"}, "spec": {"service": "s",'
            '"budgetingMethod": "Occurrences", "timeWindow": [{"duration": "7d", "isRolling": true}],'
            '"indicatorRef": "reads", "objectives": [{"target": 0.9}]}}]',
            "{apiVersion: openslo/v1, kind: SLI, metadata: {name: reads}, spec: {ratioMetric: {"
            "good: {metricSource: {type: herald,"
            "spec: {metric: quantum.memory.reads, filter: {quantum.outcome: success}}}},"
            "total: {metricSource: {type: herald, spec: {metric: quantum.memory.reads}}}}}}",
        ).window_ns
        == 7 * DAY_NS
    )


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("28d", "1M", "calendar-unit"),
        ("target: 0.99", "target: 0.9", "infeasible-tier"),
        ("service: quantum-memory", "service: quantum-memory\n  team: us", "unknown-field"),
        ("  budgetingMethod: Occurrences\n", "", "budgeting-method"),
        ("target: 0.99", "target: 0.99\n      timeSliceTarget: 0.9", "unused-slice"),
        ("herald.dev/group-by", "herald.dev/sillence: bad\n    herald.dev/group-by", "unknown-annotation"),
        ("name: read-success\n", f"name: read-success\n  displayName: {'x' * 64}\n", "too-long"),
    ],
)
def test_what_is_probably_not_meant_is_a_lint(old, new, code):
    assert lint_codes(VALID.replace(old, new, 1)) == [code]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("op: gt", "op: lte", "burn-op"),
        ("op: gt", "op: gte", "burn-op"),
        ("severity: page", "severity: loud", "severity"),
        ("alertAfter: 0m", "alertAfter: 5m", "alert-after"),
        ("kind: burnrate, ", "", "condition-kind"),
        ("lookbackWindow: 1h", "lookbackWindow: 30d", "tier-too-long"),
    ],
)
def test_what_is_odd_in_an_alert_condition_is_a_lint(old, new, code):
    reading = read_texts({"policy": POLICY.replace(old, new), "slo": WITH_POLICY})
    assert [lint.code for report in reading.reports for lint in report.lints] == [code]


@pytest.mark.parametrize("name", ["unknown-field", "budgeting-method"])
def test_strict_refuses_what_the_reference_sdk_refuses(name):
    text = {
        "unknown-field": VALID.replace("  service:", "  team: us\n  service:"),
        "budgeting-method": VALID.replace("  budgetingMethod: Occurrences\n", ""),
    }[name]
    assert read_texts({"a.yaml": text}).valid
    assert not read_texts({"a.yaml": text}, strict=True).valid


def test_the_infeasible_tier_is_re_derived():
    objective = only(VALID.replace("target: 0.99", "target: 0.9"))
    assert objective.tiers[0].factor(objective.window_ns) == 8


def test_a_report_is_what_the_command_prints(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(VALID.replace("0.99", "1"))
    assert read_files([path]).reports[0].as_dict() == {
        "file": str(path),
        "valid": False,
        "errors": [
            {
                "path": "spec.objectives[0].target",
                "message": "1 leaves no error budget; it must be less than 1",
                "line": 28,
                "code": "not-evaluated",
            }
        ],
        "lints": [],
    }


def test_loading_names_every_error_of_every_file(tmp_path):
    for name, target in (("a.yaml", "1"), ("b.yaml", "2")):
        (tmp_path / name).write_text(VALID.replace("0.99", target))
    with pytest.raises(
        InvalidOpenSloError, match=r"(?s)a.yaml:28: .*target: 1 leaves.*b.yaml:28: .*target: 2 leaves"
    ):
        load_objectives([tmp_path / "a.yaml", tmp_path / "b.yaml"])
