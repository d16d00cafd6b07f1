"""The generated rules under Debian's promtool: accepted, and of one mind with the engine."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import yaml

from alert_rules import Webhooks, load_shipped_objectives, render_rules, replay
from alert_rules.promtool import Outage, harmless, outage, render_test
from alert_rules.shipped import render_files
from alert_rules.synthetic import EVENTS, Phase, render_series
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from model.registry import load_registry
from model.windows import Window
from slo import BudgetingMethod, Ledger, Objective, Rule, Tier
from tests.services.debian_root import DebianRoot

SHIPPED = {objective.name: objective for objective in load_shipped_objectives()}
FILES = {
    name: text
    for name, text in render_files(
        load_shipped_objectives(),
        webhooks=Webhooks(),
        registry=load_registry(),
        base_url="https://herald.example.org",
    ).items()
    if name.startswith("prometheus/") and "/tests/" not in name
}
LINK = 'quantum_link_id="link-a", quantum_site_id="delft"'
PAGES = 'slo="link-entanglement-success", alertstate="firing", severity="page"'

UNIT_TEST = {
    "rule_files": ["prometheus/link-entanglement-success.yml"],
    "evaluation_interval": "1m",
    "tests": [
        {
            "interval": "1m",
            "input_series": [
                # 100 requests a minute: all good for three hours, then none
                {
                    "series": f'quantum_link_requests_total{{{LINK}, quantum_outcome="success"}}',
                    "values": "0+100x180 18000x60",
                },
                {
                    "series": f'quantum_link_requests_total{{{LINK}, quantum_outcome="timeout"}}',
                    "values": "0x180 100+100x60",
                },
            ],
            "promql_expr_test": [
                {
                    "expr": 'slo:sli_error:ratio_rate5m{slo="link-entanglement-success"}',
                    "eval_time": "3h",
                    "exp_samples": [
                        {
                            "labels": "slo:sli_error:ratio_rate5m"
                            '{link="link-a", slo="link-entanglement-success", service="quantum-link"}',
                            "value": 0,
                        }
                    ],
                },
                {
                    # after 55 minutes 92 % of the past hour is bad (limit 80 %), but 23 % of 6 h (limit 56 %)
                    "expr": f"count by (burn_tier, link) (ALERTS{{{PAGES}}})",
                    "eval_time": "3h55m",
                    "exp_samples": [{"labels": '{burn_tier="1h-5m", link="link-a"}', "value": 1}],
                },
            ],
        }
    ],
}


def test_promtool_accepts_the_rules(debian_tools: DebianRoot):
    done = debian_tools.run(["promtool", "check", "rules", *FILES], files=FILES)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_dead_link_pages_by_the_generated_rules(debian_tools: DebianRoot):
    rules = "prometheus/link-entanglement-success.yml"
    files = {rules: FILES[rules], "test.yml": yaml.safe_dump(UNIT_TEST)}
    done = debian_tools.run(["promtool", "test", "rules", "test.yml"], files=files)
    assert done.returncode == 0, done.stdout + done.stderr


SHORT = replace(SHIPPED["memory-read-success"], window_ns=DAY_NS)
"""With a period for which promtool can hold the past of every rule."""

HOURLY = Tier(name="hourly", severity="page", long_ns=HOUR_NS, short_ns=5 * MINUTE_NS, budget_share=Fraction(1))
ROADS = [
    (SHIPPED["memory-read-success"], SHIPPED["memory-read-success"].tiers[0], ["0.15", "0.3", "0.7", "1"]),
    (SHIPPED["memory-read-success"], SHIPPED["memory-read-success"].tiers[2], ["0.04", "0.2", "1"]),
    (SHORT, replace(HOURLY, rule=Rule.COUNT), ["0.3", "1"]),
    (SHORT, replace(HOURLY, rule=Rule.REMAINING, budget_share=Fraction(1, 2)), ["0.2"]),
    (SHIPPED["network-request-success"], SHIPPED["network-request-success"].tiers[-1], ["0.3"]),
    (SHIPPED["link-fidelity"], SHIPPED["link-fidelity"].tiers[0], ["1"]),
    (SHIPPED["memory-coherence"], SHIPPED["memory-coherence"].tiers[0], ["1"]),
]


@pytest.mark.parametrize(("objective", "tier", "shares"), ROADS, ids=lambda each: getattr(each, "name", ""))
def test_the_engine_and_prometheus_fire_at_the_same_moment(
    debian_tools: DebianRoot, objective: Objective, tier: Tier, shares: list[str]
):
    """Whatever an outage the formula is asked about, both roads say what it says: within an evaluation."""
    objective = replace(objective, tiers=(tier,))
    found = [outage(objective, tier, Fraction(share)) for share in shares]
    outages = [*(each for each in found if each is not None), harmless(objective, tier)]
    assert len(outages) == len(shares) + 1
    assert [judged_by_engine(objective, each) for each in outages] == [each.fires_after_ns for each in outages]

    test = render_test(objective, tier, load_registry(), rule_file="rules.yml", outages=outages)
    files = {"rules.yml": render_rules([objective], load_registry()), "test.yml": test}
    done = debian_tools.run(["promtool", "test", "rules", "test.yml"], files=files)
    assert done.returncode == 0, done.stdout + done.stderr


def judged_by_engine(objective: Objective, told: Outage) -> int | None:
    """Return how long after the outage began Herald's own engine fires; None if it does not."""
    bad = np.concatenate([np.full(phase.minutes, int(phase.bad_share * EVENTS)) for phase in told.story])
    total = np.full(bad.size, EVENTS)
    if objective.method is not BudgetingMethod.OCCURRENCES:
        last = np.arange(bad.size) % (objective.slice_ns // MINUTE_NS) == objective.slice_ns // MINUTE_NS - 1
        bad, total = np.where(last, bad // EVENTS, 0), last.astype(np.int64)
    start_ns = 20_000 * DAY_NS
    ledger = Ledger(objective.lookback_ns + told.ends_ns)
    told_minutes = np.flatnonzero(total)
    ledger.put_arrays(start_ns + told_minutes * MINUTE_NS, (total - bad)[told_minutes], total[told_minutes])
    fired = replay(objective, ledger, Window(start_ns=start_ns, end_ns=start_ns + told.ends_ns))
    return fired[0].fired_ns - start_ns - told.begins_ns if fired else None


def test_dashboards_for_sloth_find_the_burn_rate(debian_tools: DebianRoot):
    """A quarter of all reads fails: a budget of 1 % burns 25 times as fast as planned, whatever the labels."""
    objective = SHIPPED["memory-read-success"]
    story = [Phase(10, Fraction(0)), Phase(10, Fraction(1, 4))]
    burn = 'slo:current_burn_rate:ratio{sloth_slo="memory-read-success", device="made-up"}'
    test = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "group_eval_order": [f"slo-{part}-{objective.name}" for part in ("recordings", "alerts", "sloth")],
        "tests": [
            {
                "interval": "1m",
                "input_series": render_series(objective, load_registry(), story),
                "promql_expr_test": [
                    {
                        "expr": f"round(max by () ({burn}), 0.001)",
                        "eval_time": "20m",
                        "exp_samples": [{"labels": "{}", "value": 25}],
                    }
                ],
            }
        ],
    }
    files = {"rules.yml": render_rules([objective], load_registry(), sloth=True), "test.yml": yaml.safe_dump(test)}
    done = debian_tools.run(["promtool", "test", "rules", "test.yml"], files=files)
    assert done.returncode == 0, done.stdout + done.stderr
