"""From the rows of an annotation query to the marks and regions of a board, in the JSON that Grafana answers.

A row is drawn once. One with a column `rule`, an RRULE in the time zone `zone`, is drawn for each time it comes again
in the range: SQL does not know calendars, so Grafana, which leaves these columns aside, draws its first time alone.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from model.errors import InvalidInputError
from model.windows import Window
from slo import Exclusion
from web.boards import AnnotationQuery
from web.frames import build_fields
from web.macros import QueryRange
from web.sources import Table

MARKS_LIMIT = 1000
"""How many rows of a query are drawn at most, and each how often. Where there are more, the annotations carry this as
`limit`, so that the page says it."""

_NS_PER_MS = 1_000_000
Row = Mapping[str, object]


def build_annotations(table: Table, query: AnnotationQuery, within: Window) -> Iterator[dict[str, object]]:
    """Yield the annotations of one query. Raises InvalidInputError where it has no column `time`."""
    span = QueryRange(from_ms=0, to_ms=1, interval_ms=1)
    fields = {each.name: each.values for each in build_fields(table, form="table", query_range=span)}
    if fields and "time" not in fields:
        raise InvalidInputError(f"annotation query {query.name} has no column time", remedy="alias it AS time")
    of_rows = {"limit": MARKS_LIMIT} if table.truncated else {}
    for number in range(len(table.rows)):
        row = {key: values[number] for key, values in fields.items()}
        stretches = list(islice(_stretches(row, within), MARKS_LIMIT + 1))
        limited = {"limit": MARKS_LIMIT} if len(stretches) > MARKS_LIMIT else of_rows
        for start_ms, end_ms in stretches[:MARKS_LIMIT]:
            yield _annotation(row, query, start_ms, end_ms) | limited


def _stretches(row: Row, within: Window) -> Iterator[tuple[object, object]]:
    """Yield start and end in ms of each time that a row stands for; none without a time."""
    start, end = row["time"], row.get("timeend") or row["time"]
    if not row.get("rule") or not isinstance(start, int) or not isinstance(end, int):
        if start is not None:
            yield start, end
        return
    again = Exclusion(
        kind="",
        start_ns=start * _NS_PER_MS,
        end_ns=end * _NS_PER_MS,
        rule=str(row["rule"]),
        zone=str(row.get("zone") or "UTC"),
    )
    for window in again.windows(within):
        yield window.start_ns // _NS_PER_MS, window.end_ns // _NS_PER_MS


def _annotation(row: Row, query: AnnotationQuery, start_ms: object, end_ms: object) -> dict[str, object]:
    tags = str(row.get("tags") or "")
    return {
        "id": row.get("id"),
        "name": query.name,
        "color": query.colour,
        "time": start_ms,
        "timeEnd": end_ms,
        "title": str(row.get("title") or ""),
        "text": str(row.get("text") or ""),
        "tags": [tag.strip() for tag in tags.split(",") if tag.strip()],
    }
