"""From rows to frames: long to wide, names, gaps, what JSON cannot hold."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from model.errors import InvalidInputError
from web import Column, ColumnKind, Table
from web.frames import Field, build_fields, encode_frame
from web.macros import Fill, QueryRange

START = datetime(2026, 11, 20, tzinfo=UTC)
START_MS = 1_795_132_800_000
RANGE = QueryRange(from_ms=START_MS, to_ms=START_MS + 240_000, interval_ms=60_000)

TIME = Column("time", ColumnKind.TIME)
VALUE = Column("Value", ColumnKind.NUMBER)
DEVICE = Column("device", ColumnKind.STRING)


def minute(count: int) -> datetime:
    return START + timedelta(minutes=count)


def series(columns: Sequence[Column], rows: Sequence[Sequence[object]], fill: Fill | None = None) -> list[Field]:
    return build_fields(Table(columns=columns, rows=rows), form="time_series", query_range=RANGE, fill=fill)


def test_numbers_beside_a_time_stay_as_they_are():
    time, value = series((TIME, VALUE), [(minute(0), 1), (minute(1), Decimal("2.5"))])
    assert (time.name, time.values) == ("Time", [START_MS, START_MS + 60_000])
    assert value.values == [1.0, 2.5]


def test_text_columns_become_labels_and_times_are_shared():
    time, one, two = series(
        (TIME, DEVICE, VALUE), [(minute(0), "b", 1.0), (minute(0), "a", 2.0), (minute(1), "a", 3.0)]
    )
    assert time.values == [START_MS, START_MS + 60_000]
    assert [(each.labels, each.values) for each in (one, two)] == [
        ({"device": "a"}, [2.0, 3.0]),
        ({"device": "b"}, [1.0, None]),
    ]


def test_several_numbers_have_a_series_each():
    fields = series((TIME, DEVICE, VALUE, Column("error", ColumnKind.NUMBER)), [(minute(0), "a", 1.0, 0.1)])
    assert [each.name for each in fields] == ["Time", "Value", "error"]


def test_a_column_called_metric_names_the_series():
    fields = series((TIME, Column("metric", ColumnKind.STRING), VALUE), [(minute(0), "fidelity", 1.0)])
    assert [(each.name, each.labels) for each in fields] == [("Time", {}), ("fidelity", {})]


def test_booleans_are_drawn_as_numbers():
    _, up = series((TIME, Column("up", ColumnKind.BOOLEAN)), [(minute(0), True), (minute(1), False)])
    assert up.values == [1.0, 0.0]


@pytest.mark.parametrize(
    ("columns", "rows", "message"),
    [
        ((VALUE,), [(1.0,)], "needs a time column named time"),
        ((Column("Time", ColumnKind.TIME), VALUE), [(START, 1.0)], "needs a time column named time"),
        ((Column("time", ColumnKind.STRING), VALUE), [("noon", 1.0)], "needs a time column named time"),
        ((TIME, VALUE), [(None, 1.0)], "holds NULL"),
        ((TIME, VALUE), [(minute(1), 1.0), (minute(0), 1.0)], "not sorted by time"),
    ],
)
def test_rows_that_are_no_time_series_are_refused(columns, rows, message):
    with pytest.raises(InvalidInputError, match=message):
        series(columns, rows)


def test_an_unknown_format_is_refused():
    with pytest.raises(InvalidInputError, match="not supported: query format 'logs'"):
        build_fields(Table(columns=(VALUE,), rows=[(1,)]), form="logs", query_range=RANGE)


@pytest.mark.parametrize("form", ["table", "time_series"])
def test_no_rows_is_a_frame_without_fields(form):
    assert build_fields(Table(columns=(TIME, VALUE), rows=[]), form=form, query_range=RANGE) == []


@pytest.mark.parametrize(
    ("epoch", "ms"),
    [
        (1_795_132_800, START_MS),
        (START_MS, START_MS),
        (1_795_132_800_000_000_000, START_MS),
        (1_795_132_800.5, START_MS + 500),
        (0, 0),
        (None, None),
    ],
)
def test_an_epoch_is_read_by_its_size(epoch, ms):
    table = Table(columns=(Column("time", ColumnKind.NUMBER),), rows=[(epoch,)])
    (time,) = build_fields(table, form="table", query_range=RANGE)
    assert (time.kind, time.values) == (ColumnKind.TIME, [ms])


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (START, START_MS),
        (START.replace(tzinfo=None), START_MS),
        (START + timedelta(microseconds=1999), START_MS + 1),
        (date(2026, 11, 20), START_MS),
        ({"a": [1]}, '{"a": [1]}'),
        ([1.5, None], "[1.5, null]"),
        (timedelta(hours=1), "1:00:00"),
        (b"x", "b'x'"),
        (True, True),
        ("text", "text"),
    ],
)
def test_a_cell_becomes_json(value, plain):
    table = Table(columns=(Column("cell", ColumnKind.JSON),), rows=[(value,)])
    (cell,) = build_fields(table, form="table", query_range=RANGE)
    assert cell.values == [plain]


@pytest.mark.parametrize(
    ("fill", "values"),
    [
        (Fill(interval_s=60), [None, 1.0, None, 3.0, None]),
        (Fill(interval_s=60, value=0.0), [0.0, 1.0, 0.0, 3.0, 0.0]),
        (Fill(interval_s=60, previous=True), [None, 1.0, 1.0, 3.0, 3.0]),
        (Fill(interval_s=120), [None, 1.0, 3.0]),
    ],
)
def test_gaps_are_filled_on_even_steps(fill, values):
    _, filled = series((TIME, VALUE), [(minute(1), 1.0), (minute(3), 3.0)], fill)
    assert filled.values == values


def test_what_json_cannot_hold_is_named_beside_the_values():
    fields = series((TIME, VALUE), [(minute(0), float("nan")), (minute(1), float("inf")), (minute(2), float("-inf"))])
    frame = json.loads(json.dumps(encode_frame(fields, ref_id="A", sql="SELECT 1"), allow_nan=False))
    assert frame["data"]["values"][1] == [None, None, None]
    assert frame["data"]["entities"] == [None, {"NaN": [0], "Inf": [1], "NegInf": [2]}]


def test_a_frame_has_grafanas_shape():
    fields = series((TIME, DEVICE, VALUE), [(minute(0), "a", 1.0)])
    frame = encode_frame(fields, ref_id="B", sql="SELECT 1", limited_to=10)
    assert frame == {
        "schema": {
            "refId": "B",
            "meta": {
                "executedQueryString": "SELECT 1",
                "notices": [
                    {
                        "severity": "warning",
                        "text": "Results have been limited to 10 rows because the row limit was reached",
                    }
                ],
            },
            "fields": [
                {"name": "Time", "type": "time", "typeInfo": {"frame": "time.Time", "nullable": True}},
                {
                    "name": "Value",
                    "type": "number",
                    "typeInfo": {"frame": "float64", "nullable": True},
                    "labels": {"device": "a"},
                },
            ],
        },
        "data": {"values": [[START_MS], [1.0]]},
    }  # fmt: skip
