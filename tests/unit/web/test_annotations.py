"""Annotations that come again: as often as they fit, and how many were left out."""

from datetime import UTC, datetime, timedelta

from model.clock import DAY_NS
from model.windows import Window
from web.annotations import MARKS_LIMIT, build_annotations
from web.boards import AnnotationQuery
from web.sources import Column, ColumnKind, Table

QUERY = AnnotationQuery(name="Maintenance", colour="purple", sql="")
START = datetime(2026, 11, 1, tzinfo=UTC)
START_NS = int(START.timestamp()) * 1_000_000_000


def marks_of_a_daily_row(length_ns: int) -> list[dict[str, object]]:
    columns = [Column("time", ColumnKind.TIME), Column("timeend", ColumnKind.TIME), Column("rule", ColumnKind.STRING)]
    row = (START, START + timedelta(minutes=10), "FREQ=DAILY")
    within = Window(start_ns=START_NS, end_ns=START_NS + length_ns)
    return list(build_annotations(Table(columns=columns, rows=[row]), QUERY, within))


def test_a_row_is_drawn_each_time_it_comes_again():
    marks = marks_of_a_daily_row(5 * DAY_NS)
    assert [mark["time"] for mark in marks] == [(START_NS + day * DAY_NS) // 1_000_000 for day in range(5)]
    assert not any("limit" in mark for mark in marks)


def test_the_limit_itself_is_not_too_much():
    marks = marks_of_a_daily_row(MARKS_LIMIT * DAY_NS)
    assert len(marks) == MARKS_LIMIT
    assert not any("limit" in mark for mark in marks)


def test_a_row_that_comes_too_often_says_how_much_of_it_is_there():
    marks = marks_of_a_daily_row((MARKS_LIMIT + 100) * DAY_NS)
    assert [mark["limit"] for mark in marks] == [MARKS_LIMIT] * MARKS_LIMIT
