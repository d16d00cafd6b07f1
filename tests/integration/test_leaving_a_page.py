"""A page that is left costs the database nothing more: what still runs for it is cancelled on the server."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from herald.web_sources import StoredSources
from tests.acceptance.browsing import serving
from tests.integration.telemetry import ACTIVE_QUERIES, query_all
from web import create_app
from web.panel_queries import TIMEOUT_S

SLOW = f"select now() as time, 1.0 as value from pg_sleep({TIMEOUT_S * 10})"
BOARD = {
    "uid": "slow",
    "panels": [{"id": 1, "type": "stat", "targets": [{"refId": "A", "rawSql": SLOW}]}],
    "annotations": {"list": [{"name": "Slow", "target": {"rawSql": SLOW}}]},
    "templating": {"list": [{"name": "site", "type": "query", "query": SLOW}]},
}
NO_VARIABLES = {**BOARD, "uid": "plain", "templating": {}}
PANEL = {"from": "now-1h", "to": "now", "dashboardUid": "plain", "panelId": 1, "queries": [{"refId": "A"}]}
QUESTIONS = {
    "a panel": ("POST /api/ds/query", json.dumps(PANEL)),
    "annotations": ("GET /api/annotations?dashboardUID=plain", ""),
    "variables": ("GET /api/herald/boards/slow", ""),
}


@pytest.fixture
def site(database: str) -> Iterator[str]:
    boards = {"slow": BOARD, "plain": NO_VARIABLES}
    with closing(StoredSources(database)) as sources, serving(create_app(sources, boards, [], "test")) as url:
        yield url


@pytest.mark.parametrize("what", QUESTIONS)
def test_what_a_page_asked_for_ends_on_the_server_when_its_connection_closes(site: str, database: str, what: str):
    question, body = QUESTIONS[what]
    headers = f"Host: herald.test\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    address = urlsplit(site)
    with socket.create_connection((address.hostname, address.port)) as client:
        client.sendall(f"{question} HTTP/1.1\r\n{headers}\r\n\r\n{body}".encode())
        wait_until_queries_run(database, 1)
    wait_until_queries_run(database, 0)


def wait_until_queries_run(database: str, number: int) -> None:
    """Wait, less long than until the statement's own timeout."""
    deadline = time.monotonic() + TIMEOUT_S / 2
    while query_all(database, ACTIVE_QUERIES) != [(number,)]:
        assert time.monotonic() < deadline, f"{number} queries should run"
        time.sleep(0.02)
