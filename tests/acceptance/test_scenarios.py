"""The catalogue's scenarios can be read, and tell which faults strike and what should be seen."""

import json

from hwsim import load_faults
from tests.acceptance.running import run_herald


def test_all_scenarios_of_the_catalogue_are_listed_with_what_to_look_at():
    told = run_herald("gameday", "scenarios", "--json")
    scenarios = json.loads(told.stdout)["scenarios"]
    assert len({scenario["catalogue"] for scenario in scenarios}) == 23
    assert all(scenario["observe"] and set(scenario["faults"]) <= set(load_faults()) for scenario in scenarios)


def test_all_faults_are_listed_with_domain_cause_signal_and_route():
    told = run_herald("gameday", "list", "--json")
    faults = json.loads(told.stdout)["faults"]
    assert len(faults) == 63
    assert all(fault["cause"]["metric"] and fault["signal"]["metric"] for fault in faults)
    assert {fault["expected_route"] for fault in faults} == {"page", "ticket"}
    assert {fault["domain"] for fault in faults} == {"memory", "link", "scaleup", "network", "community"}
