"""`python -m benchmarks.sending`: the client, a process of its own, so that its work is not the collector's.

Several agents post their requests one after the other over connections that stay open, as fast as they are answered
or at a given rate. Prints one JSON object: what was acknowledged, in how long, and how long each answer took.
"""

import argparse
import http.client
import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError
from opentelemetry.util.re import parse_env_headers

from benchmarks.requests import BUILDERS, START_NS, Template
from collector.signals import Signal, build_response

_PROTOBUF = "application/x-protobuf"
_CONNECTIONS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
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
        connection = _CONNECTIONS[parts.scheme](parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
        given = parse_env_headers(os.environ.get("OTEL_EXPORTER_OTLP_HEADERS", ""), liberal=True)
        headers = {"content-type": _PROTOBUF, **given}
        path = f"{parts.path.rstrip('/')}/v1/{self.template.signal}"
        begin.wait()
        start_s = time.perf_counter()
        with closing(connection):
            for number in range(requests):
                if self.rate:
                    time.sleep(max(0.0, start_s + number / self.rate - time.perf_counter()))
                self.sent_at_s.append(time.time())
                self._post(connection, path, self.template.next(), headers)

    def _post(
        self, connection: http.client.HTTPConnection, path: str, body: bytes, headers: Mapping[str, str]
    ) -> None:
        while True:
            sent_s = time.perf_counter()
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status < 300:
                self.answers_s.append(time.perf_counter() - sent_s)
                if said and (refusal := find_refusal(self.template.signal, said)):
                    raise RuntimeError(f"{path} took a part only: {refusal}")
                self.acknowledged += self.template.items
                return
            if answer.status not in _TRY_AGAIN:
                raise RuntimeError(f"{path} answered {answer.status}: {said[:200]!r}")
            self.asked_again += 1
            time.sleep(float(answer.headers.get("retry-after", 1)))


def find_refusal(signal: str, said: bytes) -> str:
    """Return what an answer of success says of items that were not taken; empty if there are none."""
    answer = build_response(Signal(signal), 0, "")
    try:
        answer.ParseFromString(said)
    except DecodeError:
        return ""  # an endpoint that answers in words of its own
    partial = answer.partial_success
    rejected = next((number for field, number in partial.ListFields() if field.name.startswith("rejected_")), 0)
    return f"{rejected} rejected, {partial.error_message}" if rejected else ""


def send_load(
    url: str, kind: str, *, agents: int, requests: int, rate: float, skip: int, start_ns: int
) -> dict[str, object]:
    """Return what sending came to; `rate` is items a second of all agents, `skip` the requests sent before."""
    senders = []
    for number in range(agents):
        template = BUILDERS[kind](f"site-{number}", start_ns)
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
    parser.add_argument("--start-ns", type=int, default=START_NS)
    sent = send_load(**vars(parser.parse_args()))
    json.dump(sent, sys.stdout)


if __name__ == "__main__":
    main()
