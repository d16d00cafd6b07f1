"""Spans of traces as the collector hands them to the store: many of one kind, as columns.

Ids are bytes here, 16 of a trace and 8 of a span, because numpy takes those of all spans at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.attributes import Attributes, AttributeValue

TRACE_ID_BYTES, SPAN_ID_BYTES = 16, 8
Ids = NDArray[np.uint8]
"""A row of bytes per span."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An OTLP span; ids are lower-case hex, `parent_span_id` empty for a root."""

    trace_id: str
    span_id: str
    parent_span_id: str
    name: str
    start_ns: int
    end_ns: int
    status: str
    resource: Attributes
    attributes: Attributes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spans:
    """Spans of one resource whose attributes have the same names, as columns of equal length.

    A parent id of zeros is none. `attribute_names` are sorted; `attribute_values` has one column for each.
    """

    resource: Attributes
    trace_id: Ids
    span_id: Ids
    parent_span_id: Ids
    start_ns: NDArray[np.int64]
    end_ns: NDArray[np.int64]
    name: Sequence[str]
    status: Sequence[str]
    attribute_names: tuple[str, ...]
    attribute_values: Sequence[Sequence[AttributeValue]]

    def __len__(self) -> int:
        """Return the number of spans."""
        return len(self.name)

    @classmethod
    def of(cls, spans: Iterable[Span]) -> list["Spans"]:
        """Return the columns of these spans, one block per resource object and names of attributes."""
        alike: dict[tuple[int, tuple[str, ...]], list[Span]] = {}
        for span in spans:  # by identity: `1` and `True` are equal
            alike.setdefault((id(span.resource), names_of(span.attributes)), []).append(span)
        return [cls._of_alike(group) for group in alike.values()]

    @classmethod
    def _of_alike(cls, spans: Sequence[Span]) -> "Spans":
        return cls(
            resource=spans[0].resource,
            trace_id=_to_ids([s.trace_id for s in spans], TRACE_ID_BYTES),
            span_id=_to_ids([s.span_id for s in spans], SPAN_ID_BYTES),
            parent_span_id=_to_ids([s.parent_span_id or "00" * SPAN_ID_BYTES for s in spans], SPAN_ID_BYTES),
            start_ns=np.array([s.start_ns for s in spans], dtype=np.int64),
            end_ns=np.array([s.end_ns for s in spans], dtype=np.int64),
            name=[s.name for s in spans],
            status=[s.status for s in spans],
            attribute_names=names_of(spans[0].attributes),
            attribute_values=columns_of([s.attributes for s in spans]),
        )

    def part(self, start: int, stop: int) -> "Spans":
        """Return the spans from `start` up to `stop`."""
        chosen = slice(start, stop)
        return Spans(
            resource=self.resource,
            trace_id=self.trace_id[chosen],
            span_id=self.span_id[chosen],
            parent_span_id=self.parent_span_id[chosen],
            start_ns=self.start_ns[chosen],
            end_ns=self.end_ns[chosen],
            name=self.name[chosen],
            status=self.status[chosen],
            attribute_names=self.attribute_names,
            attribute_values=[column[chosen] for column in self.attribute_values],
        )

    def rows(self) -> list[Span]:
        """Return the spans one by one."""
        attributes = zip(*self.attribute_values, strict=True) if self.attribute_names else [()] * len(self)
        return [
            Span(
                trace_id=self.trace_id[i].tobytes().hex(),
                span_id=self.span_id[i].tobytes().hex(),
                parent_span_id=self.parent_span_id[i].tobytes().hex() if self.parent_span_id[i].any() else "",
                name=self.name[i],
                start_ns=int(self.start_ns[i]),
                end_ns=int(self.end_ns[i]),
                status=self.status[i],
                resource=self.resource,
                attributes=tuple(zip(self.attribute_names, values, strict=True)),
            )
            for i, values in enumerate(attributes)
        ]


def names_of(attributes: Attributes) -> tuple[str, ...]:
    """Return the names in a set of attributes."""
    return tuple([name for name, _ in attributes])


def columns_of(alike: Sequence[Attributes]) -> list[list[AttributeValue]]:
    """Return the values of attribute sets of the same names, a column for each name."""
    return [[value for _, value in column] for column in zip(*alike, strict=True)]


def _to_ids(ids: Sequence[str], width: int) -> Ids:
    return np.frombuffer(bytes.fromhex("".join(ids)), dtype=np.uint8).reshape(len(ids), width)
