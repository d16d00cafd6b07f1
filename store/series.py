"""The ids of series and the times of their newest points, remembered so that a known series costs no query.

The high-water mark of a series is the time of its newest stored point: a point after it cannot be a duplicate. It is
read from the points themselves when a series is first met, and followed from then on; a writer that finds that
another one has written in between reads the marks again (see `writer`).
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np

from model import names
from model.attributes import Attributes
from model.points import Int64s, Kind, Series
from store.database import Connection
from store.jsontext import clean_text, find_text, render_attributes
from store.lookups import newest_times
from store.pgcopy import array_text
from store.statements import load_statements

NO_MARK_US = -(2**62)
REMEMBERED_SERIES = 200_000

_REMEMBERED_POINTS = 1_000_000
_SMALLEST_TABLE = 16
_NUMBER_KINDS = frozenset({Kind.GAUGE, Kind.SUM})
_SQL = load_statements("series")
_POINT_MARKS, _HISTOGRAM_MARKS = newest_times("point"), newest_times("histogram")
TYPED_ATTRIBUTES = {
    "site": names.ATTR_SITE_ID,
    "device": names.ATTR_DEVICE_ID,
    "slot": names.ATTR_SLOT_ID,
    "link": names.ATTR_LINK_ID,
    "backend": names.ATTR_BACKEND_ID,
    "tenant": names.ATTR_TENANT_ID,
}
"""The attributes that have a column of their own in `series`."""
_SENDER = (names.ATTR_SITE_ID, names.ATTR_TENANT_ID)
"""What a sender's token decides: it is put on the resource, and no point may say otherwise."""


class NotInBookError(Exception):
    """What is asked for only the database knows."""


class SeriesBook:
    """A row for each series that was met, with columns `ids`, `marks_us` and `metrics`, an index of `metric_names`.

    Rows stay what they are until `forget`.
    """

    def __init__(self, limit: int = REMEMBERED_SERIES) -> None:
        self._limit = limit
        self.forget()

    def forget(self) -> None:
        """Forget everything."""
        self.ids: Int64s = np.zeros(0, dtype=np.int64)
        self.marks_us: Int64s = np.zeros(0, dtype=np.int64)
        self.metrics: Int64s = np.zeros(0, dtype=np.int64)
        self._trusted = np.zeros(0, dtype=np.bool_)
        self._metric_numbers: dict[str, int] = {}
        self._is_number: list[bool] = []
        self._by_key: dict[tuple[object, ...], int] = {}
        self._by_id: dict[int, int] = {}
        # By identity of the objects, which a decoder shares between points: to hash a series costs more than to store
        # a point. What is looked up is kept, so that no other object gets its identity.
        self._by_object: dict[int, tuple[Series, int]] = {}
        self._by_tuple: OrderedDict[int, tuple[Sequence[Series], Int64s]] = OrderedDict()
        self._points_by_tuple = 0
        self._weight = 0

    @property
    def metric_names(self) -> list[str]:
        """Return what the numbers in `metrics` stand for."""
        return list(self._metric_numbers)

    @property
    def is_full(self) -> bool:
        """Return whether `forget` is due: rare, and cheaper than keeping the order of use."""
        return max(len(self.ids), self._weight // 2) > self._limit

    def find_rows(self, connection: Connection | None, series: Sequence[Series]) -> Int64s:
        """Return the row of each series; new ones are created in a transaction of their own.

        Raises NotInBookError where the database must be asked and there is no connection.
        """
        known = self._by_tuple.get(id(series))
        if known is not None:
            return known[1]
        unknown = {id(one): one for one in series if id(one) not in self._by_object}
        if unknown:
            self._meet(connection, unknown.values())
        rows = np.fromiter((self._by_object[id(one)][1] for one in series), dtype=np.int64, count=len(series))
        if len(series) >= _SMALLEST_TABLE and isinstance(series, tuple):
            self._remember(series, rows)
        return rows

    def distrust_marks(self) -> None:
        """Note that somebody else may have written newer points."""
        self._trusted[:] = False

    def confirm_marks(self, connection: Connection | None, rows: Int64s) -> None:
        """Read again the marks of those rows that are not trusted any more. Raises NotInBookError as `find_rows`."""
        doubtful = np.unique(rows[~self._trusted[rows]])
        if len(doubtful):
            self._read_marks(_required(connection), doubtful)
            self._trusted[doubtful] = True

    def _read_marks(self, connection: Connection, rows: Int64s) -> None:
        self.marks_us[rows] = NO_MARK_US
        for is_number, statement in ((True, _POINT_MARKS), (False, _HISTOGRAM_MARKS)):
            ids = [int(self.ids[row]) for row in rows.tolist() if self._is_number[row] is is_number]
            if ids:
                for series_id, mark_us in connection.execute(statement, {"ids": array_text(ids)}).fetchall():
                    self.marks_us[self._by_id[series_id]] = mark_us

    def _remember(self, series: Sequence[Series], rows: Int64s) -> None:
        self._by_tuple[id(series)] = (series, rows)
        self._points_by_tuple += len(rows)
        while self._points_by_tuple > _REMEMBERED_POINTS:
            _, (_, dropped) = self._by_tuple.popitem(last=False)
            self._points_by_tuple -= len(dropped)

    def _meet(self, connection: Connection | None, unknown: Iterable[Series]) -> None:
        keys = [(_key(series), series) for series in unknown]
        new = {key: series for key, series in keys if key not in self._by_key}
        if new:
            self._load(_required(connection), new)
        for key, series in keys:
            self._by_object[id(series)] = (series, self._by_key[key])
            self._weight += series.weight

    def _load(self, connection: Connection, new: dict[tuple[object, ...], Series]) -> None:
        identities = {key: identify(series) for key, series in new.items()}
        ids = _read_ids(connection, identities.values())
        missing = {identities[key]: series for key, series in new.items() if identities[key] not in ids}
        created: frozenset[int] = frozenset()
        if missing:
            created = frozenset(row[0] for row in connection.execute(_SQL["create"], _columns(missing)).fetchall())
            ids |= _read_ids(connection, missing)
        first = len(self.ids)
        for row, (key, series) in enumerate(new.items(), start=first):
            self._by_key[key] = self._by_id[ids[identities[key]]] = row
            self._is_number.append(series.kind in _NUMBER_KINDS)
        self.ids = np.append(self.ids, np.array([ids[identities[key]] for key in new], dtype=np.int64))
        self.marks_us = np.append(self.marks_us, np.full(len(new), NO_MARK_US, dtype=np.int64))
        self.metrics = np.append(
            self.metrics, np.array([self._metric(s.metric) for s in new.values()], dtype=np.int64)
        )
        self._trusted = np.append(
            self._trusted, np.array([int(i) in created for i in self.ids[first:]], dtype=np.bool_)
        )

    def _metric(self, name: str) -> int:
        return self._metric_numbers.setdefault(name, len(self._metric_numbers))


def identify(series: Series) -> bytes:
    """Return the digest of everything that tells the series from others."""
    parts = [
        series.metric, series.kind, series.unit, series.temporality, series.monotonic,
        series.resource, series.scope, series.scope_version, series.attributes,
    ]  # fmt: skip
    if series.scope_attributes:  # only then, so that series without them keep the digest they always had
        parts.append(series.scope_attributes)
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).digest()


