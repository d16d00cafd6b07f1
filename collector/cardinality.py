"""How many series a tenant may have: what comes beyond is folded into one overflow series per metric, and told.

The caps hold for a tenant's metric, for a tenant, and for the collector. A series that is known, because it was
admitted or because the database holds it, is never affected. Points of new gauges and delta sums beyond a cap go to
the series with the attribute `otel.metric.overflow`, as in OpenTelemetry's SDKs: sums of one request are added up
there, so that totals stay right, and of gauges the last value stays. What cannot be added up (cumulative streams,
histograms), and metrics of which nothing was admitted, is rejected.

Looks at distinct series, not at points: a request of known series costs one look at their addresses.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from collector.decode import Decoded, Reason
from model import names
from model.attributes import Attributes
from model.points import Histograms, Kind, Numbers, Series, Temporality

OVERFLOW = "otel.metric.overflow"
_SEEN_AT_ONCE = 200_000
_COLUMNS_AT_ONCE = 1_000
_CENSUS_EVERY_S = 600.0

Stream = tuple[str, str, str, str, str, bool]
"""Tenant, metric, kind, unit, temporality, monotonic: what an overflow series stands for."""
Row = tuple[Series, int, int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The most series of one metric of a tenant, of a tenant, and of all tenants together."""

    per_metric: int = 50_000
    per_tenant: int = 200_000
    in_all: int = 500_000


class Census(Protocol):
    """Tells which series are in use."""

    def read_series(self) -> Iterable[tuple[Stream, int]]:
        """Yield stream and identity of every series with points of the last day; raises DatabaseUnavailableError."""
        ...


