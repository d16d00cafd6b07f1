"""Which series of a metric a query means, and to which group each belongs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from model.points import Kind, Temporality
from model.queries import Group
from model.registry import Registry


class Shape(StrEnum):
    """How the points of a series must be read."""

    GAUGE = "gauge"
    DELTA = "delta"
    CUMULATIVE = "cumulative"
    HISTOGRAM = "histogram"
    CUMULATIVE_HISTOGRAM = "cumulative histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedSeries:
    """A series that the query means."""

    id: int
    shape: Shape
    group: Group


def shape_of(kind: str, temporality: str, *, monotonic: bool) -> Shape:
    """Return how points of such a series must be read. A cumulative sum that may fall is a level, like a gauge."""
    cumulative = temporality == Temporality.CUMULATIVE
    if kind in {Kind.HISTOGRAM, Kind.EXPONENTIAL_HISTOGRAM}:
        return Shape.CUMULATIVE_HISTOGRAM if cumulative else Shape.HISTOGRAM
    if kind == Kind.GAUGE or (cumulative and not monotonic):
        return Shape.GAUGE
    return Shape.CUMULATIVE if cumulative else Shape.DELTA


def select(
    rows: Iterable[tuple[int, str, str, bool, list[str]]],
    registry: Registry,
    *,
    group_by: Sequence[str],
    filters: Sequence[tuple[str, tuple[str, ...]]],
) -> list[SelectedSeries]:
    """Return the series that pass the filters. A row ends with the values of `group_by` and then of the filters."""
    columns = [registry.column(attribute) for attribute in group_by]
    allowed = [frozenset(values) for _, values in filters]
    selected = []
    for series_id, kind, temporality, monotonic, values in rows:
        group_values, filter_values = values[: len(columns)], values[len(columns) :]
        if all(value in among for value, among in zip(filter_values, allowed, strict=True)):
            group = tuple(sorted(zip(columns, group_values, strict=True)))
            shape = shape_of(kind, temporality, monotonic=monotonic)
            selected.append(SelectedSeries(id=series_id, shape=shape, group=group))
    return selected
