"""The telemetry that ingestion is measured with: requests as agents send them, one point of each series of a site.

A template is encoded once by protobuf's own classes; a request is a copy of it with later times, and spans with other
trace ids, patched in. So making a request costs next to nothing, and no point is ever sent twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from google.protobuf.message import Message
from numpy.typing import NDArray
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA, Metric

from model import names
from model.clock import SECOND_NS
from model.registry import load_registry

START_NS = 1_760_000_040 * SECOND_NS
STEP_NS = 5 * SECOND_NS

_NUMBERS, _HISTOGRAMS, _SPANS = 4000, 1000, 1000
_COUNTERS = (names.METRIC_MEMORY_WRITES, names.METRIC_MEMORY_READS)
_GAUGES = (names.METRIC_MEMORY_T1, names.METRIC_MEMORY_T2)
_TRACE = int.from_bytes(b"TraceNo\0", "little")


@dataclass(slots=True)
class Template:
    """A request of `items` points or spans, for the path `/v1/<signal>`; `start_ns` is the time in the body."""

    signal: str
    items: int
    start_ns: int
    body: bytearray
    _times: NDArray[np.int64] = field(init=False)
    _traces: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        words = self._words()
        near = (words >= self.start_ns - 2 * STEP_NS) & (words <= self.start_ns)
        self._times = np.flatnonzero(near)
        self._traces = np.flatnonzero(words == _TRACE)

    def next(self) -> bytes:
        """Return the request of the next five seconds."""
        words = self._words()
        words[self._times] += np.uint64(STEP_NS)
        words[self._traces] += np.uint64(1 << 56)
        return bytes(self.body)

    def skip(self, steps: int) -> None:
        """Leave out so many requests."""
        self._words()[self._times] += np.uint64(steps * STEP_NS)

    def _words(self) -> NDArray[np.uint64]:
        return np.ndarray((len(self.body) - 7,), dtype="<u8", buffer=self.body, strides=(1,))


def build_numbers(site: str, start_ns: int = START_NS) -> Template:
    """Return half counters, half gauges."""
    rng = np.random.default_rng(seed=1)
    request, metrics = _open_metrics(site)
    each = _NUMBERS // 4
    for name in _COUNTERS:
        data = _add_metric(metrics, name).sum
        data.aggregation_temporality, data.is_monotonic = AGGREGATION_TEMPORALITY_DELTA, True
        for bank, value in enumerate(rng.poisson(25.0, each).tolist()):
            point = data.data_points.add(
                start_time_unix_nano=start_ns - STEP_NS, time_unix_nano=start_ns, as_int=value
            )
            point.attributes.extend(
                [_text(names.ATTR_DEVICE_ID, f"mem-{site}-{bank}"), _text(names.ATTR_OUTCOME, "success")]
            )
    for name in _GAUGES:
        gauge = _add_metric(metrics, name).gauge
        for bank, value in enumerate(rng.normal(1.0, 0.05, each).tolist()):
            point = gauge.data_points.add(time_unix_nano=start_ns, as_double=value)
            point.attributes.extend(
                [_text(names.ATTR_DEVICE_ID, f"mem-{site}-{bank}"), _text(names.ATTR_SLOT_ID, "slot-0")]
            )
    return _finish("metrics", _NUMBERS, start_ns, request)


def build_histograms(site: str, start_ns: int = START_NS) -> Template:
    """Return delta histograms of ten bounds."""
    rng = np.random.default_rng(seed=1)
    request, metrics = _open_metrics(site)
    data = _add_metric(metrics, names.METRIC_MEMORY_FIDELITY).histogram
    data.aggregation_temporality = AGGREGATION_TEMPORALITY_DELTA
    bounds = np.linspace(0.5, 0.99, 10).round(3).tolist()
    for bank in range(_HISTOGRAMS):
        buckets = rng.integers(0, 9, len(bounds) + 1).tolist()
        point = data.data_points.add(
            start_time_unix_nano=start_ns - STEP_NS, time_unix_nano=start_ns, count=sum(buckets), sum=40.5, min=0.3,
            max=0.999, bucket_counts=buckets, explicit_bounds=bounds,
        )  # fmt: skip
        point.attributes.extend(
            [_text(names.ATTR_DEVICE_ID, f"mem-{site}-{bank}"), _text(names.ATTR_SLOT_ID, "slot-0")]
        )
    return _finish("metrics", _HISTOGRAMS, start_ns, request)


def build_spans(site: str, start_ns: int = START_NS) -> Template:
    """Return spans of four attributes, one of which no other span has."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.append(_text(names.ATTR_SITE_ID, site))
    spans = group.scope_spans.add().spans
    for number in range(_SPANS):
        span = spans.add(
            trace_id=hash((site, number)).to_bytes(8, "little", signed=True) + _TRACE.to_bytes(8, "little"),
            span_id=(number + 1).to_bytes(8, "big"),
            name="quantum.memory.job",
            start_time_unix_nano=start_ns - STEP_NS,
            end_time_unix_nano=start_ns,
        )
        span.attributes.extend(
            [
                _text(names.ATTR_DEVICE_ID, f"mem-{site}-{number % 50}"),
                _text(names.ATTR_SLOT_ID, f"slot-{number % 20}"),
                _text(names.ATTR_OUTCOME, "success"),
                _text("quantum.job.id", f"job-{site}-{number}"),
            ]
        )
    return _finish("traces", _SPANS, start_ns, request)


BUILDERS: Mapping[str, Callable[..., Template]] = {
    "numbers": build_numbers,
    "histograms": build_histograms,
    "spans": build_spans,
}


def _open_metrics(site: str) -> tuple[ExportMetricsServiceRequest, list[Metric]]:
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    group.resource.attributes.extend([_text("service.name", "herald-agent"), _text(names.ATTR_SITE_ID, site)])
    scope = group.scope_metrics.add()
    scope.scope.name = "herald.exporters"
    return request, scope.metrics  # type: ignore[return-value]  # a container that behaves like a list


def _add_metric(metrics: list[Metric], name: str) -> Metric:
    metrics.append(Metric(name=name, unit=load_registry().metrics[name].unit))
    return metrics[-1]


def _text(key: str, value: str) -> KeyValue:
    pair = KeyValue(key=key)
    pair.value.string_value = value
    return pair


def _finish(signal: str, items: int, start_ns: int, request: Message) -> Template:
    return Template(signal, items, start_ns, bytearray(request.SerializeToString()))
