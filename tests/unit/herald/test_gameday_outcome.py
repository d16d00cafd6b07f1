"""When a game day asks for the cause, and what it makes of the answer."""

import pytest

from herald.gameday.outcome import Outcome, asked_ns
from herald.gameday.plan import make_plan
from model.clock import MINUTE_NS
from reports.cause import Suspect
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


@pytest.mark.parametrize("lead", [False, True])
def test_a_lead_can_be_the_true_cause_but_does_not_say_that_its_signal_moved(*, lead: bool):
    plan = make_plan("link.F1", seed=1, magnitude=None, hours=2)
    cause = plan.fault.true_cause(plan.entity)
    suspect = Suspect(
        kind=cause["kind"],
        entity=cause["entity"],
        metric=cause["metric"],
        part="",
        onset_ns=plan.injected_ns,
        score=0.2,
        size=4.0,
        text="It moved.",
        lead=lead,
    )
    outcome = Outcome(
        plan=plan,
        impact_ns=None,
        detection=None,
        theoretical_ns=None,
        theoretical_resolved_ns=None,
        alerts=(),
        false_alerts=(),
        suspects=(suspect,),
        route=None,
    )
    assert outcome.true_cause_rank == 1
    assert outcome.as_dict()["signal"]["moved"] is not lead
