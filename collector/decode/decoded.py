"""What decoding yields: the good part as a batch, and what was left out."""

from dataclasses import dataclass, field

from collector.decode.rejections import Rejections
from model.points import Batch, HistogramPoint, Histograms, Numbers, Series
from model.spans import Span, Spans


@dataclass(slots=True)
class Decoded:
    """One request.

    `no_value` counts points flagged "no recorded value": dropped, but nobody's mistake. `mended_starts` counts points
    that said they start after their own time, and are kept as starting at it.
    """

    batch: Batch = field(default_factory=lambda: Batch(position=0, digest=b""))
    rejections: Rejections = field(default_factory=Rejections)
    no_value: int = 0
    mended_starts: int = 0
    _numbers: list[tuple[Series, int, int, float]] = field(default_factory=list)
    _histograms: list[HistogramPoint] = field(default_factory=list)
    _spans: list[Span] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """The number of points, records or spans that will be stored."""
        return len(self.batch)

    @property
    def warning(self) -> str:
        """What the sender should know of points that are kept, empty if there is nothing."""
        if not self.mended_starts:
            return ""
        return f"{self.mended_starts} data points start after their own time and are kept as starting at it"

    def mend_start(self, start_ns: int, time_ns: int) -> int:
        """Return a start that is not after the time: for the data model, a reset of which only the time is known.

        Some SDKs take the time of a collection before they let the last measurements in (opentelemetry-python 1.45
        is one), so a good value may come with such a start.
        """
        if start_ns <= time_ns:
            return start_ns
        self.mended_starts += 1
        return time_ns

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
