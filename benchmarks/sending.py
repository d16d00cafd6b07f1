"""`python -m benchmarks.sending`: the client, a process of its own, so that its work is not the collector's.

Several agents post their requests one after the other over connections that stay open, as fast as they are answered
or at a given rate. Prints one JSON object: what was acknowledged, in how long, and how long each answer took.
"""

import argparse
import http.client
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from benchmarks.requests import BUILDERS, Template

_HEADERS = {"content-type": "application/x-protobuf"}
_TRY_AGAIN = frozenset({429, 502, 503, 504})
_TIMEOUT_S = 60.0


@dataclass(slots=True)
class Agent:
    """Sends the requests of one site."""

    url: str
    template: Template
    rate: float
    """Requests a second; 0 for as many as are answered."""
    answers_s: list[float] = field(default_factory=list)
    sent_at_s: list[float] = field(default_factory=list)
    """Seconds since 1970, by the clock of the machine."""
    acknowledged: int = 0
    asked_again: int = 0

    def send(self, requests: int, begin: threading.Barrier) -> None:
        """Send so many requests. Raises RuntimeError for one that is refused for good."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 4318, timeout=_TIMEOUT_S)
        path = f"{parts.path.rstrip('/')}/v1/{self.template.signal}"
        begin.wait()
        start_s = time.perf_counter()
        for number in range(requests):
            if self.rate:
                time.sleep(max(0.0, start_s + number / self.rate - time.perf_counter()))
            self.sent_at_s.append(time.time())
            self._post(connection, path, self.template.next())
        connection.close()

    def _post(self, connection: http.client.HTTPConnection, path: str, body: bytes) -> None:
        while True:
            sent_s = time.perf_counter()
            connection.request("POST", path, body, _HEADERS)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status < 300:
                self.answers_s.append(time.perf_counter() - sent_s)
                self.acknowledged += self.template.items
                return
            if answer.status not in _TRY_AGAIN:
                raise RuntimeError(f"{path} answered {answer.status}: {said[:200]!r}")
            self.asked_again += 1
            time.sleep(float(answer.headers.get("retry-after", 1)))


def send_load(url: str, kind: str, *, agents: int, requests: int, rate: float, skip: int) -> dict[str, object]:
    """Return what sending came to; `rate` is items a second of all agents, `skip` the requests sent before."""
    senders = []
    for number in range(agents):
        template = BUILDERS[kind](f"site-{number}")
        template.skip(skip)
        senders.append(Agent(url, template, rate / agents / template.items))
    begin = threading.Barrier(agents + 1)
    with ThreadPoolExecutor(agents) as threads:
        sending = [threads.submit(sender.send, requests, begin) for sender in senders]
        began_at_s, cpu_before_s, start_s = time.time(), time.process_time(), time.perf_counter()
        begin.wait()
        for each in sending:
            each.result()
    return {
        "acknowledged": sum(sender.acknowledged for sender in senders),
        "seconds": time.perf_counter() - start_s,
        "cpu_s": time.process_time() - cpu_before_s,
        "began_at_s": began_at_s,
        "sent_at_s": senders[0].sent_at_s,
        "asked_again": sum(sender.asked_again for sender in senders),
        "answers_s": sorted(answer for sender in senders for answer in sender.answers_s),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sending")
    parser.add_argument("url")
    parser.add_argument("kind", choices=sorted(BUILDERS))
    parser.add_argument("--agents", type=int, default=4)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--skip", type=int, default=0)
    asked = parser.parse_args()
    sent = send_load(
        asked.url, asked.kind, agents=asked.agents, requests=asked.requests, rate=asked.rate, skip=asked.skip
    )
    json.dump(sent, sys.stdout)


if __name__ == "__main__":
    main()
