"""Whoever is woken finds what to do: every runbook or board that an alert or a rule leads to is a page."""

import re
from urllib.parse import urlsplit

import pytest

from alert_rules import (
    Change,
    ConditionChange,
    describe_condition,
    load_rules,
    load_runbooks,
    load_shipped_objectives,
)
from alert_rules.alerts import runbook_url
from alert_rules.prometheus import render_rules
from dashboards import build_boards
from model.registry import load_registry
from model.yaml_text import parse_yaml
from tests.unit.web.calling import get
from tests.unit.web.given import a_clock
from web import create_app
from web.testing import MemorySources

SITE = "https://herald.example.org"
RUNBOOKS = load_runbooks()
APP = create_app(
    MemorySources(),
    build_boards(load_shipped_objectives()),
    load_shipped_objectives(),
    "1",
    clock=a_clock(),
    runbooks=RUNBOOKS,
)
OF_RULES = {
    rule.name: describe_condition(ConditionChange(rule, (), Change.FIRED, 0, 0.0), base_url=SITE)
    for rule in load_rules()
    if rule.severity != "info"
}
OF_OBJECTIVES = {runbook_url(objective, SITE) for objective in load_shipped_objectives()}
GENERATED = parse_yaml(render_rules(load_shipped_objectives(), load_registry(), base_url=SITE))
OF_PROMETHEUS = {
    rule["annotations"]["runbook_url"] for group in GENERATED["groups"] for rule in group["rules"] if "alert" in rule
}


@pytest.mark.parametrize("name", OF_RULES)
def test_the_runbook_and_the_board_of_a_rule_are_pages(name):
    links = [OF_RULES[name]["runbook_url"], OF_RULES[name]["dashboard_url"]]
    assert [get(APP, urlsplit(link).path).status for link in links] == [200, 200]


@pytest.mark.parametrize("url", sorted(OF_OBJECTIVES | OF_PROMETHEUS))
def test_the_runbook_of_an_objective_is_on_its_page(url):
    path, _, anchor = url.removeprefix(SITE).partition("#")
    assert anchor == "runbook"
    assert get(APP, path).status == 200
    assert "## What to do" in get(APP, f"/api/herald{path.replace('/slo/', '/slos/')}").json()["objective"]["runbook"]


@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_runbook_leads_to_pages_that_exist(name):
    for path in re.findall(r"\]\((/[^)]*)\)", get(APP, f"/api/herald/runbooks/{name}").json()["text"]):
        assert get(APP, path).status == 200
