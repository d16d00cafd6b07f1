"""The unit tests that `herald rules build` writes beside the rules pass under Debian's promtool, and can fail.

There is one for each objective and tier, and running all takes minutes, so that `make test` runs a sample: the
smallest that a greedy choice finds in which every trait of an objective and tier is tested at least once, the rule
and method, the windows, the slice, how its metric is queried, and how good, bad and total are told. What brings a new
trait joins the sample by itself. `HERALD_PROMTOOL_TESTS=all` runs all.
"""

import os
from collections.abc import Hashable, Mapping

import pytest

from alert_rules import Webhooks, load_shipped_objectives
from alert_rules.promtool import is_testable
from alert_rules.shipped import render_files
from model.registry import load_registry
from slo import Objective, RatioIndicator, ThresholdIndicator, Tier
from tests.services.debian_root import DebianRoot

Traits = set[Hashable]
SHIPPED = load_shipped_objectives()
REGISTRY = load_registry()
FILES = render_files(SHIPPED, webhooks=Webhooks(), registry=REGISTRY, base_url="https://herald.example.org")
TESTED = {
    f"{objective.name}-{tier.name}": (objective, tier)
    for objective in SHIPPED
    for tier in objective.tiers
    if is_testable(objective, tier)
}


def traits(objective: Objective, tier: Tier) -> Traits:
    """Return what makes the rules of a tier and the series of its test look as they do."""
    return {
        ("rule", tier.rule, objective.method),
        ("windows", tier.long_ns, tier.short_ns),
        ("slice", objective.slice_ns),
        *indicator_traits(objective),
    }


def indicator_traits(objective: Objective) -> Traits:
    indicator = objective.indicator
    if isinstance(indicator, RatioIndicator):
        judged = indicator.good or indicator.bad or indicator.total
        told = "bad" if indicator.bad else "of another metric" if judged.metric != indicator.total.metric else "good"
    else:
        assert isinstance(indicator, ThresholdIndicator)
        judged = indicator.value
        told = "divided" if indicator.divisor else "zero while" if indicator.zero_while else "value"
    bound = "at most" if judged.at_most is not None else "above" if judged.above is not None else "all"
    return {("told", told), ("query", REGISTRY.metrics[judged.metric].instrument, judged.reducer, bound)}


def sample(known: Mapping[str, Traits]) -> list[str]:
    """Return names that together show every trait: again and again the one that shows most that is still unseen."""
    unseen: Traits = set().union(*known.values())
    chosen = []
    while unseen:
        name = max(known, key=lambda name: (len(known[name] & unseen), name))
        chosen.append(name)
        unseen -= known[name]
    return chosen


SAMPLE = sample({name: traits(*tested) for name, tested in TESTED.items()})
RUN = list(TESTED) if os.environ.get("HERALD_PROMTOOL_TESTS") == "all" else SAMPLE


def run_test(root: DebianRoot, name: str, **changes: str) -> tuple[int, str]:
    """Return the exit code of one test and what was said; `changes` replaces files."""
    test = f"prometheus/tests/{name}.yml"
    files = {path: FILES[path] for path in (rules_of(name), test)} | changes
    done = root.run(["promtool", "test", "rules", test], files=files)
    return done.returncode, done.stdout + done.stderr


def rules_of(name: str) -> str:
    return f"prometheus/{TESTED[name][0].name}.yml"


def test_there_is_a_test_for_everything_that_promtool_can_hold():
    assert {name for name in FILES if "/tests/" in name} == {f"prometheus/tests/{name}.yml" for name in TESTED}


@pytest.mark.parametrize("name", RUN)
def test_a_generated_test_passes(debian_tools: DebianRoot, name: str):
    returncode, said = run_test(debian_tools, name)
    assert returncode == 0, said


def test_a_rule_of_another_factor_fails_the_generated_test(debian_tools: DebianRoot):
    name = "link-entanglement-success-1h-5m"
    rules = FILES[rules_of(name)]
    assert 'ratio_rate1h{slo="link-entanglement-success"} > 0.8' in rules
    returncode, said = run_test(debian_tools, name, **{rules_of(name): rules.replace("> 0.8", "> 0.81")})
    assert returncode == 1, said
