"""The generated configuration and the client, against Debian's Alertmanager."""

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from alert_rules import (
    Alert,
    AlertmanagerClient,
    Webhooks,
    burn_alert,
    condition_alert,
    load_rules,
    render_alertmanager,
    route_for,
)
from alert_rules.alerts import maintenance_alert
from alert_rules.mutes import Mute
from model.clock import MINUTE_NS
from tests.conftest import StartServer
from tests.services.debian_root import DebianRoot

CONFIG = render_alertmanager(Webhooks())
DEVICE, LINK = {"device": "mem-delft"}, {"link": "link-delft-hague"}
ENTITIES: list[dict[str, str]] = [DEVICE, LINK, {**DEVICE, **LINK}, {"backend": "qpu-hague"}, {}]
ROUTED = [
    {"alertname": "ErrorBudgetBurn", "severity": severity, "slo": "a", **entity, **more}
    for severity in ("page", "ticket", "info")
    for entity in ENTITIES
    for more in ({}, {"change": "firmware:mem-delft:2"}, {"team": "platform"})
] + [{"alertname": "Unforeseen"}]


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


RULES = {rule.name: rule for rule in load_rules()}


def calibration(**group: str) -> Alert:
    return condition_alert(RULES["calibrating"], group=group, fired_ns=time.time_ns())


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


def wait_for(ask: Callable[[], object], expected: object) -> None:
    """Wait until `ask` answers as expected; Alertmanager takes a moment to dispatch."""
    for _ in range(100):
        if ask() == expected:
            return
        time.sleep(0.1)
    assert ask() == expected


def test_amtool_accepts_the_configuration(debian_tools: DebianRoot):
    done = debian_tools.run(["amtool", "check-config", "alertmanager.yml"], files={"alertmanager.yml": CONFIG})
    assert done.returncode == 0, done.stdout + done.stderr


def test_alertmanager_routes_every_combination_as_the_tree_says(debian_tools: DebianRoot):
    asked = [" ".join(f"{name}={value}" for name, value in labels.items()) for labels in ROUTED]
    script = "".join(f"amtool config routes test --config.file=alertmanager.yml {pairs}\n" for pairs in asked)
    done = debian_tools.run(["sh", "ask.sh"], files={"alertmanager.yml": CONFIG, "ask.sh": script})
    assert done.stdout.split() == [route_for(labels) for labels in ROUTED], done.stderr


def test_amtool_accepts_scheduled_mutes(debian_tools: DebianRoot):
    times = {"weekdays": ["thursday"], "times": [{"start_time": "08:00", "end_time": "10:00"}]}
    mute = Mute(name="thursdays", matchers={"device": "mem-.*"}, times=(times,))
    config = render_alertmanager(Webhooks(), [mute])
    done = debian_tools.run(["amtool", "check-config", "alertmanager.yml"], files={"alertmanager.yml": config})
    assert done.returncode == 0, done.stdout + done.stderr


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
    send(url, calibration(device="mem-delft"), alert("page"), alert("ticket", device="mem-hague"))
    wait_for(lambda: alerts_at(url), {"info": "active", "page": "suppressed", "ticket": "active"})


def test_a_calibrating_link_leaves_other_links_alone(start_alertmanager: StartServer):
    url = start_alertmanager(CONFIG)
    send(url, calibration(link="link-a"), alert("page", device=""))
    wait_for(lambda: alerts_at(url), {"info": "active", "page": "active"})


def groups_at(url: str) -> list[int]:
    """The number of alerts in each notification group."""
    with urllib.request.urlopen(f"{url}/api/v2/alerts/groups") as response:
        return sorted(len(group["alerts"]) for group in json.load(response))


def failing(link: str, **tags: str) -> Alert:
    return burn_alert(
        objective="link-availability",
        service="quantum-link",
        group={"link": link},
        tier="1h-5m",
        severity="page",
        fired_ns=time.time_ns() - MINUTE_NS,
        tags=tags,
    )


def test_a_hundred_links_of_one_segment_are_one_notification(start_alertmanager: StartServer):
    url = start_alertmanager(CONFIG)
    send(
        url, *(failing(f"link-{n}", segment="ctl-delft") for n in range(100)), failing("link-z", segment="ctl-hague")
    )
    wait_for(lambda: groups_at(url), [1, 100])


def test_what_one_change_may_have_broken_is_one_notification(start_alertmanager: StartServer):
    url = start_alertmanager(CONFIG)
    change = "firmware:ctl-delft:2026-01-01T00:00:00Z"
    hit = failing("link-a", segment="a", change=change), failing("link-b", segment="b", change=change)
    send(url, *hit, failing("link-c", segment="a"))
    wait_for(lambda: groups_at(url), [1, 2])


def test_maintenance_inhibits_what_is_maintained(start_alertmanager: StartServer):
    url = start_alertmanager(CONFIG)
    since_ns = time.time_ns()
    maintenance = maintenance_alert((("device", "mem-delft"),), why="pump", fired_ns=since_ns, resolved_ns=None)
    send(url, maintenance, alert("page"), alert("ticket", device="mem-hague"))
    wait_for(lambda: alerts_at(url), {"info": "active", "page": "suppressed", "ticket": "active"})
