"""SLOs of several objectives, composites, and ratios that come ready-made."""

from decimal import Decimal

import pytest

from model import names
from slo import Comparison, CompositeIndicator, Excluded, Objective, RatioIndicator, ThresholdIndicator
from slo.openslo import FileReport, read_texts
from tests.unit.slo.openslo_texts import THRESHOLD, VALID

FIDELITY = THRESHOLD.split("---\n")[1].replace("quantum.link.fidelity", "quantum.memory.fidelity")

RATIO = """\
spec:
          ratioMetric:
            good:
              metricSource:
                type: herald
                spec: {metric: quantum.memory.reads, filter: {quantum.outcome: success}}
            total: {metricSource: {type: herald, spec: {metric: quantum.memory.reads}}}"""

COMPOSITE = f"""\
apiVersion: openslo/v1
kind: SLO
metadata: {{name: bank, displayName: Bank}}
spec:
  service: quantum-memory
  budgetingMethod: Timeslices
  timeWindow: [{{duration: 28d, isRolling: true}}]
  objectives:
    - displayName: Reads succeed
      target: 0.99
      timeSliceTarget: 0.9
      timeSliceWindow: 5m
      compositeWeight: 3
      indicator:
        metadata: {{name: reads}}
        {RATIO}
    - displayName: Fidelity
      target: 0.9
      timeSliceTarget: 1
      timeSliceWindow: 5m
      op: gte
      value: 0.8
      indicatorRef: fidelity
---
{FIDELITY}"""

RAW = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: good-share}
spec:
  service: quantum-memory
  budgetingMethod: Timeslices
  timeWindow: [{duration: 28d, isRolling: true}]
  indicator:
    metadata: {name: share}
    spec:
      ratioMetric:
        raw: {metricSource: {type: herald, spec: {metric: quantum.memory.efficiency}}}
        rawType: success
  objectives: [{target: 0.99, timeSliceTarget: 0.95, timeSliceWindow: 1m}]
