"""A fault in the fleet reaches people through a real Alertmanager, survives a restart of the engine, and is over."""

import json
import re
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from alert_rules import (
    Alert,
    AlertmanagerClient,
    Webhooks,
    burn_alert,
    load_shipped_objectives,
    render_alertmanager,
)
from collector import DirectPipeline, Encoding
from collector import Signal as CollectedSignal
from exporters import Signal, build_simulated_sources, replay_history
from herald.engine import GRACE_NS, Engine
from herald.notifier import Notifier
from hwsim import MEMORY_F7, FaultSchedule, Injection
from model.clock import MINUTE_NS
from model.windows import floor_minute
from store import ExclusionRow, Store, Writer, migrate, throwaway_database
from tests.conftest import StartServer
from tests.services.debian_root import DebianRoot
from tests.services.processes import free_port
from tests.services.prometheus import running_alertmanager, running_alertmanager_pair

OBJECTIVES = [replace(objective, tiers=objective.tiers[1:3]) for objective in load_shipped_objectives()]
"""With one page and one ticket each: all pages must resolve within the quarter of an hour in which that is told."""

PATIENCE_S = 60.0
FAULT_BEGINS, PAGES_FIRE, TICKETS_TOO, FAULT_ENDS, ONLY_TICKETS = 60, 90, 110, 120, 160
"""Minutes of the story, the last of which is now."""


class Pagers:
    """Two webhooks that remember what Alertmanager tells them."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Webhook, self.heard))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def webhooks(self) -> Webhooks:
        return Webhooks(page_url=f"{self.url}/page", ticket_url=f"{self.url}/ticket")

    def told(self, pager: str, status: str) -> set[tuple[str, str]]:
        """Return objective and entity of the alerts that a pager was told to be `firing` or `resolved`."""
        alerts = [
            a for path, body in self.heard if path == f"/{pager}" for a in body["alerts"] if a["status"] == status
        ]
        return {_identify(alert["labels"]) for alert in alerts}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Webhook(BaseHTTPRequestHandler):
    def __init__(self, heard: list[tuple[str, Any]], *args: Any) -> None:
        self._heard = heard
        super().__init__(*args)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._heard.append((self.path, json.loads(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Story:
    """Telemetry that reaches the database as the minutes go by, and an engine that judges it and tells."""

    def __init__(self, database: str, alertmanager: str) -> None:
        self._database, self._alertmanager = database, alertmanager
        self._start_ns = floor_minute(time.time_ns()) - ONLY_TICKETS * MINUTE_NS
        fault = Injection(
            fault_id=MEMORY_F7,
            entity_id="cryo-delft",
            start_ns=self._ns(FAULT_BEGINS),
            end_ns=self._ns(FAULT_ENDS),
            magnitude=18.0,
        )
        self._reached_ns = self._start_ns
        self._sources = build_simulated_sources(seed=1, start_ns=self._start_ns, faults=FaultSchedule([fault]))

    def tell_until(self, minute: int) -> None:
        """Store what happens until then."""
        with closing(Writer(self._database)) as writer:
            pipeline = DirectPipeline(writer)

            def send(signal: Signal, body: bytes) -> None:
                pipeline.accept(CollectedSignal(signal.value), Encoding.PROTOBUF, body)

            for progress in replay_history(self._sources, self._reached_ns, self._ns(minute), send=send):
                self._reached_ns = progress.reached_ns

    def judge(self) -> None:
        """Start an engine that goes on where the last one stopped, let it judge once and tell, and end it."""
        now_ns = self._reached_ns + GRACE_NS
        with Store(self._database) as store, closing(AlertmanagerClient([self._alertmanager])) as client:
            step = Engine(store, OBJECTIVES, web_url="http://herald", now_ns=now_ns).step(now_ns)
            Notifier(client, OBJECTIVES).tell(store, time.time_ns(), changed=bool(step.fired or step.resolved))

    def _ns(self, minute: int) -> int:
        return self._start_ns + minute * MINUTE_NS


@pytest.fixture
def pagers() -> Iterator[Pagers]:
    pagers = Pagers()
    yield pagers
    pagers.close()


@pytest.fixture
def database(embedded_server_url: str) -> Iterator[str]:
    with throwaway_database(embedded_server_url) as url:
        migrate(url)
        yield url


@pytest.fixture
def impatient_alertmanager(start_alertmanager: StartServer, pagers: Pagers) -> str:
    """An Alertmanager with the shipped routes and receivers, which waits seconds where it would wait minutes."""
    config = render_alertmanager(pagers.webhooks)
    return start_alertmanager(re.sub(r"(group_wait|group_interval): \w+", r"\1: 1s", config))


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
    return {_identify({**row.labels, "slo": row.objective}) for row in rows}


def eventually(holds: Callable[[], bool]) -> bool:
    """Return whether it holds before the time is up."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _identify(labels: dict[str, str]) -> tuple[str, str]:
    """Return what is told of once, whatever tiers burn: objective and entity."""
    return labels["slo"], labels.get("device") or labels["link"]


