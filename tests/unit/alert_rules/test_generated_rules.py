"""Prometheus rules and Alertmanager's configuration, as files that are compared."""

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from alert_rules import Webhooks, build, load_shipped_objectives, render_rules
from alert_rules.prometheus import build_groups
from alert_rules.prometheus_names import render_family
from alert_rules.promql import PromQl, render_number
from alert_rules.shipped import render_files
from exporters.prometheus_endpoint import render_prometheus_name
from model import names
from model.clock import MINUTE_NS
from model.errors import DirectoryNotWritableError, InvalidInputError
from model.queries import MetricQuery, Reducer
from model.registry import load_registry
from model.yaml_text import parse_yaml
from slo import BudgetingMethod, Objective, RatioIndicator, ThresholdIndicator
from tests.golden import assert_generated

GOLDEN = Path(__file__).parent / "golden"
REGISTRY = load_registry()
SHIPPED = {objective.name: objective for objective in load_shipped_objectives()}
FILES = render_files(
    list(SHIPPED.values()), webhooks=Webhooks(), registry=REGISTRY, base_url="https://herald.example.org"
)


def expressions(objective: Objective) -> dict[str, str]:
    """The recording rules of an objective by name."""
    recordings, _ = build_groups(objective, REGISTRY)
    return {rule["record"]: rule["expr"] for rule in recordings["rules"]}


@pytest.mark.parametrize("name", [name for name in FILES if "/tests/" not in name])
def test_generated_files_are_what_they_were(name):
    assert_generated(GOLDEN / name, FILES[name])


def test_each_tier_is_an_alert_of_its_own():
    _, alerts = build_groups(SHIPPED["memory-read-success"], REGISTRY)
    assert [(r["labels"]["burn_tier"], r["labels"]["severity"]) for r in alerts["rules"]] == [
        ("1h-5m", "page"),
        ("6h-30m", "page"),
        ("1d-2h", "ticket"),
        ("3d-6h", "ticket"),
        ("half-of-rest", "page"),
    ]


def test_rules_on_the_same_objectives_carry_no_float_noise():
    assert not re.search(r"\d\.\d*(0000000\d|9999999\d)", FILES["prometheus/link-fidelity.yml"])


def test_bad_events_are_divided_by_all_events():
    indicator = SHIPPED["memory-read-success"].indicator
    assert isinstance(indicator, RatioIndicator)
    turned = RatioIndicator(bad=indicator.good, total=indicator.total)
    objective = replace(SHIPPED["memory-read-success"], indicator=turned)
    assert not expressions(objective)["slo:sli_error:ratio_rate5m"].startswith("1 -")


def test_long_slices_average_their_minutes():
    objective = replace(
        SHIPPED["link-fidelity"],
        method=BudgetingMethod.TIMESLICES,
        slice_ns=5 * MINUTE_NS,
        slice_target=SHIPPED["link-fidelity"].target,
    )
    assert expressions(objective)["slo:sli_good:slice"] == (
        'avg_over_time(slo:sli_good:minute{slo="link-fidelity"}[5m]) >= bool 0.99'
    )


def test_ratio_slices_average_the_good_share_of_each_slice():
    objective = replace(
        SHIPPED["memory-read-success"], method=BudgetingMethod.RATIO_TIMESLICES, slice_ns=5 * MINUTE_NS
    )
    rules = expressions(objective)
    assert rules["slo:sli_good:minute"] == f"1 - ({PromQl(objective, REGISTRY).error_ratio('5m')})"
    assert rules["slo:sli_error:ratio_rate1h"] == (
        '1 - avg_over_time(slo:sli_good:minute{slo="memory-read-success"}[1h])'
    )


def test_a_gauge_is_averaged_over_the_minute():
    value = MetricQuery(metric=names.METRIC_MEMORY_QUEUE_DEPTH, reducer=Reducer.MEAN)
    indicator = SHIPPED["memory-retrieval-fidelity"].indicator
    assert isinstance(indicator, ThresholdIndicator)
    objective = replace(SHIPPED["memory-retrieval-fidelity"], indicator=replace(indicator, value=value), group_by=())
    assert expressions(objective)["slo:sli_good:minute"] == (
        "avg by () (avg_over_time(quantum_memory_queue_depth[1m])) >= bool 0.95"
    )


def test_what_prometheus_does_not_keep_is_refused():
    value = MetricQuery(metric=names.METRIC_MEMORY_FIDELITY, reducer=Reducer.MIN)
    indicator = SHIPPED["memory-retrieval-fidelity"].indicator
    assert isinstance(indicator, ThresholdIndicator)
    objective = replace(SHIPPED["memory-retrieval-fidelity"], indicator=replace(indicator, value=value))
    with pytest.raises(
        InvalidInputError, match=r"Prometheus keeps no min of the histogram quantum\.memory\.fidelity"
    ):
        render_rules([objective], REGISTRY)


@pytest.mark.parametrize("metric", REGISTRY.metrics.values(), ids=lambda m: m.name)
def test_rules_and_endpoint_give_a_metric_the_same_name(metric):
    assert render_family(metric) == render_prometheus_name(metric.name, metric.unit, metric.instrument)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(84, 625), "0.1344"),
        (Fraction(60), "60"),
        (Fraction(1, 1000), "0.001"),
        (Fraction(7, 750), "0.009333333333333334"),
    ],
)
def test_numbers_are_exact_where_decimals_can_be(number, text):
    assert render_number(number) == text


def test_building_writes_what_is_rendered(tmp_path):
    objectives = [SHIPPED["link-fidelity"], SHIPPED["memory-coherence"]]
    written = build(tmp_path / "new", objectives=objectives, webhooks=Webhooks(page_url="http://pager/x"))
    assert [path.relative_to(tmp_path / "new").as_posix() for path in written] == [
        "prometheus/link-fidelity.yml",
        "prometheus/memory-coherence.yml",
        *(f"prometheus/tests/link-fidelity-{tier}.yml" for tier in ("1h-5m", "6h-30m", "1d-2h", "3d-6h", "2x-1d")),
        *(f"prometheus/tests/memory-coherence-{tier}.yml" for tier in ("1d-2h", "3d-6h")),
        "alertmanager.yml",
    ]
    config = parse_yaml(written[-1].read_text())
    assert "http://pager/x" in json.dumps(config)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DirectoryNotWritableError, match=r"cannot write .*file/prometheus"):
        build(tmp_path / "file")


def test_sloths_labels_stand_beside_ours_and_never_on_the_same_series():
    groups = build_groups(SHIPPED["memory-read-success"], REGISTRY, sloth=True)
    sloths = groups[2]["rules"]
    assert {"slo", "service"}.isdisjoint(name for rule in sloths for name in rule["labels"])
    assert sloths[0]["record"] == "slo:sli_error:ratio_rate5m"
    assert sloths[0]["labels"] == {
        "sloth_id": "quantum-memory-memory-read-success",
        "sloth_service": "quantum-memory",
        "sloth_slo": "memory-read-success",
        "sloth_window": "5m",
    }
    assert {rule["labels"]["sloth_severity"] for rule in groups[1]["rules"]} == {"page", "ticket"}


def test_without_being_asked_nothing_is_called_sloth():
    assert not any("sloth" in text for text in FILES.values())
