"""OTLP metrics -> number and histogram points, checked against the OpenTelemetry data model.

What is wrong with a metric (unit, temporality, name, type) rejects all its points; what is wrong with a point
rejects that point. A metric that the registry does not know is taken as it comes.

Two roads give the same: `decode` takes a parsed request point by point, `decode_bytes` reads the points of a
serialized one in columns and leaves whatever is unusual to the first.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint, Metric, NumberDataPoint

from collector.decode.decoded import Decoded
from collector.decode.histogram_columns import decode_histogram_columns
from collector.decode.histograms import decode_explicit, decode_exponential
from collector.decode.numbers import NumberColumns, Run, decode_number
from collector.decode.outline import parse_metrics_outline, split
from collector.decode.rejections import LONGEST_NAME, Reason
from collector.decode.series import Origin, SeriesCache, Stream
from collector.decode.values import decode_text
from model.points import Kind, Numbers, Temporality
from model.registry import MetricDefinition

_TEMPORALITIES = {1: Temporality.DELTA, 2: Temporality.CUMULATIVE}
_KINDS = {
    "gauge": Kind.GAUGE,
    "sum": Kind.SUM,
    "histogram": Kind.HISTOGRAM,
    "exponential_histogram": Kind.EXPONENTIAL_HISTOGRAM,
}
_PIECE_BYTES = 8 * 1024**2
"""Of a larger request: frame and points take several times the room of their bytes."""
_POINTS_PER_SERIES = 4
"""How many times a series may be remembered in the order of some request."""

Rest = Callable[[Decoded], None]


@dataclass(slots=True)
class _Pile:
    """The serialized points of one kind in a request, and which metric they are of."""

    messages: list[bytes] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    left: list[int] = field(default_factory=list)

    def add(self, points: Sequence[bytes], run: Callable[[int, int], Run]) -> Run:
        start = len(self.messages)
        self.messages.extend(points)
        self.runs.append(run(start, len(self.messages)))
        return self.runs[-1]

    def decode_left(self, run: Run, decode: Callable[[bytes, Run, Decoded], None], decoded: Decoded) -> None:
        for i in self.left[bisect_left(self.left, run.start) : bisect_left(self.left, run.stop)]:
            decode(self.messages[i], run, decoded)


class MetricsDecoder:
    """Decodes metrics requests and remembers the series it has seen; may be used from several threads."""

    def __init__(self, definitions: Mapping[str, MetricDefinition], *, max_series: int = 100_000) -> None:
        self._definitions = definitions
        self._cache = SeriesCache(max_series)
        self._columns = NumberColumns(_POINTS_PER_SERIES * max_series)

    def decode(self, request: ExportMetricsServiceRequest) -> Decoded:
        """Return the good points and the rejections."""
        decoded = Decoded()
        for group in request.resource_metrics:
            for scope in group.scope_metrics:
                origin = self._origin(group, scope)
                for metric in scope.metrics:
                    self._decode_metric(metric, origin, decoded)
        return decoded.finish()

    def decode_bytes(self, body: bytes) -> Decoded:
        """Return the good points and the rejections.

        Raises google.protobuf.message.DecodeError where `body` is no request.
        """
        decoded = Decoded()
        columns = [self._decode_piece(piece, decoded) for piece in split(body, _PIECE_BYTES)]
        decoded.batch.numbers = Numbers.join(columns)
        return decoded.finish()

    def _decode_piece(self, piece: bytes, decoded: Decoded) -> Numbers:
        """Decode some groups of a request; return the number points that are columns."""
        numbers, histograms = _Pile(), _Pile()
        rests = self._sort_all(piece, numbers, histograms)
        found = Numbers.of(())
        if numbers.messages:
            found, left = self._columns.decode(numbers.messages, numbers.runs)
            numbers.left = left.tolist()
        if histograms.messages:
            blocks, left = decode_histogram_columns(histograms.messages, histograms.runs)
            decoded.batch.histograms += blocks
            histograms.left = left.tolist()
        for rest in rests:
            rest(decoded)
        return found

    def _sort_all(self, body: bytes, numbers: _Pile, histograms: _Pile) -> list[Rest]:
        """Sort every metric; the frame, as large as the bytes, is gone afterwards."""
        rests: list[Rest] = []
        for group in parse_metrics_outline(body).resource_metrics:
            for scope in group.scope_metrics:
                origin = self._origin(group, scope)
                rests += [self._sort(metric, origin, numbers, histograms) for metric in scope.metrics]
        return rests

    def _sort(self, metric: Any, origin: Origin, numbers: _Pile, histograms: _Pile) -> Rest:
        """Put the points where they are decoded together; return what decodes those that must be taken alone."""
        kind = metric.WhichOneof("data")
        if kind in ("gauge", "sum", "histogram") and self._find_metric_flaw(metric) is None:
            pile = histograms if kind == "histogram" else numbers
            run = pile.add(getattr(metric, kind).data_points, lambda *span: self._run(origin, metric, *span))
            decode = _decode_explicit if kind == "histogram" else _decode_number
            return lambda decoded: pile.decode_left(run, decode, decoded)
        whole = Metric.FromString(metric.SerializeToString())
        return lambda decoded: self._decode_metric(whole, origin, decoded)

    def _decode_metric(self, metric: Metric, origin: Origin, decoded: Decoded) -> None:
        flaw = self._find_metric_flaw(metric)
        if flaw is not None:
            reason, example = flaw
            decoded.rejections.add(reason, example, _count_points(metric))
            return
        run = self._run(origin, metric)
        match metric.WhichOneof("data"):
            case "gauge" | "sum" as kind:
                for number in getattr(metric, kind).data_points:
                    decode_number(number, run, decoded)
            case "histogram":
                for explicit in metric.histogram.data_points:
                    decode_explicit(explicit, run, decoded)
            case "exponential_histogram":
                for exponential in metric.exponential_histogram.data_points:
                    decode_exponential(exponential, run, decoded)

    def _origin(self, group: Any, scope: Any) -> Origin:
        return self._cache.origin(group.resource.SerializeToString(), scope.scope.SerializeToString())

    def _run(self, origin: Origin, metric: Any, start: int = 0, stop: int = 0) -> Run:
        kind = metric.WhichOneof("data")
        data = getattr(metric, kind) if kind else None
        stream = Stream(
            metric=decode_text(metric.name),
            kind=_KINDS.get(kind, Kind.GAUGE),
            unit=decode_text(metric.unit),
            temporality=_TEMPORALITIES.get(getattr(data, "aggregation_temporality", 0), Temporality.NONE),
            monotonic=getattr(data, "is_monotonic", False),
        )
        return Run(self._cache.metric(origin, stream), metric.name, stream.kind is not Kind.GAUGE, start, stop)

    def _find_metric_flaw(self, metric: Any) -> tuple[Reason, str] | None:
        data = metric.WhichOneof("data")
        if not metric.name:
            return Reason.NAME, "a metric has no name"
        if len(metric.name) > LONGEST_NAME:
            return Reason.SIZE, f"a name of {len(metric.name)} characters is longer than {LONGEST_NAME}"
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


def _decode_number(message: bytes, run: Run, decoded: Decoded) -> None:
    decode_number(NumberDataPoint.FromString(message), run, decoded)


def _decode_explicit(message: bytes, run: Run, decoded: Decoded) -> None:
    decode_explicit(HistogramDataPoint.FromString(message), run, decoded)


def _count_points(metric: Metric) -> int:
    data = metric.WhichOneof("data")
    return 0 if data is None else len(getattr(metric, data).data_points)
