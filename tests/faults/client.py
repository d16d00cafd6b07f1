"""The journaled client: sends, and writes down what it was told about every request."""

import http.client
import random
import threading
import time
from collections.abc import Sequence

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from tests.faults.requests import Outcome, PointSource, Request

_TIMEOUT_S = 5.0
_PAUSE_S = 0.05
_PATIENCE_S = 180.0


class Client:
    """Posts requests to the collector behind `port`."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: http.client.HTTPConnection | None = None

    def send(self, request: Request) -> Outcome:
        """Send once and return what is known then; an acknowledgement is final."""
        try:
            status, body = self._post(request)
        except (OSError, http.client.HTTPException):
            self.close()
            return request.outcome  # an attempt without an answer changes nothing of what is known
        if status == http.client.OK:
            answer = ExportMetricsServiceResponse.FromString(body)
            request.outcome, request.rejected = Outcome.ACKNOWLEDGED, answer.partial_success.rejected_data_points
        elif status not in (http.client.SERVICE_UNAVAILABLE, http.client.TOO_MANY_REQUESTS):
            request.outcome = Outcome.REFUSED
        return request.outcome

    def deliver(self, request: Request) -> None:
        """Send until there is an answer that is final, as an exporter with patience does."""
        deadline = time.monotonic() + _PATIENCE_S
        while self.send(request) is Outcome.UNKNOWN:
            if time.monotonic() > deadline:
                raise TimeoutError("the collector gave no final answer")
            time.sleep(_PAUSE_S)

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _post(self, request: Request) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT_S)
        headers = {"content-type": "application/x-protobuf", **request.headers}
        self._connection.request("POST", "/v1/metrics", request.body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()


class Load:
    """Several clients that send one after the other until told to stop.

    After a request without an answer a client mostly sends it again, and sometimes goes on: the request is left for
    `finish`, so that one sees whether what is unknown is stored at most once.
    """

    def __init__(
        self, port: int, source: PointSource, chance: random.Random, *, clients: int = 4, per_device: int = 20
    ) -> None:
        self.requests: list[Request] = []
        self._port = port
        self._source = source
        self._per_device = per_device
        self._stop = threading.Event()
        self._seeds = [chance.random() for _ in range(clients)]
        self._threads = [threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(clients)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Send nothing new, and return when every client has finished what it was at."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        chance, client = random.Random(self._seeds[number]), Client(self._port)
        devices = [f"{number}-{letter}" for letter in "abc"]
        while not self._stop.is_set():
            request = self._source.request(devices, self._per_device)
            self.requests.append(request)
            while client.send(request) is Outcome.UNKNOWN and chance.random() < 0.8:
                time.sleep(_PAUSE_S)
            time.sleep(0.002)
        client.close()


def finish(port: int, requests: Sequence[Request]) -> None:
    """Deliver what is still unknown."""
    client = Client(port)
    for request in requests:
        if request.outcome is Outcome.UNKNOWN:
            client.deliver(request)
    client.close()
