"""The gate opens for budget that is known to be left, never for silence."""

import pytest

from herald.commands.slo import _why_closed
from herald.standings import Standing
from model.clock import HOUR_NS, MINUTE_NS
from slo import Ledger, evaluate
from tests.unit.slo.telemetry import READ_SUCCESS

GROUP = (("device", "mem-a"),)


def standing(*, bad: int, silent_for_minutes: int = 0) -> Standing:
    ledger = Ledger(READ_SUCCESS.window_ns)
    for minute in range(60):
        ledger.put(HOUR_NS + minute * MINUTE_NS, 1_000 - bad, 1_000)
    at_ns = 2 * HOUR_NS + silent_for_minutes * MINUTE_NS
    status = evaluate(READ_SUCCESS, ledger, at_ns)
    return Standing(objective=READ_SUCCESS, group=GROUP, status=status, ledger=ledger)


def test_budget_that_is_left_opens_it():
    assert _why_closed(standing(bad=1), 0.1) == ""


@pytest.mark.parametrize(
    ("stands", "reason"),
    [
        pytest.param(standing(bad=100), "of its budget left, 10.0% is required", id="overspent"),
        pytest.param(standing(bad=1, silent_for_minutes=60), "has no data, which is not success", id="silent"),
    ],
)
def test_anything_else_closes_it(stands, reason):
    assert reason in _why_closed(stands, 0.1)
