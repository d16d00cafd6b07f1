"""Old snapshots of budgets are thinned out; what boards read of those hours stays what it was."""

import numpy as np
import pytest

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, to_datetime
from model.windows import Window
from store import Store, pin, thin_budgets
from tests.integration.telemetry import T0, query_all
from tests.integration.test_store_hours import GROUPS, snapshot
from tests.integration.test_store_objectives import READS

HOUR0 = T0 // HOUR_NS * HOUR_NS
LATER = HOUR0 + 100 * DAY_NS
HOURS = "select * from budget_hour order by hour, entity_id, state"


@pytest.fixture
def three_hours(store: Store) -> Store:
    """A store with a snapshot every five minutes of three hours, of two groups."""
    rng = np.random.default_rng(7)
    store.sync_objectives([READS], now_ns=T0)
    times = range(HOUR0, HOUR0 + 3 * HOUR_NS, 5 * MINUTE_NS)
    store.write_budgets(snapshot(rng, group, time_ns) for time_ns in times for group in GROUPS)
    return store


def times_left(database: str) -> list[int]:
    rows = query_all(database, "select extract(epoch from time)::bigint from budget group by 1 order by 1")
    return [(int(str(second)) * 1_000_000_000 - HOUR0) // MINUTE_NS for (second,) in rows]


@pytest.mark.usefixtures("three_hours")
def test_the_last_snapshot_of_an_old_hour_is_kept_and_its_extremes_are_what_they_were(database):
    before = query_all(database, HOURS)
    assert thin_budgets(database, now_ns=LATER) == 2 * 3 * 11
    assert times_left(database) == [55, 115, 175]
    assert query_all(database, HOURS) == before


@pytest.mark.usefixtures("three_hours")
def test_only_whole_hours_that_are_old_enough_are_thinned_out(database):
    thin_budgets(database, now_ns=HOUR0 + 14 * DAY_NS + HOUR_NS + 59 * MINUTE_NS)
    assert times_left(database) == [55, *range(60, 180, 5)]


@pytest.mark.usefixtures("three_hours")
def test_a_pinned_hour_keeps_all_its_snapshots(database):
    moment = HOUR0 + 90 * MINUTE_NS
    pin(database, reason="incident 7", window=Window(start_ns=moment, end_ns=moment + MINUTE_NS))
    thin_budgets(database, now_ns=LATER)
    assert times_left(database) == [55, *range(60, 120, 5), 175]


@pytest.mark.usefixtures("three_hours")
def test_a_second_time_there_is_nothing_left_to_thin_out(database):
    thin_budgets(database, now_ns=LATER)
    assert thin_budgets(database, now_ns=LATER) == 0


def test_without_snapshots_nothing_happens(database):
    assert thin_budgets(database, now_ns=LATER) == 0


def test_a_snapshot_that_is_corrected_later_only_widens_the_extremes(database, three_hours: Store):
    thin_budgets(database, now_ns=LATER)
    lowest = f"select min(remaining) from budget_hour where hour = '{to_datetime(HOUR0).isoformat()}'"
    before = query_all(database, lowest)
    rng = np.random.default_rng(8)
    three_hours.write_budgets([snapshot(rng, GROUPS[0], HOUR0 + 55 * MINUTE_NS)])
    assert query_all(database, lowest) <= before
