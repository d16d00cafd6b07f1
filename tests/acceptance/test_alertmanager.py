"""A fault in the fleet reaches people through a real Alertmanager, survives a restart of the engine, and is over."""

import json
import time
import urllib.request
from contextlib import closing
from dataclasses import replace
from typing import Any

from alert_rules import (
    Alert,
    AlertmanagerClient,
    burn_alert,
    condition_alert,
    load_rules,
    load_shipped_objectives,
)
from hwsim import MEMORY_F7
from model.clock import MINUTE_NS
from store import ExclusionRow, Store
from tests.acceptance.paging import Pagers, eventually, identify
from tests.acceptance.story import Story
from tests.services.debian_root import DebianRoot
from tests.services.prometheus import running_alertmanager_pair

OBJECTIVES = [replace(objective, tiers=objective.tiers[1:3]) for objective in load_shipped_objectives()]
"""With one page and one ticket each: all pages must resolve within the quarter of an hour in which that is told."""

(CALIBRATING,) = (rule for rule in load_rules() if rule.name == "calibrating")

FAULT_BEGINS, PAGES_FIRE, TICKETS_TOO, FAULT_ENDS, ONLY_TICKETS = 60, 90, 110, 120, 160
"""Minutes of the story, the last of which is now."""


def tell(database: str, alertmanager: str) -> Story:
    """Return the story of a cryostat that warms up and cools down again."""
    fault = MEMORY_F7, "cryo-delft", 18.0
    return Story(
        database,
        OBJECTIVES,
        [alertmanager],
        minutes=ONLY_TICKETS,
        fault=fault,
        lasts=(FAULT_BEGINS, FAULT_ENDS),
    )


def states(alertmanager: str) -> dict[str, set[str]]:
    """Return the states of the alerts that Alertmanager knows, by severity."""
    with urllib.request.urlopen(f"{alertmanager}/api/v2/alerts") as response:
        known: list[dict[str, Any]] = json.load(response)
    found: dict[str, set[str]] = {}
    for alert in known:
        found.setdefault(alert["labels"]["severity"], set()).add(alert["status"]["state"])
    return found


def open_alerts(database: str, severity: str) -> set[tuple[str, str]]:
    with Store(database) as store:
        rows = [row for row in store.read_open_alerts() if row.severity == severity]
    return {identify({**row.labels, "slo": row.objective}) for row in rows}


def test_a_fault_pages_once_mutes_its_tickets_survives_a_restart_and_is_over(
    database: str, impatient_alertmanager: str, pagers: Pagers
) -> None:
    story = tell(database, impatient_alertmanager)

    story.store_until(PAGES_FIRE)
    story.judge()
    pages = open_alerts(database, "page")
    assert {entity for _, entity in pages} == {"mem-delft", "link-delft-hague", "link-delft-local"}
    assert eventually(lambda: pagers.told("page", "firing") == pages)

    story.store_until(TICKETS_TOO)
    story.judge()  # by a new engine, as every time: the old one is gone
    tickets = open_alerts(database, "ticket")
    assert {entity for _, entity in tickets} == {entity for _, entity in pages}
    assert eventually(lambda: states(impatient_alertmanager) == {"page": {"active"}, "ticket": {"suppressed"}})
    assert open_alerts(database, "page") == pages
    assert pagers.told("page", "resolved") == pagers.told("ticket", "firing") == set()

    story.store_until(ONLY_TICKETS)
    story.judge()
    assert open_alerts(database, "page") == set()
    assert eventually(lambda: pagers.told("page", "resolved") == pages)
    # What burns on slowly is a ticket now that no page speaks for it, beside what slower tiers have found meanwhile.
    remaining = open_alerts(database, "ticket")
    assert tickets <= remaining
    assert eventually(lambda: pagers.told("ticket", "firing") == remaining)


def test_what_mutes_is_told_before_what_it_mutes(database: str, pagers: Pagers) -> None:
    """Maintenance mutes the pages and tickets of what is maintained, a page its tickets."""
    story = tell(database, pagers.url)
    with Store(database) as store:
        store.add_exclusion(pump_replaced("mem-delft"), actor="on-call")
    story.store_until(TICKETS_TOO)
    story.judge()
    posts = [{alert["labels"]["severity"] for alert in body} for _, body in pagers.heard]
    assert posts == [{"info"}, {"page"}, {"ticket"}]
    assert [alert["labels"]["device"] for alert in pagers.heard[0][1]] == ["mem-delft"]


def pump_replaced(device: str) -> ExclusionRow:
    """Maintenance that has gone on for an hour and goes on."""
    now_ns = time.time_ns()
    return ExclusionRow(
        kind="maintenance",
        matchers={"device": device},
        start_ns=now_ns - 60 * MINUTE_NS,
        end_ns=now_ns + 60 * MINUTE_NS,
        rule="",
        zone="UTC",
        mode=None,
        who="on-call",
        why="pump replaced",
        source="",
        created_ns=now_ns,
    )


def entities_told(pagers: Pagers) -> set[str]:
    return {entity for _, entity in pagers.told("page", "firing")}


def page(minutes_ago: int, link: str = "link-a") -> Alert:
    """A page that fired a while ago, as the database keeps it."""
    return burn_alert(
        objective="link-availability",
        service="quantum-link",
        group={"link": link},
        tier="1h-5m",
        severity="page",
        fired_ns=time.time_ns() - minutes_ago * MINUTE_NS,
    )


def test_what_a_calibration_mutes_tells_when_it_is_over(impatient_alertmanager: str, pagers: Pagers) -> None:
    """The page began meanwhile and goes on: nobody waits until it would be repeated."""
    begun_ns = time.time_ns() - MINUTE_NS
    calibrating = condition_alert(CALIBRATING, group={"link": "link-a"}, fired_ns=begun_ns)
    with closing(AlertmanagerClient([impatient_alertmanager])) as client:
        client.send([calibrating], time.time_ns())
        client.send([page(0, link="link-a"), page(0, link="link-b")], time.time_ns())
        assert eventually(lambda: entities_told(pagers) == {"link-b"})
        client.send([replace(calibrating, resolved_ns=time.time_ns())], time.time_ns())
    assert eventually(lambda: entities_told(pagers) == {"link-a", "link-b"})


def is_settled(url: str) -> bool:
    with urllib.request.urlopen(f"{url}/api/v2/status") as response:
        cluster = json.load(response)["cluster"]
    return cluster["status"] == "ready" and len(cluster["peers"]) == 2


def test_a_pair_of_alertmanagers_pages_once(debian_tools: DebianRoot, pagers: Pagers) -> None:
    with running_alertmanager_pair(debian_tools, pagers.config) as urls:
        assert eventually(lambda: all(map(is_settled, urls)))
        with closing(AlertmanagerClient(urls)) as client:
            assert [delivery.problem for delivery in client.send([page(1)], time.time_ns())] == ["", ""]
        assert eventually(lambda: len(pagers.notifications("page")) == 1)
        time.sleep(6.0)  # twice what the second waits for the first to have told
        assert len(pagers.notifications("page")) == 1
