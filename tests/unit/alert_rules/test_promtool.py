"""The generated tests of the rules: the stories they tell, and the series that tell them."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from alert_rules import load_shipped_objectives
from alert_rules.prediction import fires_after_ns, outage_needed_ns
from alert_rules.promtool import harmless, is_testable, outage, render_test
from alert_rules.synthetic import Phase, render_series
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from model.registry import load_registry
from model.yaml_text import parse_yaml
from slo import Objective, Rule
from tests.golden import assert_generated

GOLDEN = Path(__file__).parent / "golden" / "prometheus" / "tests"
SHIPPED = {objective.name: objective for objective in load_shipped_objectives()}
READS = replace(SHIPPED["memory-read-success"], target=Decimal("0.99"), window_ns=28 * DAY_NS)
OF_ONE = {"link-allocation-latency", "network-critical-link", "memory-time-to-recover", "community-time-to-repair"}
"""They ask for a link or a domain by its name, so that no two made-up ones can stand side by side."""

STORY = [Phase(10, Fraction(0)), Phase(5, Fraction(1, 4))]


def series(objective: Objective, *story: Phase, every: int = 1) -> dict[str, str]:
    written = render_series(objective, load_registry(), story or STORY, every=every)
    return {each["series"]: each["values"] for each in written}


def test_half_of_one_percent_of_28_days_is_three_hours_and_a_bit():
    half = next(tier for tier in READS.tiers if tier.rule is Rule.REMAINING)
    assert outage_needed_ns(READS, half) == Fraction(336, 100) * HOUR_NS


@pytest.mark.parametrize(
    ("share", "minutes"),
    [("1", 9), ("0.5", 17), ("0.1345", 60), ("0.1344", None), ("0.1", None)],  # the limit is 13.44 % of an hour
)
def test_an_outage_fires_in_the_first_minute_that_is_over_the_limit(share, minutes):
    fired_ns = fires_after_ns(READS, READS.tiers[0], Fraction(share))
    assert fired_ns == (None if minutes is None else minutes * MINUTE_NS)


def test_slices_fire_when_a_whole_slice_is_over():
    drift = SHIPPED["memory-drift"]  # slices of an hour; 2.8 times 5 % of a day are 3 h 21 min 36 s
    assert fires_after_ns(drift, drift.tiers[0], Fraction(1)) == 4 * HOUR_NS


def test_good_and_bad_events_of_a_counter_are_two_series():
    of_device = 'quantum_memory_reads_total{quantum_device_id="made-up", quantum_outcome='
    assert series(READS) == {
        f'{of_device}"success"}}': "0+1000x10 10750+750x4",
        f'{of_device}"none-of-these"}}': "0+0x10 250+250x4",
    }


def test_events_on_one_side_of_a_bound_are_buckets():
    found = series(SHIPPED["memory-hold-latency"])
    assert [name.partition("{")[0].rpartition("_")[2] for name in found] == ["bucket", "count", "sum"]
    assert list(found.values()) == ["0+1000x10 10750+750x4", "0+1000x10 11000+1000x4", "0+1000x10 11000+1000x4"]


def test_a_gauge_lies_well_on_one_side_of_its_bound():
    found = series(SHIPPED["memory-coherence"], Phase(3, Fraction(0)), Phase(2, Fraction(1)))
    assert list(found.values()) == ["0.06+0x3 0.025+0x1"]  # at least 0.05 is good


def test_samples_may_be_further_apart():
    values = series(READS, Phase(10, Fraction(0)), Phase(10, Fraction(1)), every=5).values()
    assert sorted(values) == ["0+0x2 5000+5000x1", "0+5000x2 10000+0x1"]


def all_tiers() -> list[object]:
    return [pytest.param(o, tier, id=f"{o.name}-{tier.name}") for o in SHIPPED.values() for tier in o.tiers]


@pytest.mark.parametrize(("objective", "tier"), all_tiers())
def test_every_shipped_tier_has_a_test_that_fires_and_one_that_does_not(objective, tier):
    told = parse_yaml(render_test(objective, tier, load_registry(), rule_file="rules.yml"))
    assert is_testable(objective, tier)
    checks = [len(test["promql_expr_test"]) for test in told["tests"]]
    assert checks == ([2, 1] if objective.name in OF_ONE else [3])


def test_a_story_that_fires_lasts_until_it_has():
    told = outage(READS, READS.tiers[0])
    assert told is not None
    assert told.fires_after_ns is not None
    assert told.begins_ns + told.fires_after_ns < told.ends_ns


def test_nine_tenths_of_what_it_takes_do_not_fire():
    assert harmless(READS, READS.tiers[0]).story == (Phase(60, Fraction(0)), Phase(60, Fraction(120, 1000)))


def test_what_promtool_could_not_load_has_no_test():
    assert not is_testable(READS, replace(READS.tiers[0], rule=Rule.COUNT))


def test_a_generated_test_is_what_it_was():
    objective = SHIPPED["link-entanglement-success"]
    text = render_test(objective, objective.tiers[0], load_registry(), rule_file=f"../{objective.name}.yml")
    assert_generated(GOLDEN / "link-entanglement-success-1h-5m.yml", text)
