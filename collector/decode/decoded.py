"""What decoding yields: the good part as a batch, and what was left out."""

from dataclasses import dataclass, field

from collector.decode.rejections import Rejections
from model.points import Batch, HistogramPoint, Histograms, Numbers, Series
from model.spans import Span, Spans


@dataclass(slots=True)
class Decoded:
    """One request. `no_value` counts points flagged "no recorded value": dropped, but nobody's mistake."""

    batch: Batch = field(default_factory=lambda: Batch(position=0, digest=b""))
    rejections: Rejections = field(default_factory=Rejections)
    no_value: int = 0
    _numbers: list[tuple[Series, int, int, float]] = field(default_factory=list)
    _histograms: list[HistogramPoint] = field(default_factory=list)
    _spans: list[Span] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """The number of points, records or spans that will be stored."""
        return len(self.batch)

    def add_number(self, series: Series, time_ns: int, start_ns: int, value: float) -> None:
        """Keep a number point that was decoded by itself, until `finish`."""
        self._numbers.append((series, time_ns, start_ns, value))

    def add_histogram(self, point: HistogramPoint) -> None:
        """Keep a histogram point that was decoded by itself, until `finish`."""
        self._histograms.append(point)

    def add_span(self, span: Span) -> None:
        """Keep a span that was decoded by itself, until `finish`."""
        self._spans.append(span)

    def finish(self) -> "Decoded":
        """Make columns of the points and spans kept, behind those that are columns already."""
        if self._numbers:
            self.batch.numbers = Numbers.join([self.batch.numbers, Numbers.of(self._numbers)])
        self.batch.histograms += Histograms.of(self._histograms)
        self.batch.spans += Spans.of(self._spans)
        self._numbers, self._histograms, self._spans = [], [], []
        return self
