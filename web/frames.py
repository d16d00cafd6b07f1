"""From rows to data frames, in the JSON that Grafana's `/api/ds/query` answers.

`format: time_series` needs a column `time`; its text columns become labels (long to wide). `format: table` keeps the
columns. Times are epoch milliseconds; NaN and infinities, which JSON lacks, are null plus an entry in `entities`.
"""

import json
import math
import operator
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

from model.errors import InvalidInputError
from web.macros import Fill, QueryRange
from web.sources import ColumnKind, Table

_TYPE_INFO = {
    ColumnKind.TIME: "time.Time",
    ColumnKind.NUMBER: "float64",
    ColumnKind.BOOLEAN: "bool",
    ColumnKind.STRING: "string",
    ColumnKind.JSON: "json.RawMessage",
}
_JSON_TYPES = {bool, int, float, str, type(None)}
_LIMITED = "Results have been limited to {} rows because the row limit was reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of a frame: JSON-ready values, times in ms."""

    name: str
    kind: ColumnKind
    values: list[object]
    labels: Mapping[str, str] = field(default_factory=dict)


def build_fields(table: Table, *, form: str, query_range: QueryRange, fill: Fill | None = None) -> list[Field]:
    """Return the fields of the frame for `form` (`time_series` or `table`); none where there is no row."""
    if not table.rows:
        return []
    fields = [
        Field(name=column.name, kind=column.kind, values=_all_plain(values))
        for column, values in zip(table.columns, zip(*table.rows, strict=True), strict=True)
    ]
    if form == "table":
        return [_as_time(each) if each.name in ("time", "timeend") else each for each in fields]
    if form != "time_series":
        raise InvalidInputError(f"not supported: query format {form!r}", remedy="use time_series or table")
    wide = _to_series(fields)
    return wide if fill is None else _resample(wide, query_range, fill)


def encode_frame(
    fields: Sequence[Field], *, ref_id: str, sql: str, limited_to: int | None = None
) -> dict[str, object]:
    """Return one frame as Grafana's JSON; `limited_to` says that rows were left out."""
    meta: dict[str, object] = {"executedQueryString": sql}
    if limited_to is not None:
        meta["notices"] = [{"severity": "warning", "text": _LIMITED.format(limited_to)}]
    cleaned = [_without_infinities(each) for each in fields]
    data: dict[str, object] = {"values": [values for values, _ in cleaned]}
    if any(entities for _, entities in cleaned):
        data["entities"] = [entities or None for _, entities in cleaned]
    return {"schema": {"refId": ref_id, "meta": meta, "fields": [_describe(each) for each in fields]}, "data": data}


def _describe(each: Field) -> dict[str, object]:
    schema: dict[str, object] = {
        "name": each.name,
        "type": each.kind.value,
        "typeInfo": {"frame": _TYPE_INFO[each.kind], "nullable": True},
    }
    if each.labels:
        schema["labels"] = dict(each.labels)
    return schema


def _all_plain(values: Sequence[object]) -> list[object]:
    """Return a column's values as JSON has them. Most columns hold one type only, and tens of thousands of values."""
    types = set(map(type, values))
    if types <= _JSON_TYPES:
        return list(values)
    if types != {datetime}:
        return [_plain(value) for value in values]
    times: list[object] = []
    last: object = None
    for when in values:  # ascending most of the time, and the same for all series
        times.append(times[-1] if when == last else _plain(when))
        last = when
    return times


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return _to_ms(value)
    if isinstance(value, date):
        return _to_ms(datetime(value.year, value.month, value.day, tzinfo=UTC))
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _to_ms(when: datetime) -> int:
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return math.floor(aware.timestamp() * 1000 + 1e-6)


def _without_infinities(column: Field) -> tuple[list[object], dict[str, list[int]]]:
    values = column.values
    if column.kind is not ColumnKind.NUMBER or all(map(math.isfinite, filter(None, values))):  # type: ignore[arg-type]
        return values, {}
    entities: dict[str, list[int]] = {}
    for place, value in enumerate(values):
        if isinstance(value, float) and not math.isfinite(value):
            name = "NaN" if math.isnan(value) else "Inf" if value > 0 else "NegInf"
            entities.setdefault(name, []).append(place)
    lost = {place for places in entities.values() for place in places}
    return [None if place in lost else value for place, value in enumerate(values)], entities


