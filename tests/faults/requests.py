"""What the client sends: every point is unique by series, time and value, so that each can be found again."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from model import names
from model.clock import SECOND_NS

METRIC = "fault.gauge"
COUNTER = "fault.counter"
STEP_NS = 1_000_000

Point = tuple[str, int, float]
"""Device, time in nanoseconds, value."""


class Outcome(Enum):
    """What the client knows of a request: no answer is not a refusal."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Request:
    """A body, the points in it that should be stored, and how many in it should be rejected."""

    body: bytes
    points: Sequence[Point]
    to_reject: int = 0
    outcome: Outcome = Outcome.UNKNOWN
    rejected: int = 0
    headers: dict[str, str] = field(default_factory=dict)


class PointSource:
    """Makes unique points: the devices' names begin with `run`, times ascend from `start_ns` by a millisecond."""

    def __init__(self, run: str, start_ns: int) -> None:
        self.run = run
        self.start_ns = start_ns // SECOND_NS * SECOND_NS
        self._numbers = itertools.count(1)

    def points(self, device: str, count: int) -> list[Point]:
        """Return the next points of one device."""
        numbers = [next(self._numbers) for _ in range(count)]
        return [(f"{self.run}-{device}", self.start_ns + n * STEP_NS, float(n)) for n in numbers]

    def request(self, devices: Sequence[str], per_device: int) -> Request:
        """Return a request of several devices' next points."""
        points = [point for device in devices for point in self.points(device, per_device)]
        return Request(encode(points), points)


def encode(points: Sequence[Point], *, metric: str = METRIC) -> bytes:
    """Return the points as one gauge of an OTLP request."""
    return build(points, metric=metric).SerializeToString()


def build(points: Sequence[Point], *, metric: str = METRIC) -> ExportMetricsServiceRequest:
    """Return the points as one gauge."""
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    group.resource.attributes.add(key=names.ATTR_SITE_ID).value.string_value = "fault-site"
    gauge = group.scope_metrics.add().metrics.add(name=metric, unit="1")
    for device, time_ns, value in points:
        point = gauge.gauge.data_points.add(time_unix_nano=time_ns, as_double=value)
        point.attributes.add(key=names.ATTR_DEVICE_ID).value.string_value = device
    return request


def regroup(requests: Sequence[Request], sizes: Sequence[int]) -> list[Request]:
    """Return the same points in other requests, of these sizes in turn: what a gateway does after a restart."""
    points = [point for request in requests for point in request.points]
    parts, sizes_in_turn = [], itertools.cycle(sizes)
    while points:
        size = next(sizes_in_turn)
        parts.append(Request(encode(points[:size]), points[:size]))
        points = points[size:]
    return parts
