"""The ids of series and the times of their newest points, remembered so that a known series costs no query.

The high-water mark of a series is the time of its newest stored point: a point after it cannot be a duplicate.
Marks are locked and confirmed inside the transaction that writes, so a second writer on the same database is noticed.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from model import names
from model.attributes import Attributes
from model.points import Series, Temporality
from store.database import Connection
from store.jsontext import clean_text, find_text, render_attributes
from store.statements import load_statements

NO_MARK_US = -(2**62)
REMEMBERED_SERIES = 200_000

_SQL = load_statements("series")
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


@dataclass(slots=True)
class KnownSeries:
    """A series of the database; `mark_us` is its high-water mark as `pgcopy.to_pg_us`, or NO_MARK_US."""

    id: int
    metric: str
    cumulative: bool
    mark_us: int


class SeriesBook:
    """Finds the id of a series, creating it on first sight."""

    def __init__(self, limit: int = REMEMBERED_SERIES) -> None:
        self._limit = limit
        self._known: dict[tuple[object, ...], KnownSeries] = {}

    def find(self, connection: Connection, wanted: Iterable[Series]) -> list[KnownSeries]:
        """Return what is known of each series, in that order; new ones are created in a transaction of their own."""
        asked = [(_key(series), series) for series in wanted]
        missing = {key: series for key, series in asked if key not in self._known}
        if missing:
            self._make_room(len(missing))
            self._load(connection, missing)
        return [self._known[key] for key, _ in asked]

    def forget(self) -> None:
        """Forget everything: somebody else changed it."""
        self._known.clear()

    def _make_room(self, wanted: int) -> None:
        if len(self._known) + wanted > self._limit:
            self._known.clear()  # rare, and cheaper than keeping the order of use for every point

    def _load(self, connection: Connection, missing: dict[tuple[object, ...], Series]) -> None:
        identities = {key: identify(series) for key, series in missing.items()}
        found = _read_known(connection, identities.values())
        new = {identities[key]: series for key, series in missing.items() if identities[key] not in found}
        if new:
            connection.execute(_SQL["create"], _columns(new))
            found |= _read_known(connection, new)
        for key, series in missing.items():
            series_id, mark_us = found[identities[key]]
            cumulative = series.temporality is Temporality.CUMULATIVE
            self._known[key] = KnownSeries(series_id, series.metric, cumulative, mark_us)


def lock_marks(connection: Connection, series: Iterable[KnownSeries]) -> bool:
    """Lock the series until the transaction ends, and return whether all marks were right.

    One is wrong where another process has written the same series; it is corrected.
    """
    by_id: dict[int, list[KnownSeries]] = defaultdict(list)
    for one in series:
        by_id[one.id].append(one)
    rows = connection.execute(_SQL["lock_marks"], {"ids": sorted(by_id)}).fetchall() if by_id else []
    as_remembered = True
    for series_id, mark in rows:
        for one in by_id[series_id]:
            mark_us = NO_MARK_US if mark is None else mark
            as_remembered &= one.mark_us == mark_us
            one.mark_us = mark_us
    return as_remembered


def advance_marks(connection: Connection, marks: dict[int, int]) -> None:
    """Set the marks of locked series."""
    if marks:
        ids = sorted(marks)
        connection.execute(_SQL["advance_marks"], {"ids": ids, "marks": [marks[i] for i in ids]})


def identify(series: Series) -> bytes:
    """Return the digest of everything that tells the series from others."""
    parts = [
        series.metric, series.kind, series.unit, series.temporality, series.monotonic,
        series.resource, series.scope, series.scope_version, series.attributes,
    ]  # fmt: skip
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).digest()


def _key(series: Series) -> tuple[object, ...]:
    """Return a key that also tells 1 from 1.0 and True, which Python holds equal and OpenTelemetry does not."""
    return (series, *[type(value) for _, value in series.attributes], *[type(value) for _, value in series.resource])


def _read_known(connection: Connection, identities: Iterable[bytes]) -> dict[bytes, tuple[int, int]]:
    rows = connection.execute(_SQL["read_known"], {"identity": list(identities)}).fetchall()
    return {bytes(i): (n, NO_MARK_US if mark is None else mark) for i, n, mark in rows}


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
