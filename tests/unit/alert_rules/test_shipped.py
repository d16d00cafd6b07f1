"""What comes with Herald: objectives of five domains, each with owner, catalogue entry, dashboards and a runbook."""

from collections import Counter

import pytest

from alert_rules import OBJECTIVES, load_runbooks, load_shipped_objectives
from model.clock import DAY_NS
from slo import PAGE, TICKET
from slo.burn import is_feasible
from slo.openslo import read_files

SHIPPED = load_shipped_objectives()
RUNBOOKS = load_runbooks()
DOMAINS = ("memory", "link", "scaleup", "network", "community")
each_objective = pytest.mark.parametrize("objective", SHIPPED, ids=lambda objective: objective.name)


def test_all_five_domains_have_objectives():
    counted = Counter(objective.domain for objective in SHIPPED)
    assert {domain for domain, number in counted.items() if number >= 7} == {*DOMAINS}


def test_strict_reading_accepts_them_and_only_the_tier_that_a_90_percent_target_forbids_is_linted():
    reports = read_files(sorted(OBJECTIVES.glob("*.yaml")), strict=True).reports
    assert all(report.valid for report in reports)
    assert {r.file.rpartition("/")[2]: [x.code for x in r.lints] for r in reports if r.lints} == {
        "link-entanglement-success.yaml": ["infeasible-tier"],
        "community-multi-backend.yaml": ["infeasible-tier"],
    }


@each_objective
def test_every_objective_has_an_owner_and_somewhere_to_look(objective):
    assert objective.owner
    assert objective.description
    boards = ("on-call", "debug", "executive")
    assert objective.dashboards == tuple(f"herald-{objective.domain}-{board}" for board in boards)


@each_objective
def test_every_objective_covers_28_days_or_a_day_and_makes_tickets_at_least(objective):
    assert objective.window_ns == (DAY_NS if objective.catalogue_id == "network.X1" else 28 * DAY_NS)
    assert {tier.severity for tier in objective.tiers} in ({PAGE, TICKET}, {TICKET})


@each_objective
def test_every_tier_can_fire(objective):
    assert all(is_feasible(tier, objective.window_ns, objective.error_budget) for tier in objective.tiers)


@each_objective
def test_the_runbook_names_its_objective_and_catalogue_entry(objective):
    runbook = RUNBOOKS[objective.runbook]
    assert f"Objective `{objective.name}`, catalogue {objective.catalogue_id}." in runbook
    assert "## What to do" in runbook


def test_planned_maintenance_spends_no_budget_and_nothing_else_is_left_out():
    assert {objective.exclude for objective in SHIPPED} == {("maintenance",)}
