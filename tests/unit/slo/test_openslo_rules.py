"""By which rules an OpenSLO file says that it alerts."""

from fractions import Fraction

import pytest

from slo import Objective, Rule
from slo.openslo import read_texts
from tests.unit.slo.openslo_texts import POLICY, VALID, WITH_POLICY

ON_SLO = "  annotations:\n"
ON_CONDITION = "metadata: {name: fast-burn"


def read(*texts: str) -> tuple[list[Objective], list[str]]:
    reading = read_texts(dict(zip(("slo.yaml", "policy.yaml"), texts, strict=False)))
    return list(reading.objectives), [error.message for report in reading.reports for error in report.errors]


def choosing(rules: str) -> str:
    return VALID.replace(ON_SLO, f"{ON_SLO}    herald.dev/alert-rules: {rules}\n", 1)


def test_an_objective_of_a_domain_gets_the_domains_rule_as_well():
    ((objective,), _) = read(VALID.replace(ON_SLO, f"{ON_SLO}    herald.dev/catalogue: memory.M2\n", 1))
    assert [tier.name for tier in objective.tiers] == ["1h-5m", "6h-30m", "1d-2h", "3d-6h", "half-of-rest"]


@pytest.mark.parametrize(
    ("rules", "names"),
    [
        ("default", ["1h-5m", "6h-30m", "1d-2h", "3d-6h"]),
        ("default, scaleup", ["1h-5m", "6h-30m", "1d-2h", "3d-6h", "5x-6h"]),
        ("network", ["2x-baseline"]),
    ],
)
def test_an_annotation_chooses_other_rules(rules, names):
    ((objective,), errors) = read(choosing(rules))
    assert ([tier.name for tier in objective.tiers], errors) == (names, [])


def test_rare_operations_are_judged_by_counts():
    ((objective,), _) = read(choosing("count"))
    assert {tier.rule for tier in objective.tiers} == {Rule.COUNT}


def test_rules_that_nobody_knows_are_an_error():
    _, (error,) = read(choosing("defualt"))
    assert error == "unknown alert rules 'defualt'; did you mean default?"


def annotated(annotations: str, *, threshold: str) -> str:
    text = POLICY.replace("threshold: 14.4", f"threshold: {threshold}")
    return text.replace(ON_CONDITION, f"{ON_CONDITION}, annotations: {{{annotations}}}", 1)


def test_a_condition_may_have_a_rule_and_an_action_of_its_own():
    policy = annotated("herald.dev/rule: remaining, herald.dev/action: pause", threshold="0.5")
    ((objective,), errors) = read(WITH_POLICY, policy)
    (tier,) = objective.tiers
    assert (tier.rule, tier.action, tier.budget_share, errors) == (Rule.REMAINING, "pause", Fraction(1, 2), [])


def test_more_than_all_that_remains_is_an_error():
    _, errors = read(WITH_POLICY, annotated("herald.dev/rule: remaining", threshold="2"))
    assert "2 is no share of what remains; it must be less than 1" in errors
