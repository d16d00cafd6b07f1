"""The same instruments on a Prometheus endpoint: cumulative totals, collected when somebody scrapes.

Names follow OpenTelemetry's rules for Prometheus: dots become underscores, the unit is spelled out at the end,
counters end in `_total`. A series carries its attributes as labels, and `quantum_site_id` for its site.
Several sites share one endpoint, and a metric of several sites is one family.
"""

import threading
from typing import Final

from opentelemetry.sdk.metrics.export import (
    Histogram,
    HistogramDataPoint,
    MetricReader,
    MetricsData,
    NumberDataPoint,
    Sum,
)
from opentelemetry.sdk.metrics.export import Metric as SdkMetric
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from model import names
from model.errors import PortInUseError

_UNIT_SUFFIX: Final = {
    "s": "seconds", "Hz": "hertz", "By": "bytes", "Cel": "celsius", "K": "kelvin", "V": "volts", "A": "amperes",
    "W": "watts", "T": "teslas", "Pa": "pascals", "m": "meters", "J": "joules", "bit/s": "bit_per_second",
}  # fmt: skip


def render_prometheus_name(metric: str, unit: str, instrument: str) -> str:
    """Return the family name, without the `_total` that samples of a counter end in.

    >>> render_prometheus_name("quantum.memory.hold.duration", "s", "histogram")
    'quantum_memory_hold_duration_seconds'
    """
    suffix = "ratio" if unit == "1" and instrument == "gauge" else _UNIT_SUFFIX.get(unit, "")
    name = render_label(metric)
    return f"{name}_{suffix}" if suffix and not name.endswith(f"_{suffix}") else name


def render_label(attribute: str) -> str:
    """Return an attribute's name as a label."""
    return attribute.replace(".", "_").replace("-", "_")


class SiteReader(MetricReader):
    """Collects one site's instruments on demand; give it to that site's MeterProvider."""

    def __init__(self, site: str) -> None:
        super().__init__()  # cumulative for every instrument
        self.site = site
        self._lock = threading.Lock()
        self._latest: MetricsData | None = None

    def read(self) -> list[SdkMetric]:
        """Return all metrics as they stand now."""
        with self._lock:
            self._latest = None
            self.collect()
            latest = self._latest
        if latest is None:
            return []
        return [m for r in latest.resource_metrics for s in r.scope_metrics for m in s.metrics]

    def _receive_metrics(
        self,
        metrics_data: MetricsData,
        timeout_millis: float = 10_000,  # noqa: ARG002  the SDK passes it
        **_kwargs: object,
    ) -> None:
        self._latest = metrics_data

    def force_flush(self, timeout_millis: float = 10_000) -> bool:  # noqa: ARG002
        """Do nothing: whoever scrapes collects."""
        return True

    def shutdown(self, timeout_millis: float = 30_000, **_kwargs: object) -> None:
        """Do nothing: the endpoint outlives the site."""


class PrometheusEndpoint(Collector):
    """An HTTP server that shows the instruments of all its sites."""

    def __init__(self, port: int, *, host: str = "127.0.0.1") -> None:
        """Listen; port 0 takes a free one. Raises PortInUseError."""
        self._readers: list[SiteReader] = []
        registry = CollectorRegistry()
        registry.register(self)
        try:
            self._server, self._thread = start_http_server(port, host, registry)
        except OSError as exc:
            raise PortInUseError(f"cannot serve Prometheus metrics on {host}:{port} ({exc.strerror})") from exc

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return int(self._server.server_port)

    def reader(self, site: str) -> SiteReader:
        """Return a new reader whose metrics the endpoint shows."""
        reader = SiteReader(site)
        self._readers.append(reader)
        return reader

    def collect(self) -> list[Metric]:
        """Return one family per metric over all sites, sorted by name."""
        families: dict[str, Metric] = {}
        for reader in self._readers:
            for metric in reader.read():
                _add_metric(families, metric, reader.site)
        return [families[name] for name in sorted(families)]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _add_metric(families: dict[str, Metric], metric: SdkMetric, site: str) -> None:
    kind = _kind(metric)
    name = render_prometheus_name(metric.name, metric.unit or "", kind)
    family = families.setdefault(name, Metric(name, metric.description or "", kind))
    for point in metric.data.data_points:
        labels = {render_label(key): str(value) for key, value in (point.attributes or {}).items()}
        labels[render_label(names.ATTR_SITE_ID)] = site
        if isinstance(point, HistogramDataPoint):
            _add_histogram(family, name, labels, point)
        elif isinstance(point, NumberDataPoint):
            family.add_sample(f"{name}_total" if kind == "counter" else name, labels, point.value)


def _kind(metric: SdkMetric) -> str:
    if isinstance(metric.data, Histogram):
        return "histogram"
    return "counter" if isinstance(metric.data, Sum) and metric.data.is_monotonic else "gauge"


def _add_histogram(family: Metric, name: str, labels: dict[str, str], point: HistogramDataPoint) -> None:
    below = 0
    for bound, count in zip((*point.explicit_bounds, float("inf")), point.bucket_counts, strict=True):
        below += count
        family.add_sample(f"{name}_bucket", {**labels, "le": _render_bound(bound)}, below)
    family.add_sample(f"{name}_count", labels, point.count)
    family.add_sample(f"{name}_sum", labels, point.sum)


def _render_bound(bound: float) -> str:
    """Return a bucket's upper bound as Prometheus spells it.

    >>> _render_bound(0.5), _render_bound(float("inf"))
    ('0.5', '+Inf')
    """
    return "+Inf" if bound == float("inf") else repr(bound)
