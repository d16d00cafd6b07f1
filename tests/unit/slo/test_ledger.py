from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from model.errors import InvalidInputError
from slo import Counts, Ledger, Ledgers
from tests.unit.slo.telemetry import START_NS, ledger_of, minute

NUMBERS = st.integers(-5, 70_000)
COUNTS = st.lists(st.none() | st.tuples(st.integers(0, 5), st.integers(5, 9)), min_size=1, max_size=60)


def test_the_minute_that_ends_at_the_end_of_the_window_is_in_it():
    assert ledger_of([(0, 3), (0, 5)]).counts(minute(2), MINUTE_NS) == Counts(5, 5, 1)


def test_an_unfinished_minute_is_left_out():
    assert ledger_of([(0, 3), (0, 5)]).counts(minute(2) - 1, HOUR_NS) == Counts(3, 3, 1)


def test_a_corrected_minute_replaces_what_was_known():
    ledger = ledger_of([(1, 10)])
    ledger.put(minute(0), 10, 10)
    assert ledger.counts(minute(1), HOUR_NS) == Counts(10, 10, 1)


def test_a_dropped_minute_has_no_data():
    ledger = ledger_of([(0, 3), (0, 5)])
    ledger.drop(minute(1))
    assert ledger.counts(minute(2), HOUR_NS) == Counts(3, 3, 1)


def test_a_minute_with_zero_events_is_data():
    assert ledger_of([(0, 0)]).counts(minute(1), HOUR_NS).minutes == 1


def test_minutes_arrive_in_any_order():
    ledger = Ledger(DAY_NS)
    for number in (5, 1, 9, 0):
        ledger.put(minute(number), 1, 1)
    assert ledger.counts(minute(10), HOUR_NS).total == 4


def test_what_is_older_than_the_retained_time_is_refused():
    ledger = ledger_of([(0, 1)], window_ns=DAY_NS)
    assert not ledger.put(START_NS - 5 * DAY_NS, 1, 1)


def test_a_ledger_that_runs_for_months_still_covers_its_window():
    ledger = Ledger(DAY_NS)
    for hour in range(24 * 60):
        ledger.put(START_NS + hour * HOUR_NS, 1, 1)
    assert ledger.counts(START_NS + 60 * DAY_NS, DAY_NS).total == 24


def test_a_long_silence_empties_the_ledger():
    ledger = ledger_of([(0, 1)], window_ns=DAY_NS)
    ledger.put(START_NS + 400 * DAY_NS, 7, 7)
    assert ledger.counts(START_NS + 400 * DAY_NS + MINUTE_NS, 500 * DAY_NS) == Counts(7, 7, 1)


def test_counts_belong_to_whole_minutes():
    with pytest.raises(InvalidInputError, match="not the start of a minute"):
        Ledger(DAY_NS).put(START_NS + 1, 1, 1)


def test_the_last_data_end_with_their_minute():
    assert ledger_of([(0, 1), None, None]).last_data_ns(minute(3)) == minute(1)


def test_a_ledger_without_data_has_no_last_data():
    assert Ledger(DAY_NS).last_data_ns(minute(3)) is None


def test_minutes_before_the_first_data_are_not_expected():
    assert ledger_of([None, None, (0, 1), None]).minutes_expected(minute(4), HOUR_NS) == 2


@given(COUNTS, st.integers(0, 70), st.integers(1, 60))
def test_windows_add_up_to_the_whole(counts, split, length):
    ledger = ledger_of(counts, window_ns=DAY_NS)
    cut = minute(split)
    before, after = ledger.counts(cut, length * MINUTE_NS), ledger.counts(cut + HOUR_NS, HOUR_NS)
    whole = ledger.counts(cut + HOUR_NS, HOUR_NS + length * MINUTE_NS)
    assert (before.good + after.good, before.total + after.total) == (whole.good, whole.total)


@given(COUNTS, st.integers(1, 30), st.integers(1, 30))
def test_a_shorter_window_never_has_more_bad_events(counts, length, more):
    ledger = ledger_of(counts, window_ns=DAY_NS)
    end = minute(len(counts))
    short, long = (ledger.counts(end, n * MINUTE_NS) for n in (length, length + more))
    assert short.bad <= long.bad


@given(COUNTS, st.integers(1, 60))
def test_running_sums_say_what_the_ledger_says(counts, length):
    ledger = ledger_of(counts, window_ns=DAY_NS)
    ends = np.array([minute(n) for n in range(-5, 70)], dtype=np.int64)
    sums = ledger.sums().counts(ends, length * MINUTE_NS)
    expected = [ledger.counts(int(end), length * MINUTE_NS) for end in ends]
    assert [Counts(*map(int, each)) for each in zip(sums.good, sums.total, sums.minutes, strict=True)] == expected


@given(COUNTS)
def test_putting_arrays_is_putting_minutes(counts):
    ledger, known = Ledger(DAY_NS), {n: c for n, c in enumerate(counts) if c is not None}
    ledger.put_arrays(
        np.array([minute(n) for n in known], dtype=np.int64),
        np.array([total - bad for bad, total in known.values()], dtype=np.int64),
        np.array([total for _, total in known.values()], dtype=np.int64),
    )
    end = minute(len(counts))
    assert ledger.counts(end, HOUR_NS) == ledger_of(counts, window_ns=DAY_NS).counts(end, HOUR_NS)