class CardinalityLimit:
    """Admits series up to `caps`; `identify` returns what tells a series from others, the same in every process.

    May be used from several threads.
    """

    def __init__(
        self,
        caps: Caps,
        *,
        identify: Callable[[Series], int],
        census: Census | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._caps = caps
        self._identify = identify
        self._census = census
        self._monotonic = monotonic
        self._census_due_s = monotonic()
        self._gate = threading.Lock()
        self._admitted: dict[Stream, set[int]] = {}
        self._recent: list[tuple[Stream, int]] = []
        self._of_tenant: Counter[str] = Counter()
        self._seen: dict[int, Series] = {}
        self._seen_weight = 0
        self._columns: dict[int, tuple[Series, ...]] = {}
        self._is_crowded = True

    @property
    def size(self) -> int:
        """Return the number of series that are admitted."""
        return self._of_tenant.total()

    def apply(self, decoded: Decoded, *, may_reject: bool = True) -> tuple[int, str]:
        """Fold and reject what is beyond the caps; return how many points were folded, and a warning about them.

        Without `may_reject`, for a request that was acknowledged before, whatever would be rejected is admitted.
        """
        batch = decoded.batch
        columns = [batch.numbers.series, *(part.series for part in batch.histograms)]
        columns.append(tuple(point.series for point in batch.exponentials))
        if all(map(self._has_seen, columns)):
            return 0, ""
        with self._gate:
            distinct = {id(series): series for column in columns for series in column}
            fate = {each: self._admit(series, may_reject=may_reject) for each, series in distinct.items()}
        folded = self._bound_numbers(decoded, fate)
        batch.histograms = [part for part in (_bound(decoded, h, fate) for h in batch.histograms) if len(part)]
        batch.exponentials = [p for p in batch.exponentials if _keeps(decoded, p.series, fate)]
        example = next((s.metric for s in fate.values() if s is not None and s.attributes == _OVERFLOW), "")
        return folded, f"{folded} data points of new series beyond the limit, of {example}" if folded else ""

    def take_census(self) -> None:
        """Forget series that are no longer in use, if some were turned away since the last time; not too often.

        Raises DatabaseUnavailableError.
        """
        if self._census is None or not self._is_crowded or self._monotonic() < self._census_due_s:
            return
        found: dict[Stream, set[int]] = {}
        for stream, identity in self._census.read_series():
            found.setdefault(stream, set()).add(identity)
        with self._gate:
            for stream, identity in self._recent:  # not all of them are in the database yet
                found.setdefault(stream, set()).add(identity)
            self._recent = []
            self._census_due_s = self._monotonic() + _CENSUS_EVERY_S
            self._is_crowded = False
            self._admitted = found
            self._of_tenant = Counter()
            for stream, identities in found.items():
                self._of_tenant[stream[0]] += len(identities)

    def _has_seen(self, column: tuple[Series, ...]) -> bool:
        """Return whether all are admitted; a decoder gives the same column again, which is looked at once."""
        if id(column) in self._columns:
            return True
        if not set(map(id, column)) <= self._seen.keys():
            return False
        if len(self._columns) >= _COLUMNS_AT_ONCE:
            self._columns = {}
        self._columns[id(column)] = column  # kept alive, so that its address stays its own
        return True

    def _admit(self, series: Series, *, may_reject: bool) -> Series | None:
        """Return the series, the overflow series in its stead, or None."""
        stream, identity = stream_of(series), self._identify(series)
        known = self._admitted.get(stream)
        if known is None or identity not in known:
            if not self._has_room(stream, known):
                self._is_crowded = True
                can_fold = series.kind in (Kind.GAUGE, Kind.SUM) and series.temporality is not Temporality.CUMULATIVE
                if can_fold and known:
                    return overflow_of(series)
                if may_reject:
                    return None
            self._admitted.setdefault(stream, set()).add(identity)
            self._recent.append((stream, identity))
            self._of_tenant[stream[0]] += 1
        self._remember(series)
        return series

    def _remember(self, series: Series) -> None:
        if self._seen_weight >= _SEEN_AT_ONCE:
            self._seen, self._columns, self._seen_weight = {}, {}, 0
        self._seen[id(series)] = series  # kept alive, so that its address stays its own
        self._seen_weight += series.weight

    def _has_room(self, stream: Stream, known: set[int] | None) -> bool:
        return (
            len(known or ()) < self._caps.per_metric
            and self._of_tenant[stream[0]] < self._caps.per_tenant
            and self._of_tenant.total() < self._caps.in_all
        )

    def _bound_numbers(self, decoded: Decoded, fate: dict[int, Series | None]) -> int:
        numbers = decoded.batch.numbers
        if all(fate[id(series)] is series for series in numbers.series):
            return 0
        kept: list[Row] = []
        folded: dict[tuple[Series, int, int], float] = {}
        count = 0
        for series, time_ns, start_ns, value in numbers.rows():
            target = fate[id(series)]
            if target is series:
                kept.append((series, time_ns, start_ns, value))
            elif _keeps(decoded, series, fate) and target is not None:
                count += 1
                key = (target, time_ns, start_ns)
                folded[key] = value + (folded.get(key, 0.0) if target.kind is Kind.SUM else 0.0)
        decoded.batch.numbers = Numbers.of([*kept, *((*key, value) for key, value in folded.items())])
        return count


_OVERFLOW = ((OVERFLOW, True),)


def stream_of(series: Series) -> Stream:
    """Return what the series belongs to."""
    tenant = next((str(value) for _, value in _tenant_of(series)), "")
    return tenant, series.metric, series.kind, series.unit, series.temporality, series.monotonic


def overflow_of(series: Series) -> Series:
    """Return the one that stands for all series of the metric and tenant that were not admitted."""
    return Series(
        metric=series.metric,
        kind=series.kind,
        unit=series.unit,
        temporality=series.temporality,
        monotonic=series.monotonic,
        resource=_tenant_of(series),
        scope="",
        scope_version="",
        attributes=_OVERFLOW,
    )


def _tenant_of(series: Series) -> Attributes:
    """Return the tenant's attribute, empty if there is none: the sender's, which no point may say otherwise."""
    places = (*series.resource, *series.attributes)
    return tuple((key, value) for key, value in places if key == names.ATTR_TENANT_ID)[:1]


def _keeps(decoded: Decoded, series: Series, fate: dict[int, Series | None]) -> bool:
    """Return whether a point of the series is kept, wherever it goes; count it as rejected if not."""
    if fate[id(series)] is None:
        decoded.rejections.add(Reason.CARDINALITY, f"{series.metric}: too many series")
        return False
    return True


def _bound(decoded: Decoded, points: Histograms, fate: dict[int, Series | None]) -> Histograms:
    """Return the points that are kept."""
    if all(fate[id(series)] is series for series in points.series):
        return points
    return points.select([_keeps(decoded, series, fate) for series in points.series])
