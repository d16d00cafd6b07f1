"""When a game day asks for the cause."""

import pytest

from herald.gameday.outcome import asked_ns
from herald.gameday.plan import make_plan
from model.clock import MINUTE_NS
from store import AlertRow


@pytest.mark.parametrize(
    ("fired", "asked"),
    [
        pytest.param(5, 15, id="ten minutes after the alert"),
        pytest.param(115, 120, id="while the fault lasts"),
        pytest.param(125, 125, id="at once, if it fired only afterwards"),
    ],
)
def test_somebody_asks_ten_minutes_after_the_alert_and_while_the_fault_lasts(fired: int, asked: int):
    plan = make_plan("link.F1", seed=1, magnitude=None, hours=2)
    alert = AlertRow(
        objective="link-rate",
        group=(("link", plan.entity),),
        tier="fast",
        severity="page",
        fired_ns=plan.injected_ns + fired * MINUTE_NS,
        threshold=14.4,
        long_window="1h",
        short_window="5m",
    )
    assert asked_ns(plan, alert) == plan.injected_ns + asked * MINUTE_NS
