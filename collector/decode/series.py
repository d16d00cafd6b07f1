"""From the serialized resource, scope and attributes of a point to its `Series`, remembered between requests.

Comparing bytes is far cheaper than building attribute sets, and devices send the same ones all day. Attributes in
another order are other bytes but give an equal `Series`.
"""

import itertools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from collector.decode.lru import LruCache
from collector.decode.rejections import LONGEST_NAME
from collector.decode.values import decode_attributes, decode_text
from model import names
from model.attributes import Attributes
from model.points import Kind, Series, Temporality

_IDENTITIES = frozenset(
    {
        names.ATTR_SITE_ID, names.ATTR_DEVICE_ID, names.ATTR_SLOT_ID, names.ATTR_LINK_ID, names.ATTR_BACKEND_ID,
        names.ATTR_TENANT_ID,
    }
)  # fmt: skip
_LARGEST_KEY_BYTES = 8192
"""Attribute sets above this size are not worth remembering."""
_BYTES_PER_COST = 1024
"""What is remembered counts as one, and as one more for each so many bytes: what is long takes no more room."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sent a group of metrics: resource and scope, decoded and as cache key."""

    key: tuple[bytes, bytes]
    resource: Attributes
    scope: str
    scope_version: str
    scope_attributes: Attributes

    @property
    def size_bytes(self) -> int:
        """Return how long it is on the wire."""
        return sum(map(len, self.key))


@dataclass(frozen=True, slots=True)
class Stream:
    """What all points of one metric have in common."""

    metric: str
    kind: Kind
    unit: str
    temporality: Temporality = Temporality.NONE
    monotonic: bool = False


class MetricSeries:
    """The series of one stream from one origin; `number` is its own."""

    def __init__(self, cache: "SeriesCache", origin: Origin, stream: Stream, number: int) -> None:
        self.number = number
        self._cache = cache
        self._origin = origin
        self._stream = stream
        self.size_bytes = origin.size_bytes + len(stream.unit)

    def of(self, attributes: Sequence[KeyValue]) -> Series | None:
        """Return the series of a point with these attributes; None where an identity among them is too long."""
        key = tuple([pair.SerializeToString() for pair in attributes])
        series = self._cache.recall((self.number, key))
        if series is None:
            series = self._build(attributes)
            if not _can_be_indexed(series):
                return None
            self._remember((self.number, key), series, sum(map(len, key)))
        return series

    def of_bytes(self, attributes: bytes, read: Callable[[bytes], Sequence[KeyValue] | None]) -> Series | None:
        """Return what `of` does of serialized attributes, or None where `read` finds none; that is not remembered."""
        key = (self.number, attributes)
        series = self._cache.recall(key)
        if series is not None or (pairs := read(attributes)) is None:
            return series
        series = self.of(pairs)
        if series is not None:
            self._remember(key, series, len(attributes))
        return series

    def _remember(self, key: Hashable, series: Series, key_bytes: int) -> None:
        if key_bytes <= _LARGEST_KEY_BYTES:
            self._cache.remember(key, series, cost_of(self.size_bytes + key_bytes))

    def _build(self, attributes: Sequence[KeyValue]) -> Series:
        return Series(
            metric=self._stream.metric,
            kind=self._stream.kind,
            unit=self._stream.unit,
            temporality=self._stream.temporality,
            monotonic=self._stream.monotonic,
            resource=self._origin.resource,
            scope=self._origin.scope,
            scope_version=self._origin.scope_version,
            attributes=decode_attributes(attributes),
            scope_attributes=self._origin.scope_attributes,
        )


class SeriesCache:
    """What was seen lately: up to `limit` series, and as many origins and streams."""

    def __init__(self, limit: int = 100_000) -> None:
        self._origins: LruCache[tuple[bytes, bytes], Origin] = LruCache(limit)
        self._metrics: LruCache[tuple[tuple[bytes, bytes], Stream], MetricSeries] = LruCache(limit)
        self._series: LruCache[Hashable, Series] = LruCache(limit)
        self._numbers = itertools.count()

    def __len__(self) -> int:
        """Return the number of ways to a series that are remembered."""
        return self._series.cost

    def origin(self, resource: bytes, scope: bytes) -> Origin:
        """Return what a serialized resource and scope say. Raises google.protobuf.message.DecodeError."""
        key = (resource, scope)
        origin = self._origins.get(key)
        if origin is None:
            origin = _read_origin(key)
            self._origins.put(key, origin, cost_of(origin.size_bytes))
        return origin

    def metric(self, origin: Origin, stream: Stream) -> MetricSeries:
        """Return the series of one metric."""
        key = (origin.key, stream)
        known = self._metrics.get(key)
        if known is None:
            known = MetricSeries(self, origin, stream, next(self._numbers))
            self._metrics.put(key, known, cost_of(known.size_bytes))
        return known

    def recall(self, key: Hashable) -> Series | None:
        """Return the series of a key, None if it was not seen lately."""
        return self._series.get(key)

    def remember(self, key: Hashable, series: Series, cost: int) -> None:
        """Keep a series."""
        self._series.put(key, series, cost)


def cost_of(size_bytes: int) -> int:
    """Return what something of this size costs a cache."""
    return 1 + size_bytes // _BYTES_PER_COST


def _can_be_indexed(series: Series) -> bool:
    """Return whether objectives can be measured by the identities of the series, which stand in an index then."""
    return all(
        len(value) <= LONGEST_NAME
        for name, value in (*series.attributes, *series.resource)
        if name in _IDENTITIES and isinstance(value, str)
    )


def _read_origin(key: tuple[bytes, bytes]) -> Origin:
    resource, scope = Resource.FromString(key[0]), InstrumentationScope.FromString(key[1])
    return Origin(
        key=key,
        resource=decode_attributes(resource.attributes),
        scope=decode_text(scope.name),
        scope_version=decode_text(scope.version),
        scope_attributes=decode_attributes(scope.attributes),
    )