def _as_time(column: Field) -> Field:
    if column.kind is not ColumnKind.NUMBER:
        return column
    return replace(column, kind=ColumnKind.TIME, values=[_epoch_to_ms(value) for value in column.values])


def _epoch_to_ms(value: object) -> object:
    """Return ms of an epoch number by its size: about 1e9 are seconds, 1e18 nanoseconds, the rest milliseconds."""
    if not isinstance(value, int | float) or value <= 0:
        return value
    magnitude = math.floor(math.log10(value))
    factor = {9: 1e3, 18: 1e-6}.get(magnitude, 1.0)
    return round(value * factor)


def _to_series(fields: Sequence[Field]) -> list[Field]:
    time = next((_as_time(each) for each in fields if each.name == "time"), None)
    if time is None or time.kind is not ColumnKind.TIME:
        raise InvalidInputError("a time series needs a time column named time", remedy="alias it AS time")
    _check_times(time.values)
    others = [each for each in fields if each.name != "time"]
    texts = [each for each in others if each.kind in (ColumnKind.STRING, ColumnKind.JSON)]
    numbers = [_as_number(each) for each in others if each.kind in (ColumnKind.NUMBER, ColumnKind.BOOLEAN)]
    renamed = replace(time, name="Time")
    if not texts:
        return [renamed, *numbers]
    wide = _spread(renamed, numbers, texts)
    return [_named_by_metric(each) for each in wide] if len(fields) == 3 else wide


def _check_times(times: Sequence[object]) -> None:
    known = [when for when in times if isinstance(when, int)]
    if len(known) != len(times):
        raise InvalidInputError("the time column holds NULL", remedy="leave rows without a time out")
    if any(map(operator.lt, known[1:], known)):
        raise InvalidInputError("the rows are not sorted by time", remedy="add ORDER BY time")


def _as_number(column: Field) -> Field:
    values: list[object] = [float(value) if isinstance(value, bool | int) else value for value in column.values]
    return replace(column, kind=ColumnKind.NUMBER, values=values)


def _spread(time: Field, numbers: Sequence[Field], texts: Sequence[Field]) -> list[Field]:
    """Return one field per number column and label set, all over the distinct times."""
    times = sorted({when for when in time.values if isinstance(when, int)})
    place: dict[object, int] = {when: index for index, when in enumerate(times)}
    places = [place[when] for when in time.values]
    names = [text.name for text in texts]
    words = (["" if part is None else str(part) for part in text.values] for text in texts)
    keys = list(zip(*words, strict=True))
    wide = [replace(time, values=list(times))]
    for number in numbers:
        series: dict[tuple[str, ...], list[object]] = {key: [None] * len(times) for key in sorted(set(keys))}
        for index, key, value in zip(places, keys, number.values, strict=True):
            series[key][index] = value
        wide += [
            replace(number, values=values, labels=dict(zip(names, key, strict=True)))
            for key, values in series.items()
        ]
    return wide


def _named_by_metric(series: Field) -> Field:
    if set(series.labels) == {"metric"}:
        return replace(series, name=series.labels["metric"], labels={})
    return series


def _resample(fields: Sequence[Field], query_range: QueryRange, fill: Fill) -> list[Field]:
    """Return the series on even steps from the aligned start; a step takes the last row up to it, else the fill."""
    step_ms = max(round(fill.interval_s * 1000), 1)
    start_ms = query_range.from_ms // step_ms * step_ms
    steps = range(start_ms, query_range.to_ms + 1, step_ms)
    times = [when for when in fields[0].values if isinstance(when, int)]
    ends = [bisect_right(times, when) for when in steps]
    resampled = [replace(fields[0], values=list(steps))]
    for series in fields[1:]:
        values: list[object] = []
        for before, upto in pairwise([0, *ends]):
            has_row = upto > before
            filled = values[-1] if fill.previous and values else None if fill.previous else fill.value
            values.append(series.values[upto - 1] if has_row else filled)
        resampled.append(replace(series, values=values))
    return resampled
