"""Two webhooks that people could hold in their hands, and Alertmanagers that do not wait before they call them."""

import json
import re
import threading
import time
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from alert_rules import Webhooks, render_alertmanager

PATIENCE_S = 60.0


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
    def config(self) -> str:
        """Return Alertmanager's configuration as shipped, with seconds where it would wait minutes."""
        webhooks = Webhooks(page_url=f"{self.url}/page", ticket_url=f"{self.url}/ticket")
        return re.sub(r"(group_wait|group_interval): \w+", r"\1: 1s", render_alertmanager(webhooks))

    def notifications(self, pager: str) -> list[Any]:
        """Return what a pager was told, one body each time."""
        return [body for path, body in self.heard if path == f"/{pager}"]

    def told(self, pager: str, status: str) -> set[tuple[str, str]]:
        """Return objective and entity of the alerts that a pager was told to be `firing` or `resolved`."""
        alerts = [a for body in self.notifications(pager) for a in body["alerts"] if a["status"] == status]
        return {identify(alert["labels"]) for alert in alerts}

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


def identify(labels: dict[str, str]) -> tuple[str, str]:
    """Return what is told of once, whatever tiers burn: objective and entity."""
    return labels["slo"], labels.get("device") or labels["link"]


def eventually(holds: Callable[[], bool]) -> bool:
    """Return whether it holds before the time is up."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