MINUTES = st.tuples(st.integers(0, 9 * 24 * 60), st.integers(0, 2), st.none() | st.tuples(NUMBERS, NUMBERS))


@given(st.lists(MINUTES, min_size=1, max_size=60), st.integers(0, 4 * 24 * 60))
def test_many_ledgers_side_by_side_say_what_a_plain_sum_says(deeds, length):
    ledgers = Ledgers(DAY_NS, rows=2)
    known: dict[tuple[int, int], tuple[int, int]] = {}
    ledgers.add_row()
    newest = 0
    for number, row, counts in deeds:
        newest = max(newest, number)
        if counts is None:
            ledgers.drop(row, minute(number))
            known.pop((row, number), None)
        elif ledgers.put(row, minute(number), *counts):
            known[row, number] = counts
    end, length = newest + 1, min(length, 3 * 24 * 60)
    inside = [(row, c) for (row, number), c in known.items() if end - length <= number < end]
    sums = ledgers.at(minute(end))
    found = sums.counts(sums.ends_ns, length * MINUTE_NS)
    for row in range(3):
        mine = [counts for of, counts in inside if of == row]
        expected = Counts(sum(good for good, _ in mine), sum(total for _, total in mine), len(mine))
        assert ledgers.counts_of(row, minute(end), length * MINUTE_NS) == expected
        assert Counts(int(found.good[row]), int(found.total[row]), int(found.minutes[row])) == expected


def replace(ledgers: Ledgers, numbers: Sequence[int], told: Mapping[tuple[int, int], tuple[int, int]]) -> None:
    """Replace minutes by number; `told` holds good and total by row and minute."""
    columns = [(row, minute(number), *counts) for (row, number), counts in told.items()]
    rows, times_ns, good, total = np.array(columns, dtype=np.int64).reshape(-1, 4).T
    ledgers.replace(np.array([minute(n) for n in numbers], dtype=np.int64), rows, times_ns, good, total)


def test_a_minute_that_is_replaced_forgets_who_is_not_told():
    ledgers = Ledgers(DAY_NS, rows=2)
    for row in (0, 1):
        ledgers.put(row, minute(0), 3, 4)
        ledgers.put(row, minute(1), 3, 4)
    replace(ledgers, [1], {(0, 1): (5, 6)})
    assert [ledgers.counts_of(row, minute(2), HOUR_NS) for row in (0, 1)] == [Counts(8, 10, 2), Counts(3, 4, 1)]
    assert ledgers.last_minutes(minute(2) // MINUTE_NS).tolist() == [minute(n) // MINUTE_NS for n in (1, 0)]


PLACES = st.tuples(st.integers(0, 1), st.integers(0, 8 * 24 * 60))
TOLD = st.dictionaries(PLACES, st.tuples(NUMBERS, NUMBERS), max_size=20)


@given(TOLD, TOLD, st.integers(0, 8 * 24 * 60), st.integers(1, 1000), st.integers(0, 4 * 24 * 60))
def test_replacing_minutes_is_forgetting_them_and_putting_what_is_told(before, told, first, minutes, length):
    at_once, one_by_one = Ledgers(DAY_NS, rows=1), Ledgers(DAY_NS, rows=1)
    for ledgers in (at_once, one_by_one):
        ledgers.put(0, minute(0), 1, 1)
        for row in (1, 2):
            ledgers.add_row()
            ledgers.put(row, minute(0), 1, 1)
        for (row, number), counts in before.items():
            ledgers.put(row, minute(number), *counts)
    replace(at_once, range(first, first + minutes), told)
    meant = {place: counts for place, counts in told.items() if first <= place[1] < first + minutes}
    for row in (0, 1, 2):
        for number in range(first, first + minutes):
            one_by_one.drop(row, minute(number))
    for (row, number), counts in sorted(meant.items(), key=lambda item: -item[0][1]):
        one_by_one.put(row, minute(number), *counts)
    for row in (0, 1, 2):
        for end in (first, first + minutes, 8 * 24 * 60 + 1):
            found, expected = (
                (ledgers.counts_of(row, minute(end), length * MINUTE_NS), ledgers.first_data_ns(row))
                for ledgers in (at_once, one_by_one)
            )
            assert found == expected
        assert at_once.last_minute(row, 2**40) == one_by_one.last_minute(row, 2**40)


@given(told=st.lists(st.sets(st.integers(0, 200), max_size=4), min_size=1, max_size=4), end=st.integers(0, 201))
def test_the_last_minutes_of_all_are_those_of_each(told, end):
    among = Ledgers(DAY_NS)
    last = [max((n for n in minutes if n < end), default=None) for minutes in told]
    for minutes in told:
        ledger = Ledger(DAY_NS, among=among)
        for n in minutes:
            ledger.put(minute(n), 1, 1)
    found = among.last_minutes(minute(end) // MINUTE_NS).tolist()
    assert found == [-1 if n is None else minute(n) // MINUTE_NS for n in last]


def test_an_entity_that_is_expected_and_never_reports_has_no_coverage():
    ledger = Ledger(DAY_NS)
    ledger.expect(minute(0))
    assert (ledger.minutes_expected(minute(30), HOUR_NS), ledger.counts(minute(30), HOUR_NS).minutes) == (30, 0)
