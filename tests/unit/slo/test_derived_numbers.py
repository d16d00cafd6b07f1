"""Numbers per unit of another metric, and sizes of numbers that may be negative."""

from dataclasses import replace
from decimal import Decimal

import pytest

from model import names
from model.queries import MetricQuery, Reducer
from slo import Comparison, SliMinute, ThresholdIndicator, compute_minutes
from slo.openslo import read_texts
from tests.unit.slo.openslo_texts import THRESHOLD, VALID
from tests.unit.slo.telemetry import DELFT, READ_SUCCESS, ListedSource, first_minutes, minute

USAGE = MetricQuery(metric=names.METRIC_MEMORY_SLOT_USAGE, reducer=Reducer.MAX)
LIMIT = MetricQuery(metric=names.METRIC_MEMORY_SLOT_LIMIT, reducer=Reducer.MAX)
PER_SLOT = ThresholdIndicator(value=USAGE, comparison=Comparison.LTE, bound=Decimal("0.8"), divisor=LIMIT)
DRIFT = ThresholdIndicator(value=USAGE, comparison=Comparison.LTE, bound=Decimal(2), absolute=True)
SPEC = "spec: {metric: quantum.link.fidelity, reducer: mean}"
PATH = "spec.thresholdMetric.metricSource.spec"


def judge(indicator: ThresholdIndicator, source: ListedSource) -> list[SliMinute]:
    return compute_minutes(replace(READ_SUCCESS, indicator=indicator), source, first_minutes(10))


def test_a_number_is_divided_by_that_of_the_same_minute():
    source = ListedSource()
    for number, (used, limit) in enumerate([(3, 4), (4, 4), (4, 5)]):
        source.add(USAGE, number, used).add(LIMIT, number, limit)
    assert [m.good for m in judge(PER_SLOT, source)] == [1, 0, 1]


def test_a_minute_without_a_divisor_above_zero_is_not_judged():
    source = ListedSource().add(USAGE, 0, 3).add(USAGE, 1, 3).add(LIMIT, 1, 0).add(USAGE, 2, 3).add(LIMIT, 2, 4)
    assert judge(PER_SLOT, source) == [SliMinute(DELFT, minute(2), 1, 1)]


def test_a_drift_is_judged_by_its_size():
    source = ListedSource().add(USAGE, 0, -3).add(USAGE, 1, 3).add(USAGE, 2, -1)
    assert [m.good for m in judge(DRIFT, source)] == [0, 0, 1]


def test_a_file_says_both():
    told = "spec: {metric: quantum.memory.slot.usage, absolute: true, dividedBy: {metric: quantum.memory.slot.limit}}"
    (objective,) = read_texts({"f.yaml": THRESHOLD.replace(SPEC, told)}).objectives
    assert isinstance(objective.indicator, ThresholdIndicator)
    assert objective.indicator.absolute
    assert objective.indicator.divisor == replace(LIMIT, reducer=Reducer.MEAN)


@pytest.mark.parametrize(
    ("text", "told", "path", "message"),
    [
        (
            THRESHOLD,
            "spec: {metric: quantum.link.fidelity, dividedBy: {metric: quantum.link.atempts}}",
            f"{PATH}.dividedBy.metric",
            "unknown metric 'quantum.link.atempts'",
        ),
        (
            THRESHOLD,
            "spec: {metric: quantum.link.fidelity, dividedBy: {metric: quantum.link.attempts, above: 1}}",
            f"{PATH}.dividedBy.above",
            "is not a key of a divisor",
        ),
        (
            VALID,
            "spec: {metric: quantum.memory.reads, absolute: true}",
            "spec.indicator.spec.ratioMetric.total.metricSource.spec.absolute",
            "has a meaning for threshold metrics only",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(text, told, path, message):
    changed = text.replace(SPEC, told).replace("spec: {metric: quantum.memory.reads}", told)
    (report,) = read_texts({"f.yaml": changed}).reports
    assert any(e.path == path and message in e.message for e in report.errors), report.errors