def _required(connection: Connection | None) -> Connection:
    if connection is None:
        raise NotInBookError
    return connection


def _key(series: Series) -> tuple[object, ...]:
    """Return a key that also tells 1 from 1.0 and True, which Python holds equal and OpenTelemetry does not."""
    values = (*series.attributes, *series.resource, *series.scope_attributes)
    return (series, *[type(value) for _, value in values])


def _read_ids(connection: Connection, identities: Iterable[bytes]) -> dict[bytes, int]:
    rows = connection.execute(_SQL["read_ids"], {"identity": list(identities)}).fetchall()
    return {bytes(identity): series_id for identity, series_id in rows}


def _columns(new: dict[bytes, Series]) -> dict[str, list[object]]:
    series = list(new.values())
    columns: dict[str, list[object]] = {
        "metric": [s.metric for s in series],
        "kind": [str(s.kind) for s in series],
        "unit": [clean_text(s.unit) for s in series],
        "temporality": [str(s.temporality) for s in series],
        "monotonic": [s.monotonic for s in series],
        "resource": [render_attributes(s.resource) for s in series],
        "scope": [clean_text(s.scope) for s in series],
        "scope_version": [clean_text(s.scope_version) for s in series],
        "scope_attributes": [render_attributes(s.scope_attributes) for s in series],
        "attributes": [render_attributes(s.attributes) for s in series],
        "identity": list(new),
    }
    for column, attribute in TYPED_ATTRIBUTES.items():
        columns[column] = [find_text(attribute, *_places(attribute, s)) for s in series]
    return columns


def _places(attribute: str, series: Series) -> tuple[Attributes, Attributes]:
    """Return where to look for an attribute: a point is more exact, but the resource says as whom it was sent."""
    if attribute in _SENDER:
        return series.resource, series.attributes
    return series.attributes, series.resource
