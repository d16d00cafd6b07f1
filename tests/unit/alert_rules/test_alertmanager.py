"""The contract with Alertmanager: what is sent, when, in what pieces, and what refusals do."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from alert_rules import Alert, AlertmanagerClient, build_payload, select_alerts
from model.clock import MINUTE_NS, SECOND_NS

NOW_NS = 1_700_000_040 * SECOND_NS
LABELS = {"alertname": "ErrorBudgetBurn", "device": "mem-delft"}
FIRING = Alert(
    labels=LABELS,
    fired_ns=NOW_NS - 10 * MINUTE_NS,
    annotations={"summary": "It burns.", "runbook_url": ""},
    generator_url="https://herald.example.org/slo/a",
)


def resolved(minutes_ago: int) -> Alert:
    return Alert(labels=LABELS, fired_ns=NOW_NS - 60 * MINUTE_NS, resolved_ns=NOW_NS - minutes_ago * MINUTE_NS)


def test_a_firing_alert_ends_four_resends_from_now():
    assert build_payload([FIRING], NOW_NS) == [
        {
            "labels": LABELS,
            "annotations": {"summary": "It burns."},
            "startsAt": "2023-11-14T22:04:00Z",
            "endsAt": "2023-11-14T22:18:00Z",
            "generatorURL": "https://herald.example.org/slo/a",
        }
    ]


def test_a_resolved_alert_ends_when_it_was_resolved():
    assert build_payload([resolved(5)], NOW_NS)[0]["endsAt"] == "2023-11-14T22:09:00Z"


def test_the_payload_follows_from_what_is_kept_and_the_time_alone():
    assert build_payload([FIRING], NOW_NS) == build_payload([FIRING], NOW_NS)


def test_resolved_alerts_are_repeated_for_a_quarter_of_an_hour():
    alerts = [FIRING, resolved(15), resolved(16)]
    assert select_alerts(alerts, NOW_NS) == [FIRING, resolved(15)]


@pytest.mark.parametrize(
    "alert",
    [
        Alert(labels={}, fired_ns=0),
        Alert(labels={"device": ""}, fired_ns=0),
        Alert(labels={"bad-name": "x"}, fired_ns=0),
        Alert(labels=LABELS, fired_ns=MINUTE_NS, resolved_ns=0),
    ],
    ids=["no labels", "empty labels", "bad name", "ends before it starts"],
)
def test_what_alertmanager_would_refuse_is_not_sent(alert):
    assert build_payload([alert], NOW_NS) == []


class Replica:
    """An HTTP server that notes what it is sent and answers as it is told."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.bodies: list[list[Any]] = []
        self.paths: list[tuple[str, str | None]] = []
        replica = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                replica.paths.append((self.path, self.headers["Content-Type"]))
                replica.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(replica.status)
                self.end_headers()
                self.wfile.write(b'"bad alert"')

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def good_replica() -> Iterator[Replica]:
    replica = Replica(200)
    yield replica
    replica.stop()


@pytest.fixture
def refusing_replica() -> Iterator[Replica]:
    replica = Replica(400)
    yield replica
    replica.stop()


@pytest.fixture
def failing_replica() -> Iterator[Replica]:
    replica = Replica(503)
    yield replica
    replica.stop()


def send(*urls: str, count: int = 1) -> list[tuple[int, str]]:
    alerts = [Alert(labels={**LABELS, "n": str(n)}, fired_ns=NOW_NS) for n in range(count)]
    client = AlertmanagerClient(urls)
    deliveries = client.send(alerts, NOW_NS)
    client.close()
    return [(delivery.sent, delivery.problem) for delivery in deliveries]


def test_alerts_are_posted_to_the_api(good_replica):
    assert send(good_replica.url + "/") == [(1, "")]
    assert good_replica.paths == [("/api/v2/alerts", "application/json")]


def test_many_alerts_travel_in_batches(good_replica):
    send(good_replica.url, count=600)
    assert [len(body) for body in good_replica.bodies] == [256, 256, 88]


def test_nothing_to_say_is_not_sent(good_replica):
    assert send(good_replica.url, count=0) == [(0, "")]
    assert good_replica.bodies == []


def test_a_refusal_counts_as_partly_stored_and_is_not_repeated(refusing_replica):
    ((sent, problem),) = send(refusing_replica.url)
    assert (sent, len(refusing_replica.bodies)) == (1, 1)
    assert problem.endswith('answered 400: "bad alert"')


def test_a_failure_is_told_and_left_to_the_next_round(failing_replica):
    ((sent, problem),) = send(failing_replica.url)
    assert (sent, len(failing_replica.bodies)) == (0, 1)
    assert "answered 503" in problem


def test_every_replica_hears_of_it_even_when_the_first_is_down(good_replica):
    (down, up) = send("http://127.0.0.1:9", good_replica.url)
    assert "does not answer" in down[1]
    assert up == (1, "")