def test_a_fault_pages_once_mutes_its_tickets_survives_a_restart_and_is_over(
    database: str, impatient_alertmanager: str, pagers: Pagers
) -> None:
    story = Story(database, impatient_alertmanager)

    story.tell_until(PAGES_FIRE)
    story.judge()
    pages = open_alerts(database, "page")
    assert {entity for _, entity in pages} == {"mem-delft", "link-delft-hague", "link-delft-local"}
    assert eventually(lambda: pagers.told("page", "firing") == pages)

    story.tell_until(TICKETS_TOO)
    story.judge()  # by a new engine, as every time: the old one is gone
    tickets = open_alerts(database, "ticket")
    assert {entity for _, entity in tickets} == {entity for _, entity in pages}
    assert eventually(lambda: states(impatient_alertmanager) == {"page": {"active"}, "ticket": {"suppressed"}})
    assert open_alerts(database, "page") == pages
    assert pagers.told("page", "resolved") == pagers.told("ticket", "firing") == set()

    story.tell_until(ONLY_TICKETS)
    story.judge()
    assert open_alerts(database, "page") == set()
    assert eventually(lambda: pagers.told("page", "resolved") == pages)
    # What burns on slowly is a ticket now that no page speaks for it, beside what slower tiers have found meanwhile.
    remaining = open_alerts(database, "ticket")
    assert tickets <= remaining
    assert eventually(lambda: pagers.told("ticket", "firing") == remaining)


def test_what_mutes_is_told_before_what_it_mutes(database: str, pagers: Pagers) -> None:
    """Maintenance mutes the pages and tickets of what is maintained, a page its tickets."""
    story = Story(database, alertmanager=pagers.url)
    with Store(database) as store:
        store.add_exclusion(pump_replaced("mem-delft"), actor="on-call")
    story.tell_until(TICKETS_TOO)
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


def page(minutes_ago: int) -> Alert:
    """A page that fired a while ago, as the database keeps it."""
    return burn_alert(
        objective="link-availability",
        service="quantum-link",
        group={"link": "link-a"},
        tier="1h-5m",
        severity="page",
        fired_ns=time.time_ns() - minutes_ago * MINUTE_NS,
    )


def pages_heard(pagers: Pagers) -> int:
    return len([path for path, _ in pagers.heard if path == "/page"])


def is_settled(url: str) -> bool:
    with urllib.request.urlopen(f"{url}/api/v2/status") as response:
        cluster = json.load(response)["cluster"]
    return cluster["status"] == "ready" and len(cluster["peers"]) == 2


def test_a_pair_of_alertmanagers_pages_once(debian_tools: DebianRoot, pagers: Pagers) -> None:
    config = re.sub(r"(group_wait|group_interval): \w+", r"\1: 1s", render_alertmanager(pagers.webhooks))
    with running_alertmanager_pair(debian_tools, config) as urls:
        assert eventually(lambda: all(map(is_settled, urls)))
        with closing(AlertmanagerClient(urls)) as client:
            assert [delivery.problem for delivery in client.send([page(1)], time.time_ns())] == ["", ""]
        assert eventually(lambda: pages_heard(pagers) == 1)
        time.sleep(6.0)  # twice what the second waits for the first to have told
        assert pages_heard(pagers) == 1


def test_ten_minutes_without_alertmanager_lose_no_page(debian_tools: DebianRoot, pagers: Pagers) -> None:
    config = re.sub(r"(group_wait|group_interval): \w+", r"\1: 1s", render_alertmanager(pagers.webhooks))
    alert, port = page(10), free_port()
    with closing(AlertmanagerClient([f"http://127.0.0.1:{port}"])) as client:
        for minute in range(10, 0, -1):  # a virtual clock: the rounds of the ten minutes that nobody takes
            (delivery,) = client.send([alert], time.time_ns() - minute * MINUTE_NS)
            assert "does not answer" in delivery.problem
        with running_alertmanager(debian_tools, config, port=port):
            (delivery,) = client.send([alert], time.time_ns())
            assert (delivery.sent, delivery.problem) == (1, "")
            assert eventually(lambda: pagers.told("page", "firing") == {("link-availability", "link-a")})
