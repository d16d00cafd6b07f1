"""What an alert says and whom it reaches."""

from dataclasses import replace
from fractions import Fraction
from urllib.parse import parse_qs, urlsplit

import pytest

from alert_rules import NO_DATA_TIER, AlertTracker, burn_alert, describe, route_for
from slo import DEFAULT_TIERS, Silence, evaluate
from tests.unit.slo.telemetry import DELFT, READ_SUCCESS, ledger_of, minute

OBJECTIVE = replace(
    READ_SUCCESS,
    display_name="Reads succeed",
    tiers=DEFAULT_TIERS,
    catalogue_id="memory.M2",
    runbook="memory-read-success",
    dashboards=("herald-memory-on-call", "herald-memory-debug"),
)
BASE = "https://herald.example.org"


def annotations() -> dict[str, str]:
    minutes = [*[(0, 100)] * 20_000, *[(100, 100)] * 10]
    ledger, at_ns = ledger_of(minutes), minute(len(minutes))
    fired = AlertTracker(OBJECTIVE).step(ledger, at_ns)[0]
    return describe(OBJECTIVE, DELFT, fired, evaluate(OBJECTIVE, ledger, at_ns), base_url=BASE)


def test_the_labels_are_the_identity_of_the_alert():
    alert = burn_alert(
        objective="memory-read-success",
        service="quantum-memory",
        group={"device": "mem-delft"},
        tier="1h-5m",
        severity="page",
        fired_ns=0,
    )
    assert alert.labels == {
        "alertname": "ErrorBudgetBurn",
        "severity": "page",
        "slo": "memory-read-success",
        "service": "quantum-memory",
        "burn_tier": "1h-5m",
        "device": "mem-delft",
    }


def test_an_alert_about_silence_has_a_name_of_its_own():
    alert = burn_alert(objective="a", service="b", group={}, tier=NO_DATA_TIER.name, severity="page", fired_ns=0)
    assert alert.labels["alertname"] == "TelemetrySilent"


def test_the_summary_says_who_burns_how_fast_and_how_long_it_lasts():
    assert annotations()["summary"] == (
        "mem-delft spends the error budget of 'Reads succeed' 16.67 times faster than planned over 1h "
        "(100 times over 5m); 95% is left and lasts 1 d."
    )


def test_the_annotations_carry_both_burns_and_windows_and_the_budget():
    said = annotations()
    assert {
        key: said[key] for key in ("burn_long", "burn_short", "burn_threshold", "long_window", "short_window")
    } == {
        "burn_long": "16.67",
        "burn_short": "100",
        "burn_threshold": "13.44",
        "long_window": "1h",
        "short_window": "5m",
    }
    assert (said["budget_remaining"], said["time_to_exhaustion"]) == ("0.95", "1 d")


def test_the_runbook_is_linked():
    assert annotations()["runbook_url"] == f"{BASE}/slo/memory-read-success#runbook"


def test_the_dashboard_opens_on_the_entity_and_the_long_window():
    url = urlsplit(annotations()["dashboard_url"])
    fired_ms = minute(20_010) // 1_000_000
    assert url.path == "/d/herald-memory-on-call"
    assert parse_qs(url.query) == {
        "var-device": ["mem-delft"],
        "from": [str(fired_ms - 3_600_000)],
        "to": ["now"],
    }


def test_an_alert_about_silence_says_so():
    objective = replace(OBJECTIVE, silence=Silence.ALERT)
    ledger, at_ns = ledger_of([(0, 10)]), minute(20)
    (fired,) = AlertTracker(objective).step(ledger, at_ns)
    said = describe(objective, DELFT, fired, evaluate(objective, ledger, at_ns), base_url=BASE)
    assert said["summary"] == "mem-delft sends no telemetry for 'Reads succeed' any more."


def test_an_exhausted_budget_has_nothing_left():
    ledger, at_ns = ledger_of([(100, 100)] * 10), minute(10)
    fired = AlertTracker(OBJECTIVE).step(ledger, at_ns)[0]
    said = describe(OBJECTIVE, DELFT, fired, evaluate(OBJECTIVE, ledger, at_ns), base_url=BASE)
    assert said["summary"].endswith("none is left.")


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ({"severity": "page"}, "page"),
        ({"severity": "ticket"}, "ticket"),
        ({"severity": "ticket", "team": "platform"}, "platform"),
        ({"severity": "page", "team": "platform"}, "page"),
        ({"severity": "page", "change": "firmware:mem-delft:1"}, "page"),
        ({"severity": "info", "alertname": "DeviceCalibrating"}, "nobody"),
        ({}, "ticket"),
    ],
)
def test_the_route_follows_from_the_labels(labels, receiver):
    assert route_for(labels) == receiver


def test_every_tier_has_a_factor_in_its_annotation():
    assert Fraction(annotations()["burn_threshold"]) == OBJECTIVE.tiers[0].factor(OBJECTIVE.window_ns)
