"""The generated rules under Debian's promtool: accepted, and firing on a link that fails."""

import pytest
import yaml

from alert_rules import Webhooks, load_shipped_objectives
from alert_rules.shipped import render_files
from model.registry import load_registry
from tests.services.debian_root import DebianRoot

FILES = render_files(
    load_shipped_objectives(),
    webhooks=Webhooks(),
    registry=load_registry(),
    base_url="https://herald.example.org",
)
RULE_FILES = [name for name in FILES if name.startswith("prometheus/")]
LINK = 'quantum_link_id="link-a", quantum_site_id="delft"'
PAGES = 'slo="link-entanglement-success", alertstate="firing", severity="page"'

UNIT_TEST = {
    "rule_files": ["prometheus/quantum-link.yml"],
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


@pytest.mark.parametrize("name", RULE_FILES)
def test_promtool_accepts_the_rules(debian_tools: DebianRoot, name):
    done = debian_tools.run(["promtool", "check", "rules", name], files=FILES)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_dead_link_pages_by_the_generated_rules(debian_tools: DebianRoot):
    files = {**FILES, "test.yml": yaml.safe_dump(UNIT_TEST)}
    done = debian_tools.run(["promtool", "test", "rules", "test.yml"], files=files)
    assert done.returncode == 0, done.stdout + done.stderr