"""


def objectives(text: str) -> tuple[Objective, ...]:
    reading = read_texts({"a.yaml": text})
    assert reading.reports[0].errors == []
    return reading.objectives


def report(text: str) -> FileReport:
    return read_texts({"a.yaml": text}).reports[0]


def with_objectives(*items: str) -> str:
    return VALID.replace("    - target: 0.99\n", "".join(f"    - {item}\n" for item in items))


def test_each_of_several_objectives_is_one_of_its_own():
    strict, loose = objectives(
        with_objectives("{displayName: Gold plan, target: 0.999}", "{displayName: Silver, target: 0.9}")
    )
    assert (strict.name, strict.target) == ("read-success-gold-plan", Decimal("0.999"))
    assert (loose.name, loose.target) == ("read-success-silver", Decimal("0.9"))
    assert strict.indicator == loose.indicator
    assert strict.display_name == "read-success: Gold plan"


@pytest.mark.parametrize(
    ("first", "second"),
    [("Gold", "gold!"), ("Gold", ""), ("", ""), ("!?", "Gold"), ("x" * 60, "Gold")],
)
def test_objectives_whose_names_do_not_tell_them_apart_are_numbered(first, second):
    items = (f"{{displayName: '{name}', target: 0.9}}" for name in (first, second))
    assert [o.name for o in objectives(with_objectives(*items))] == ["read-success-1", "read-success-2"]


def test_an_objective_may_not_take_the_name_of_another_slo():
    text = with_objectives("{displayName: a, target: 0.9}", "{displayName: b, target: 0.8}")
    other = VALID.replace("  name: read-success\n", "  name: read-success-a\n")
    errors = read_texts({"a.yaml": text, "b.yaml": other}).reports[1].errors
    assert [error.code for error in errors] == ["duplicate-name"]


def test_thresholds_may_differ_between_objectives():
    text = THRESHOLD.replace(
        "    - {op: gte,",
        "    - {op: gte, value: 0.5, target: 0.999, timeSliceWindow: 5m, timeSliceTarget: 1}\n    - {op: gte,",
    )
    bounds = [o.indicator.bound for o in objectives(text) if isinstance(o.indicator, ThresholdIndicator)]
    assert bounds == [Decimal("0.5"), Decimal("0.9")]


def test_objectives_with_indicators_are_one_composite():
    (objective,) = objectives(COMPOSITE)
    assert isinstance(objective.indicator, CompositeIndicator)
    reads, fidelity = objective.indicator.components
    assert (objective.name, objective.display_name) == ("bank", "Bank")
    assert (reads.name, reads.target, reads.weight, reads.slice_target) == (
        "reads-succeed",
        Decimal("0.99"),
        Decimal(3),
        Decimal("0.9"),
    )
    assert (fidelity.name, fidelity.target, fidelity.weight) == ("fidelity", Decimal("0.9"), Decimal(1))
    assert isinstance(reads.indicator, RatioIndicator)
    assert isinstance(fidelity.indicator, ThresholdIndicator)
    assert fidelity.indicator.comparison is Comparison.GTE


def test_a_composite_promises_the_mean_by_weight():
    (objective,) = objectives(COMPOSITE)
    assert objective.target == Decimal("0.9675")  # (3 * 0.99 + 0.9) / 4


def test_groups_belong_to_every_part_of_a_composite():
    annotated = "metadata: {name: bank, annotations: {herald.dev/group-by: quantum.device.id}}"
    (objective,) = objectives(COMPOSITE.replace("metadata: {name: bank, displayName: Bank}", annotated))
    assert isinstance(objective.indicator, CompositeIndicator)
    reads, fidelity = (part.indicator for part in objective.indicator.components)
    assert isinstance(reads, RatioIndicator)
    assert isinstance(fidelity, ThresholdIndicator)
    assert reads.total.group_by == fidelity.value.group_by == (names.ATTR_DEVICE_ID,)


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ("      indicatorRef: fidelity\n", "", "spec.objectives[1]", "needs one of indicator, indicatorRef"),
        ("      op: gte\n", "", "spec.objectives[1].op", "is missing"),
        ("compositeWeight: 3", "compositeWeight: 0", "spec.objectives[0].compositeWeight", "greater than 0"),
        (
            "timeSliceWindow: 5m\n      op",
            "timeSliceWindow: 1m\n      op",
            "spec.objectives[1].timeSliceWindow",
            "share one",
        ),
        ("  objectives:", "  indicatorRef: fidelity\n  objectives:", "spec", "not in both"),
    ],
)
def test_a_composite_that_cannot_be_evaluated_is_refused(old, new, path, message):
    (error,) = report(COMPOSITE.replace(old, new, 1)).errors
    assert error.path == path
    assert message in error.message


def test_a_weight_outside_a_composite_is_a_lint():
    assert [x.code for x in report(with_objectives("{target: 0.99, compositeWeight: 2}")).lints] == ["unused-weight"]


@pytest.mark.parametrize(
    ("raw_type", "comparison", "bound"),
    [("success", Comparison.GTE, Decimal("0.95")), ("failure", Comparison.LTE, Decimal("0.05"))],
)
def test_a_ready_made_ratio_is_judged_minute_by_minute(raw_type, comparison, bound):
    text = RAW.replace("rawType: success", f"rawType: {raw_type}")
    (objective,) = objectives(text)
    assert isinstance(objective.indicator, ThresholdIndicator)
    assert (objective.indicator.comparison, objective.indicator.bound) == (comparison, bound)
    assert objective.slice_target == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("timeSliceWindow: 1m", "timeSliceWindow: 5m", "has no events to count"),
        ("Timeslices", "RatioTimeslices", "has no events to count"),
        ("Timeslices", "Occurrences", "has no events to count"),
        ("quantum.memory.efficiency", names.METRIC_MEMORY_READS, "is no ratio but a counter"),
    ],
)
def test_a_ready_made_ratio_without_counts_is_refused_where_counts_are_needed(old, new, message):
    assert [message in error.message for error in report(RAW.replace(old, new, 1)).errors] == [True]


def test_exclusions_are_named_by_kind():
    text = VALID.replace(
        "    herald.dev/group-by",
        "    herald.dev/exclude: calibration, maintenance\n    herald.dev/excluded: good\n    herald.dev/group-by",
    )
    (objective,) = objectives(text)
    assert (objective.exclude, objective.excluded) == (("calibration", "maintenance"), Excluded.GOOD)


def test_an_slo_excludes_nothing_by_itself():
    (objective,) = objectives(VALID)
    assert (objective.exclude, objective.excluded) == ((), Excluded.DROPPED)
