"""The gate opens for budget that is known to be left while nothing burns, never for silence."""

from dataclasses import replace
from fractions import Fraction

import pytest

from slo import DEFAULT_TIERS, Ledger
from slo.gate import GateRule, reasons_to_close, recent_coverage
from slo.objective import BudgetingMethod
from tests.unit.slo.telemetry import READ_SUCCESS, ledger_of, minute

RULE = GateRule()
OBJECTIVE = replace(READ_SUCCESS, tiers=DEFAULT_TIERS)
CALM_MINUTES = 4 * 24 * 60
CALM = [(1, 1_000)] * CALM_MINUTES


def why_closed(minutes, *, at: int | None = None, firing=(), rule: GateRule = RULE) -> list[str]:
    return reasons_to_close(
        OBJECTIVE, ledger_of(minutes), minute(len(minutes) if at is None else at), rule, firing=firing
    )


def test_budget_that_is_left_opens_it():
    assert why_closed(CALM) == []


def test_overspent_budget_closes_it():
    assert why_closed([(20, 1_000)] * 60 + CALM, rule=GateRule(min_budget=Fraction(95, 100))) == [
        "has 88.0% of its budget left, 95.0% is required"
    ]


def test_a_burn_closes_it_while_most_of_the_budget_is_left():
    reasons = why_closed([*CALM, *[(500, 1_000)] * 20])
    assert reasons == ["is burning: tier 1h-5m fires"]


def test_silence_closes_it():
    assert why_closed(CALM, at=CALM_MINUTES + 20) == ["has no data, which is not success"]


def test_thin_data_close_it():
    thin = [(1, 1_000) if number % 4 == 0 else None for number in range(60)]
    assert why_closed(CALM + thin) == ["has data for 25% of the last hour, 50% is required"]


def test_an_alert_that_still_fires_without_burning_closes_it():
    assert why_closed(CALM, firing={"1h-5m"}) == ["has an alert that still fires: tier 1h-5m"]


def test_an_entity_that_never_reported_is_closed():
    assert reasons_to_close(OBJECTIVE, Ledger(OBJECTIVE.window_ns), minute(10), RULE) == [
        "has no data, which is not success"
    ]


@pytest.mark.parametrize("slice_minutes", [5, 20, 60])
def test_a_slice_covers_all_of_its_minutes(slice_minutes):
    sliced = replace(OBJECTIVE, method=BudgetingMethod.TIMESLICES, slice_ns=minute(slice_minutes) - minute(0))
    ledger = Ledger(sliced.window_ns)
    for number in range(slice_minutes - 1, 600, slice_minutes):
        ledger.put(minute(number), 1, 1)
    assert recent_coverage(sliced, ledger, minute(600)) == 1
