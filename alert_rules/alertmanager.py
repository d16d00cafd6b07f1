"""Alertmanager's API v2, spoken as Prometheus speaks it.

Alertmanager forgets what is not repeated, so the caller keeps the alerts and sends all of them every `RESEND_NS`:
firing ones with an `endsAt` a few repeats ahead (so that a restart of the engine resolves nothing, and a lost engine
leaves nothing for long), resolved ones for `RESOLVED_FOR_NS`. Every replica gets every alert. A failed post is not
repeated here: the next round is the repeat.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import urllib3

from alert_rules.alerts import Alert
from model.clock import MINUTE_NS, format_time

RESEND_NS = MINUTE_NS
RESOLVED_FOR_NS = 15 * MINUTE_NS
_ENDS_AFTER_RESENDS = 4
_BATCH = 256
_TIMEOUT_S = 10.0
_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of one round at one replica; `problem` is empty if all went well.

    After a status 400 the valid alerts of a batch are stored all the same, so they count as sent.
    """

    url: str
    sent: int
    problem: str = ""


def select_alerts(alerts: Iterable[Alert], now_ns: int) -> list[Alert]:
    """Return the alerts that Alertmanager must hear of now: firing, or resolved a short while ago."""
    return [a for a in alerts if a.resolved_ns is None or now_ns - a.resolved_ns <= RESOLVED_FOR_NS]


def build_payload(alerts: Iterable[Alert], now_ns: int, *, resend_ns: int = RESEND_NS) -> list[dict[str, Any]]:
    """Return the body of `POST /api/v2/alerts` for these alerts, without those that it would refuse."""
    return [_build(alert, now_ns, resend_ns) for alert in alerts if _is_acceptable(alert)]


class AlertmanagerClient:
    """Posts alerts to every replica."""

    def __init__(self, urls: Sequence[str], *, timeout_s: float = _TIMEOUT_S) -> None:
        self._urls = [url.rstrip("/") for url in urls]
        self._pool = urllib3.PoolManager(timeout=timeout_s, retries=False)

    def send(self, alerts: Iterable[Alert], now_ns: int) -> list[Delivery]:
        """Send what is due at `now_ns` and return what became of it at each replica; never raises for a replica."""
        payload = build_payload(select_alerts(alerts, now_ns), now_ns)
        return [self._send_to(url, payload) for url in self._urls]

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _send_to(self, url: str, payload: list[dict[str, Any]]) -> Delivery:
        sent, problems = 0, []
        for start in range(0, len(payload), _BATCH):
            batch = payload[start : start + _BATCH]
            try:
                problem = self._post(url, batch)
            except urllib3.exceptions.HTTPError as exc:
                problems.append(f"{url} does not answer: {exc}")
                break
            sent += len(batch) if problem is None or problem.status == _PARTIAL else 0
            if problem is not None:
                problems.append(problem.text)
        return Delivery(url=url, sent=sent, problem="; ".join(problems))

    def _post(self, url: str, batch: Sequence[dict[str, Any]]) -> "_Refusal | None":
        response = self._pool.request(
            "POST",
            f"{url}/api/v2/alerts",
            body=json.dumps(batch).encode(),
            headers={"Content-Type": "application/json"},
        )
        if response.status < 300:
            return None
        reason = " ".join(response.data.decode(errors="replace").split())[:300]
        return _Refusal(response.status, f"{url} answered {response.status}: {reason}")


_PARTIAL = 400


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    text: str


def _is_acceptable(alert: Alert) -> bool:
    """Return whether Alertmanager takes the alert: one bad alert would make its whole batch look refused."""
    named = any(alert.labels.values()) and all(_LABEL_NAME.fullmatch(name) for name in alert.labels)
    return named and (alert.resolved_ns is None or alert.resolved_ns >= alert.fired_ns)


def _build(alert: Alert, now_ns: int, resend_ns: int) -> dict[str, Any]:
    ends_ns = now_ns + _ENDS_AFTER_RESENDS * resend_ns if alert.resolved_ns is None else alert.resolved_ns
    built: dict[str, Any] = {
        "labels": {name: value for name, value in alert.labels.items() if value},
        "annotations": {name: value for name, value in alert.annotations.items() if value},
        "startsAt": format_time(alert.fired_ns),
        "endsAt": format_time(ends_ns),
    }
    if alert.generator_url:
        built["generatorURL"] = alert.generator_url
    return built
