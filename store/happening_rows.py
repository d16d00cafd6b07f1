"""Events and topology edges as rows. There are few of them, so they travel as text, one row at a time."""

from collections.abc import Iterable, Iterator

from model import names
from model.attributes import Attributes
from model.clock import to_datetime
from model.points import LogEvent
from store.jsontext import clean_text, find_text, render_attributes

Row = tuple[object, ...]
_EDGE = {
    "source": names.ATTR_TOPOLOGY_SOURCE,
    "source_kind": names.ATTR_TOPOLOGY_SOURCE_KIND,
    "relation": names.ATTR_TOPOLOGY_RELATION,
    "target": names.ATTR_TOPOLOGY_TARGET,
    "target_kind": names.ATTR_TOPOLOGY_TARGET_KIND,
}

_LARGEST_EDGE_BYTES = 2000


def event_row(event: LogEvent) -> Row:
    """Return the columns of `event` in the order of its COPY statement."""
    places = (event.attributes, event.resource)
    return (
        to_datetime(event.time_ns),
        clean_text(event.event),
        clean_text(event.severity),
        clean_text(event.body),
        find_text(names.ATTR_SITE_ID, *reversed(places)),  # first as whom it was sent
        find_text(names.ATTR_DEVICE_ID, *places),
        find_text(names.ATTR_LINK_ID, *places),
        find_text(names.ATTR_BACKEND_ID, *places),
        render_attributes(event.resource),
        render_attributes(event.attributes),
        event.trace_id or None,
        event.span_id or None,
    )


def edge_columns(events: Iterable[LogEvent]) -> dict[str, list[object]]:
    """Return the topology edges among the events as columns.

    An edge that lacks an attribute, or has more in them than an index can hold, is left out; its event is not.
    """
    columns: dict[str, list[object]] = {name: [] for name in (*_EDGE, "seen")}
    for event, values in _edges(events):
        for column, value in zip(_EDGE, values, strict=True):
            columns[column].append(value)
        columns["seen"].append(to_datetime(event.time_ns))
    return columns


def _edges(events: Iterable[LogEvent]) -> Iterator[tuple[LogEvent, list[str]]]:
    for event in events:
        if event.event == names.EVENT_TOPOLOGY_EDGE:
            values = [_value(attribute, event.attributes) for attribute in _EDGE.values()]
            if all(values) and sum(len(value.encode()) for value in values) <= _LARGEST_EDGE_BYTES:
                yield event, values


def _value(attribute: str, attributes: Attributes) -> str:
    return find_text(attribute, attributes) or ""
