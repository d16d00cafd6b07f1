"""Runbooks: one for every fault and objective, short, and every command in them is one that Herald has."""

import re
import shlex

import pytest

from alert_rules import load_rules, load_runbooks, load_shipped_objectives
from hwsim import load_faults
from tests.command_lines import parse

RUNBOOKS = load_runbooks()
NAMES = sorted(RUNBOOKS)
FAULTS = load_faults().values()
OBJECTIVES = load_shipped_objectives()
COMMAND = re.compile(r"^(?:.*`)?(herald [^`\n#]+)", re.MULTILINE)
LINK = re.compile(r"\]\(([^)]+)\.md\)")
LONGEST_LINES = 45
each_runbook = pytest.mark.parametrize("name", NAMES)


def test_there_is_one_for_every_fault_objective_and_rule_and_no_other():
    of_faults, of_objectives = {fault.runbook for fault in FAULTS}, {each.runbook for each in OBJECTIVES}
    of_rules = {rule.runbook for rule in load_rules()} - {""}
    assert sorted(of_faults | of_objectives | of_rules) == NAMES


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_the_runbook_of_a_fault_names_it_and_says_what_to_do(fault):
    text = RUNBOOKS[fault.runbook]
    assert f"Failure mode {fault.id}," in text
    assert f"herald gameday run --fault {fault.id}" in text
    assert "## What to do\n\n1. " in text


@each_runbook
def test_it_is_short_and_has_a_query_and_a_command(name):
    text = RUNBOOKS[name]
    assert len(text.splitlines()) <= LONGEST_LINES
    assert "```sql\n" in text
    assert "```sh\n" in text


@each_runbook
def test_its_links_lead_to_runbooks(name):
    assert set(LINK.findall(RUNBOOKS[name])) <= set(NAMES)


@each_runbook
def test_its_commands_can_be_typed(name):
    for line in COMMAND.findall(RUNBOOKS[name]):
        parse(shlex.split(line)[1:])


@pytest.mark.parametrize("line", ["slo gates x", "slo gate x --min-budgets 0.1", "postmortem --form md"])
def test_a_command_that_does_not_exist_would_be_noticed(line):
    with pytest.raises(Exception, match="No such"):
        parse(shlex.split(line))
