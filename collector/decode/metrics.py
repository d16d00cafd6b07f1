"""OTLP metrics -> number and histogram points, checked against the OpenTelemetry data model.

What is wrong with a metric (unit, temporality, name, type) rejects all its points; what is wrong with a point
rejects that point. A metric that the registry does not know is taken as it comes.
"""

from collections.abc import Iterable, Mapping

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, NumberDataPoint

from collector.decode.decoded import Decoded
from collector.decode.histograms import decode_explicit, decode_exponential
from collector.decode.rejections import Reason
from collector.decode.series import MetricSeries, Origin, SeriesCache, Stream
from collector.decode.times import find_time_flaw
from collector.decode.values import decode_text
from model.points import Kind, Temporality
from model.registry import MetricDefinition

NO_RECORDED_VALUE = 1
"""Bit of `flags`: the series ended here; the point has no value."""

_TEMPORALITIES = {1: Temporality.DELTA, 2: Temporality.CUMULATIVE}


class MetricsDecoder:
    """Decodes metrics requests and remembers the series it has seen; may be used from several threads."""

    def __init__(self, definitions: Mapping[str, MetricDefinition], *, max_series: int = 100_000) -> None:
        self._definitions = definitions
        self._cache = SeriesCache(max_series)

    def decode(self, request: ExportMetricsServiceRequest) -> Decoded:
        """Return the good points and the rejections."""
        decoded = Decoded()
        for group in request.resource_metrics:
            for scope in group.scope_metrics:
                origin = self._cache.origin(group.resource, scope.scope)
                for metric in scope.metrics:
                    self._decode_metric(metric, origin, decoded)
        return decoded

    def _decode_metric(self, metric: Metric, origin: Origin, decoded: Decoded) -> None:
        flaw = self._find_metric_flaw(metric)
        if flaw is not None:
            reason, example = flaw
            decoded.rejections.add(reason, example, _count_points(metric))
            return
        match metric.WhichOneof("data"):
            case "gauge":
                series = self._series(origin, metric, Kind.GAUGE, 0)
                _decode_numbers(metric.gauge.data_points, series, decoded, metric.name, has_start=False)
            case "sum":
                temporality, monotonic = metric.sum.aggregation_temporality, metric.sum.is_monotonic
                series = self._series(origin, metric, Kind.SUM, temporality, monotonic=monotonic)
                _decode_numbers(metric.sum.data_points, series, decoded, metric.name, has_start=True)
            case "histogram":
                series = self._series(origin, metric, Kind.HISTOGRAM, metric.histogram.aggregation_temporality)
                for explicit in metric.histogram.data_points:
                    if not _drop_without_value(explicit.flags, decoded):
                        decode_explicit(explicit, series, decoded, metric.name)
            case "exponential_histogram":
                temporality = metric.exponential_histogram.aggregation_temporality
                series = self._series(origin, metric, Kind.EXPONENTIAL_HISTOGRAM, temporality)
                for exponential in metric.exponential_histogram.data_points:
                    if not _drop_without_value(exponential.flags, decoded):
                        decode_exponential(exponential, series, decoded, metric.name)

    def _series(
        self, origin: Origin, metric: Metric, kind: Kind, temporality: int, *, monotonic: bool = False
    ) -> MetricSeries:
        stream = Stream(
            metric=decode_text(metric.name),
            kind=kind,
            unit=decode_text(metric.unit),
            temporality=_TEMPORALITIES.get(temporality, Temporality.NONE),
            monotonic=monotonic,
        )
        return self._cache.metric(origin, stream)

    def _find_metric_flaw(self, metric: Metric) -> tuple[Reason, str] | None:
        data = metric.WhichOneof("data")
        if not metric.name:
            return Reason.NAME, "a metric has no name"
        if data == "summary":
            return Reason.SUMMARY, f"{metric.name}: summaries cannot be merged; send a histogram"
        if data in ("sum", "histogram", "exponential_histogram"):
            temporality = getattr(metric, data).aggregation_temporality
            if temporality not in _TEMPORALITIES:
                return Reason.TEMPORALITY, f"{metric.name}: the aggregation temporality is not specified"
        known = self._definitions.get(metric.name)
        if known is not None and metric.unit != known.unit:
            return Reason.UNIT, f"{metric.name}: the unit must be {known.unit!r}, not {metric.unit!r}"
        return None


def _decode_numbers(
    points: Iterable[NumberDataPoint], series: MetricSeries, decoded: Decoded, name: str, *, has_start: bool
) -> None:
    numbers, rejections = decoded.batch.numbers, decoded.rejections
    for point in points:
        if point.flags & NO_RECORDED_VALUE:
            decoded.no_value += 1
            continue
        time_ns = point.time_unix_nano
        start_ns = point.start_time_unix_nano if has_start else 0
        flaw = find_time_flaw(start_ns, time_ns)
        if flaw is not None:
            rejections.add(Reason.TIME, f"{name}: {flaw}")
            continue
        kind = point.WhichOneof("value")
        if kind is None:
            rejections.add(Reason.VALUE_MISSING, f"{name}: a point has no value")
            continue
        numbers.series.append(series.of(point.attributes))
        numbers.time_ns.append(time_ns)
        numbers.start_ns.append(start_ns)
        numbers.value.append(point.as_double if kind == "as_double" else float(point.as_int))


def _drop_without_value(flags: int, decoded: Decoded) -> bool:
    dropped = bool(flags & NO_RECORDED_VALUE)
    decoded.no_value += dropped
    return dropped


def _count_points(metric: Metric) -> int:
    data = metric.WhichOneof("data")
    return 0 if data is None else len(getattr(metric, data).data_points)
