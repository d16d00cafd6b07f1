"""The impact is where the run of bad minutes begins, not where the alert fires; relief is where it ends."""

import numpy as np
import pytest

from model.clock import MINUTE_NS
from slo.impact import find_impact_ns, find_relief_ns


def impact_minute(bad_minutes: list[int], fired_minute: int) -> int:
    minutes = np.arange(100, dtype=np.int64)
    total = np.full(100, 50, dtype=np.int64)
    good = np.where(np.isin(minutes, bad_minutes), 0, 50)
    found = find_impact_ns(minutes * MINUTE_NS, good, total, budget=0.01, fired_ns=fired_minute * MINUTE_NS)
    return found // MINUTE_NS


@pytest.mark.parametrize(
    ("bad_minutes", "fired", "expected"),
    [
        pytest.param(range(40, 60), 50, 40, id="one run"),
        pytest.param([*range(40, 44), *range(47, 60)], 55, 40, id="a short pause belongs to the run"),
        pytest.param([*range(10, 20), *range(40, 60)], 55, 40, id="an earlier incident does not"),
        pytest.param([], 55, 54, id="nothing bad: the minute of the alert"),
        pytest.param([60, 61], 55, 54, id="what is bad after the alert did not cause it"),
    ],
)
def test_the_impact_is_the_start_of_the_last_run_of_bad_minutes(bad_minutes, fired, expected):
    assert impact_minute(list(bad_minutes), fired) == expected


def test_a_request_that_failed_by_chance_shortly_before_is_no_beginning():
    minutes = np.arange(100, dtype=np.int64)
    total = np.full(100, 20, dtype=np.int64)
    bad = np.where(np.isin(minutes, [28, 33, 38]), 1, np.where(minutes >= 40, 10, 0))
    found = find_impact_ns(minutes * MINUTE_NS, total - bad, total, budget=0.01, fired_ns=45 * MINUTE_NS)
    assert found == 40 * MINUTE_NS


def test_what_is_counted_every_twenty_minutes_is_one_run_across_the_silence():
    minutes = np.arange(100, dtype=np.int64)
    total = (minutes % 20 == 0).astype(np.int64)
    good = np.where(minutes >= 40, 0, total)
    found = find_impact_ns(minutes * MINUTE_NS, good, total, budget=0.01, fired_ns=95 * MINUTE_NS)
    assert found == 40 * MINUTE_NS


def test_an_hour_of_silence_ends_a_run():
    minutes = np.array([0, 1, 2, 70, 71], dtype=np.int64)
    none = np.zeros(5, dtype=np.int64)
    found = find_impact_ns(minutes * MINUTE_NS, none, none + 50, budget=0.01, fired_ns=72 * MINUTE_NS)
    assert found == 70 * MINUTE_NS


@pytest.mark.parametrize(
    ("bad_by_minute", "relief"),
    [
        pytest.param({range(60): 10}, 60, id="to the end of the run"),
        pytest.param({range(60): 10, range(90, 91): 1}, 60, id="what is bad by chance later is not the end"),
        pytest.param({range(30): 10, range(70, 90): 10}, 90, id="what comes back is the same harm"),
        pytest.param({range(100): 10}, 100, id="it goes on"),
        pytest.param({}, None, id="nothing bad"),
    ],
)
def test_relief_is_the_end_of_what_is_bad_beyond_chance(bad_by_minute, relief):
    minutes = np.arange(100, dtype=np.int64)
    total = np.full(100, 20, dtype=np.int64)
    bad = np.zeros(100, dtype=np.int64)
    for when, count in bad_by_minute.items():
        bad[list(when)] = count
    found = find_relief_ns(minutes * MINUTE_NS, total - bad, total, budget=0.01)
    assert found == (None if relief is None else relief * MINUTE_NS)
