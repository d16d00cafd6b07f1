"""From the serialized resource, scope and attributes of a point to its `Series`, remembered between requests.

Comparing bytes is far cheaper than building attribute sets, and devices send the same ones all day. Attributes in
another order are other bytes but give an equal `Series`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from collector.decode.values import decode_attributes, decode_text
from model.attributes import Attributes
from model.points import Kind, Series, Temporality

_LARGEST_KEY_BYTES = 8192
"""Attribute sets above this size are not worth remembering."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sent a group of metrics: resource and scope, decoded and as cache key."""

    key: tuple[bytes, bytes]
    resource: Attributes
    scope: str
    scope_version: str


@dataclass(frozen=True, slots=True)
class Stream:
    """What all points of one metric have in common."""

    metric: str
    kind: Kind
    unit: str
    temporality: Temporality = Temporality.NONE
    monotonic: bool = False


class MetricSeries:
    """The known series of one stream from one origin."""

    def __init__(self, cache: "SeriesCache", origin: Origin, stream: Stream) -> None:
        self._cache = cache
        self._origin = origin
        self._stream = stream
        self._known: dict[tuple[bytes, ...], Series] = {}

    def of(self, attributes: Sequence[KeyValue]) -> Series:
        """Return the series of a point with these attributes."""
        key = tuple([pair.SerializeToString() for pair in attributes])
        series = self._known.get(key)
        return self._add(key, attributes) if series is None else series

    def _add(self, key: tuple[bytes, ...], attributes: Sequence[KeyValue]) -> Series:
        series = Series(
            metric=self._stream.metric,
            kind=self._stream.kind,
            unit=self._stream.unit,
            temporality=self._stream.temporality,
            monotonic=self._stream.monotonic,
            resource=self._origin.resource,
            scope=self._origin.scope,
            scope_version=self._origin.scope_version,
            attributes=decode_attributes(attributes),
        )
        if sum(map(len, key)) <= _LARGEST_KEY_BYTES:
            self._known[key] = series
            self._cache.count_one()
        return series


class SeriesCache:
    """All series seen, up to `limit`; beyond it everything is forgotten and learnt again."""

    def __init__(self, limit: int = 100_000) -> None:
        self._limit = limit
        self._size = 0
        self._origins: dict[tuple[bytes, bytes], Origin] = {}
        self._metrics: dict[tuple[tuple[bytes, bytes], Stream], MetricSeries] = {}

    def origin(self, resource: Resource, scope: InstrumentationScope) -> Origin:
        """Return the decoded resource and scope."""
        key = (resource.SerializeToString(), scope.SerializeToString())
        known = self._origins.get(key)
        if known is not None:
            return known
        origin = Origin(
            key, decode_attributes(resource.attributes), decode_text(scope.name), decode_text(scope.version)
        )
        self._origins[key] = origin
        self.count_one()
        return origin

    def metric(self, origin: Origin, stream: Stream) -> MetricSeries:
        """Return the series of one metric."""
        key = (origin.key, stream)
        known = self._metrics.get(key)
        if known is None:
            known = self._metrics[key] = MetricSeries(self, origin, stream)
            self.count_one()
        return known

    def count_one(self) -> None:
        """Note one remembered thing and forget all of them above the limit."""
        self._size += 1
        if self._size > self._limit:
            self._size = 0
            self._origins = {}
            self._metrics = {}
