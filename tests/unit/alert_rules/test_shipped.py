"""What comes with Herald: eight objectives with owner, catalogue entry, dashboards and a runbook."""

from decimal import Decimal

import pytest

from alert_rules import OBJECTIVES, load_runbook, load_shipped_objectives
from model.clock import DAY_NS
from model.errors import InvalidInputError
from slo import PAGE, TICKET
from slo.burn import is_feasible
from slo.openslo import read_files

SHIPPED = load_shipped_objectives()
each_objective = pytest.mark.parametrize("objective", SHIPPED, ids=lambda objective: objective.name)


def test_the_catalogue_entries_are_served_with_their_targets():
    assert {o.name: (o.catalogue_id, o.target) for o in SHIPPED} == {
        "memory-write-success": ("memory.M1", Decimal("0.99")),
        "memory-read-success": ("memory.M2", Decimal("0.99")),
        "memory-retrieval-fidelity": ("memory.M3", Decimal("0.99")),
        "memory-good-retrieval": ("memory.X2", Decimal("0.99")),
        "link-entanglement-success": ("link.M1", Decimal("0.9")),
        "link-fidelity": ("link.M2", Decimal("0.99")),
        "link-availability": ("link.M4", Decimal("0.99")),
        "link-heralding-latency": ("link.M7", Decimal("0.99")),
    }


def test_only_the_tier_that_a_90_percent_target_forbids_is_linted():
    reports = read_files(sorted(OBJECTIVES.glob("*.yaml")), strict=True).reports
    assert {r.file.rpartition("/")[2]: [x.code for x in r.lints] for r in reports if r.lints} == {
        "link-entanglement-success.yaml": ["infeasible-tier"]
    }


@each_objective
def test_every_objective_has_an_owner_and_somewhere_to_look(objective):
    assert objective.owner
    assert objective.dashboards[0] == f"herald-{objective.domain}-on-call"


@each_objective
def test_every_objective_covers_28_days_and_pages_and_tickets(objective):
    assert objective.window_ns == 28 * DAY_NS
    assert {tier.severity for tier in objective.tiers} == {PAGE, TICKET}


@each_objective
def test_every_tier_can_fire(objective):
    assert all(is_feasible(tier, objective.window_ns, objective.error_budget) for tier in objective.tiers)


@each_objective
def test_the_runbook_names_its_objective_and_catalogue_entry(objective):
    runbook = load_runbook(objective.runbook)
    assert f"Objective `{objective.name}`, catalogue {objective.catalogue_id}." in runbook
    assert "## What to do" in runbook


def test_an_unknown_runbook_is_told():
    with pytest.raises(InvalidInputError, match="no runbook is called 'nothing'"):
        load_runbook("nothing")
