"""Small telemetry for the store tests, and a count of rows."""

import itertools
from collections.abc import Iterable, Sequence

from model import names
from model.attributes import attributes
from model.clock import MINUTE_NS, SECOND_NS
from model.points import Batch, HistogramPoint, Histograms, Kind, LogEvent, Numbers, Series, Temporality
from model.spans import Span, Spans
from store.database import connect

T0 = 1_760_000_040 * SECOND_NS
"""A whole minute: 2025-10-09T08:54:00Z."""

RESOURCE = attributes({"service.name": "herald-agent", names.ATTR_SITE_ID: "delft"})
BOUNDS = (0.5, 0.9, 0.95)
_DIGESTS = itertools.count(1)

ACTIVE_QUERIES = (
    "select count(*) from pg_stat_activity"
    " where application_name = 'herald query' and state = 'active' and datname = current_database()"
)
"""How many queries of panels run on the database now."""

Point = tuple[Series, int, int, float]
"""Series, time, start, value."""


def series(metric: str, kind: Kind, temporality: Temporality = Temporality.NONE, **labels: str) -> Series:
    """Return a series; labels are `device`, `slot`, `link`, `outcome`."""
    known = {
        "device": names.ATTR_DEVICE_ID,
        "slot": names.ATTR_SLOT_ID,
        "link": names.ATTR_LINK_ID,
        "outcome": names.ATTR_OUTCOME,
        "backend": names.ATTR_BACKEND_ID,
        "qubit": names.ATTR_QUBIT_ID,
        "tenant": names.ATTR_TENANT_ID,
    }
    return Series(
        metric=metric,
        kind=kind,
        unit="1",
        temporality=temporality,
        monotonic=kind is Kind.SUM,
        resource=RESOURCE,
        scope="herald.exporters",
        scope_version="1",
        attributes=attributes({known[label]: value for label, value in labels.items()}),
    )


def reads(
    outcome: str = "success", device: str = "mem-delft", temporality: Temporality = Temporality.DELTA
) -> Series:
    """Return the counter of read operations."""
    return series(names.METRIC_MEMORY_READS, Kind.SUM, temporality, device=device, outcome=outcome)


def t2(slot: str = "slot-0", device: str = "mem-delft") -> Series:
    """Return the gauge of the coherence time."""
    return series(names.METRIC_MEMORY_T2, Kind.GAUGE, device=device, slot=slot)


def fidelity(slot: str = "slot-0", temporality: Temporality = Temporality.DELTA, device: str = "mem-delft") -> Series:
    """Return the histogram of fidelities."""
    return series(names.METRIC_MEMORY_FIDELITY, Kind.HISTOGRAM, temporality, device=device, slot=slot)


def at(minutes: float) -> int:
    """Return the time so many minutes after T0."""
    return T0 + round(minutes * 60) * SECOND_NS


def histogram(
    of: Series, time_ns: int, buckets: Sequence[int], *, start_ns: int | None = None, total: float = 0.0
) -> HistogramPoint:
    """Return a histogram point with the bounds BOUNDS."""
    return HistogramPoint(
        series=of,
        time_ns=time_ns,
        start_ns=time_ns - MINUTE_NS if start_ns is None else start_ns,
        count=sum(buckets),
        sum=total,
        min=0.1,
        max=0.99,
        bounds=BOUNDS,
        buckets=tuple(buckets),
    )


def batch(
    position: int,
    points: Iterable[Point] = (),
    *,
    digest: bytes | None = None,
    histograms: Iterable[HistogramPoint] = (),
    events: Iterable[LogEvent] = (),
    spans: Iterable[Span] = (),
) -> Batch:
    """Return a batch; without a digest it gets one that no other has."""
    return Batch(
        position=position,
        digest=digest or next(_DIGESTS).to_bytes(16, "big"),
        numbers=Numbers.of(list(points)),
        histograms=Histograms.of(histograms),
        events=list(events),
        spans=Spans.of(spans),
    )


def minute_counts(of: Series, values: Sequence[float], *, first: int = 1) -> list[Point]:
    """Return one delta point per minute, the first of which closes minute `first`."""
    return [(of, at(i), at(i - 1), value) for i, value in enumerate(values, start=first)]


def event(name: str, time_ns: int, *, body: str = "", **attribute_values: str) -> LogEvent:
    """Return an event; attributes are given with underscores for dots."""
    named = {key.replace("__", "."): value for key, value in attribute_values.items()}
    return LogEvent(
        time_ns=time_ns, event=name, severity="INFO", body=body, resource=RESOURCE, attributes=attributes(named)
    )


def query_all(url: str, statement: str) -> list[tuple[object, ...]]:
    """Return the rows of a query."""
    with connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


def count_rows(url: str, table: str) -> int:
    """Return the number of rows of a table."""
    return int(str(query_all(url, f"select count(*) from {table}")[0][0]))
