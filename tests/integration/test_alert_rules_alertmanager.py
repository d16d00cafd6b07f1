"""The generated configuration and the client, against Debian's Alertmanager."""

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from alert_rules import (
    Alert,
    AlertmanagerClient,
    Webhooks,
    burn_alert,
    calibrating_alert,
    render_alertmanager,
    route_for,
)
from model.clock import MINUTE_NS
from tests.conftest import StartServer
from tests.services.debian_root import DebianRoot

CONFIG = render_alertmanager(Webhooks())
ROUTED = [
    {"alertname": "ErrorBudgetBurn", "severity": "page", "slo": "memory-read-success", "device": "mem-delft"},
    {"alertname": "ErrorBudgetBurn", "severity": "ticket", "slo": "link-fidelity", "link": "link-delft-hague"},
    {"alertname": "DeviceCalibrating", "severity": "info", "device": "mem-delft"},
    {"alertname": "Unforeseen"},
]


def alert(severity: str, *, device: str = "mem-delft", tier: str = "1h-5m", resolved: bool = False) -> Alert:
    now_ns = time.time_ns()
    return burn_alert(
        objective="memory-read-success",
        service="quantum-memory",
        group={"device": device},
        tier=tier,
        severity=severity,
        fired_ns=now_ns - 10 * MINUTE_NS,
        resolved_ns=now_ns if resolved else None,
        annotations={"summary": "It burns."},
    )


def send(url: str, *alerts: Alert) -> None:
    client = AlertmanagerClient([url])
    (delivery,) = client.send(alerts, time.time_ns())
    client.close()
    assert (delivery.sent, delivery.problem) == (len(alerts), "")


def alerts_at(url: str) -> dict[str, str]:
    """The state of each alert that Alertmanager knows as active, by severity."""
    with urllib.request.urlopen(f"{url}/api/v2/alerts") as response:
        known: list[dict[str, Any]] = json.load(response)
    return {a["labels"]["severity"]: a["status"]["state"] for a in known}


def wait_for(ask: Callable[[], dict[str, str]], expected: dict[str, str]) -> None:
    """Wait until `ask` answers as expected; Alertmanager takes a moment to dispatch."""
    for _ in range(100):
        if ask() == expected:
            return
        time.sleep(0.1)
    assert ask() == expected


def test_amtool_accepts_the_configuration(debian_tools: DebianRoot):
    done = debian_tools.run(["amtool", "check-config", "alertmanager.yml"], files={"alertmanager.yml": CONFIG})
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("labels", ROUTED, ids=lambda labels: labels["alertname"] + labels.get("severity", ""))
def test_alertmanager_routes_as_the_tree_says(debian_tools: DebianRoot, labels):
    pairs = [f"{name}={value}" for name, value in labels.items()]
    argv = ["amtool", "config", "routes", "test", "--config.file=alertmanager.yml", *pairs]
    done = debian_tools.run(argv, files={"alertmanager.yml": CONFIG})
    assert done.stdout.strip() == route_for(labels), done.stderr


def test_an_alert_fires_and_resolves(alertmanager: str):
    send(alertmanager, alert("page"))
    wait_for(lambda: alerts_at(alertmanager), {"page": "active"})
    send(alertmanager, alert("page", resolved=True))
    wait_for(lambda: alerts_at(alertmanager), {})


def test_a_page_inhibits_the_ticket_of_the_same_entity(start_alertmanager: StartServer):
    url = start_alertmanager(CONFIG)
    send(url, alert("page"), alert("ticket", tier="1d-2h"))
    wait_for(lambda: alerts_at(url), {"page": "active", "ticket": "suppressed"})


def test_a_page_leaves_the_tickets_of_others_alone(start_alertmanager: StartServer):
    url = start_alertmanager(CONFIG)
    send(url, alert("page"), alert("ticket", device="mem-hague"))
    wait_for(lambda: alerts_at(url), {"page": "active", "ticket": "active"})


def test_a_calibration_inhibits_the_device_that_is_calibrated(start_alertmanager: StartServer):
    url = start_alertmanager(CONFIG)
    calibration = calibrating_alert({"device": "mem-delft"}, started_ns=time.time_ns())
    send(url, calibration, alert("page"), alert("ticket", device="mem-hague"))
    wait_for(lambda: alerts_at(url), {"info": "active", "page": "suppressed", "ticket": "active"})


def test_a_calibrating_link_leaves_other_links_alone(start_alertmanager: StartServer):
    url = start_alertmanager(CONFIG)
    calibration = calibrating_alert({"link": "link-a"}, started_ns=time.time_ns())
    send(url, calibration, alert("page", device=""))
    wait_for(lambda: alerts_at(url), {"info": "active", "page": "active"})
