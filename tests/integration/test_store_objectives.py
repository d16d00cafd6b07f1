"""Objectives, SLI minutes, budgets, alerts: what the engine writes comes back, and a crash loses nothing."""

from dataclasses import replace
from typing import NamedTuple

import pytest

from model import names
from model.clock import DAY_NS, HOUR_NS
from model.queries import Group
from model.windows import Window
from store import AlertRow, BudgetRow, ObjectiveRow, Store
from tests.integration.telemetry import T0, at, batch, minute_counts, query_all, reads

DELFT, HAGUE = (("device", "mem-delft"),), (("device", "mem-hague"),)
HOUR = Window(start_ns=T0, end_ns=T0 + HOUR_NS)
READS = ObjectiveRow(
    name="memory-read-success",
    display_name="Reads succeed",
    description="Reads of stored states",
    service="quantum-memory",
    domain="memory",
    target=0.99,
    window_ns=28 * DAY_NS,
    budgeting_method="Occurrences",
    definition={"tiers": [{"name": "fast", "threshold": 14.4}]},
)
BUDGET = BudgetRow(
    objective=READS.name,
    group=DELFT,
    time_ns=T0,
    good=99,
    total=100,
    coverage=0.5,
    sli=0.99,
    remaining=0.0,
    burn={"5m": 1.0, "30m": None, "1h": 2.0, "2h": None, "6h": None, "1d": None, "3d": None},
    state="at_risk",
)
ALERT = AlertRow(
    objective=READS.name,
    group=DELFT,
    tier="fast",
    severity="page",
    fired_ns=T0,
    threshold=14.4,
    long_window="1h",
    short_window="5m",
    burn_long=20.0,
    burn_short=30.0,
    annotations={"summary": "Reads fail"},
)


class Minute(NamedTuple):
    """Good and all reads of a minute."""

    group: Group
    minute_ns: int
    good: int
    total: int


def read(store: Store, window: Window = HOUR) -> dict[tuple[object, int], tuple[int, int]]:
    return {
        (entity.group, minute): (good, total)
        for entity in store.read_sli(READS.name, window)
        for minute, good, total in zip(entity.minute_ns.tolist(), entity.good, entity.total, strict=True)
    }


def test_objectives_come_back_as_they_were_written(store):
    store.sync_objectives([READS], now_ns=T0)
    assert store.read_objectives() == [READS]


def test_an_objective_that_is_gone_leaves_its_counts_for_its_return(store):
    store.sync_objectives([READS], now_ns=T0)
    store.replace_sli(READS.name, [at(0)], [Minute(DELFT, at(0), 9, 10)])
    store.sync_objectives([], now_ns=T0)
    assert (store.read_objectives(), len(read(store))) == ([], 1)


def test_a_recount_replaces_the_minutes_it_names_and_no_others(store):
    first = [Minute(DELFT, at(0), 9, 10), Minute(HAGUE, at(0), 5, 5), Minute(DELFT, at(1), 8, 8)]
    store.replace_sli(READS.name, [at(0), at(1)], first)
    store.replace_sli(READS.name, [at(0)], [Minute(DELFT, at(0), 10, 11)])
    assert read(store) == {(DELFT, at(0)): (10, 11), (DELFT, at(1)): (8, 8)}


def test_objectives_do_not_touch_each_others_minutes(store):
    store.replace_sli("other", [at(0)], [Minute(DELFT, at(0), 1, 1)])
    store.replace_sli(READS.name, [at(0)], [Minute(DELFT, at(0), 2, 2)])
    store.replace_sli("other", [at(0)], [])
    assert read(store) == {(DELFT, at(0)): (2, 2)}


def test_the_end_of_a_window_is_a_minute_that_is_not_in_it(store):
    store.replace_sli(READS.name, [at(0), at(60)], [Minute(DELFT, at(0), 1, 1), Minute(DELFT, at(60), 1, 1)])
    assert list(read(store)) == [(DELFT, at(0))]


def test_a_recount_that_fails_leaves_its_minutes_dirty(store, writer):
    writer.write("spool-1", [batch(1, minute_counts(reads(), [1, 2]))])

    def fail() -> None:
        with store.recount() as dirty:
            store.replace_sli(READS.name, dirty[names.METRIC_MEMORY_READS], [Minute(DELFT, at(0), 1, 1)])
            raise RuntimeError("the engine dies")

    with pytest.raises(RuntimeError, match="the engine dies"):
        fail()
    assert read(store) == {}
    with store.recount() as dirty:
        assert dirty == {names.METRIC_MEMORY_READS: [at(0), at(1)]}


def test_an_entity_made_in_a_recount_that_failed_is_made_again(store):
    def fail() -> None:
        with store.transaction():
            store.entity_ids(READS.name, [DELFT])
            raise RuntimeError("the engine dies")

    with pytest.raises(RuntimeError, match="the engine dies"):
        fail()
    store.replace_sli(READS.name, [at(0)], [Minute(DELFT, at(0), 1, 1)])
    assert read(store) == {(DELFT, at(0)): (1, 1)}


def test_points_that_arrive_during_a_recount_are_counted_in_the_next(store, writer):
    writer.write("spool-1", [batch(1, minute_counts(reads(), [1]))])
    with store.recount() as dirty:
        assert dirty == {names.METRIC_MEMORY_READS: [at(0)]}
        writer.write("spool-1", [batch(2, minute_counts(reads("failure"), [1]))])
    with store.recount() as dirty:
        assert dirty == {names.METRIC_MEMORY_READS: [at(0)]}


def test_a_recount_takes_no_more_than_its_limit(store, writer):
    writer.write("spool-1", [batch(1, minute_counts(reads(), range(1, 11)))])
    taken = []
    for _ in range(4):
        with store.recount(limit=4) as dirty:
            taken.append(len(dirty.get(names.METRIC_MEMORY_READS, [])))
    assert taken == [4, 4, 2, 0]


def test_the_newest_budget_is_the_status(store):
    store.sync_objectives([READS], now_ns=T0)
    newer = replace(BUDGET, time_ns=at(5), state="exhausted")
    store.write_budgets([BUDGET, newer])
    assert store.read_statuses() == [newer]
    assert store.read_budgets(READS.name, Window(start_ns=at(-1), end_ns=at(5))) == [BUDGET, newer]


def test_a_budget_written_twice_is_one(store):
    store.sync_objectives([READS], now_ns=T0)
    store.write_budgets([BUDGET])
    store.write_budgets([replace(BUDGET, good=98)])
    assert [row.good for row in store.read_statuses()] == [98]


def test_an_alert_fires_once_and_resolves_once(store):
    number = store.open_alert(ALERT)
    assert store.open_alert(replace(ALERT, fired_ns=at(1))) == number
    assert store.read_open_alerts() == [replace(ALERT, alert_id=number)]
    assert store.resolve_alert(number, resolved_ns=at(30))
    assert not store.resolve_alert(number, resolved_ns=at(31))
    assert store.read_open_alerts() == []
    assert store.read_alert(number) == replace(ALERT, alert_id=number, resolved_ns=at(30))


def test_an_alert_may_fire_again_after_it_was_resolved(store):
    first = store.open_alert(ALERT)
    store.resolve_alert(first, resolved_ns=at(30))
    assert store.open_alert(replace(ALERT, fired_ns=at(40))) != first


@pytest.mark.parametrize(
    ("start", "end", "seen"), [(-20, -10, 0), (-20, 0, 1), (10, 20, 1), (29, 99, 1), (30, 99, 0)]
)
def test_alerts_of_a_window_are_those_that_fired_at_some_moment_of_it(store, start, end, seen):
    store.resolve_alert(store.open_alert(ALERT), resolved_ns=at(30))
    assert len(store.read_alerts(Window(start_ns=at(start), end_ns=at(end)))) == seen


def test_the_engine_remembers_what_it_wrote(store):
    assert store.read_state("pages") is None
    store.write_state("pages", {"open": [1, 2]})
    store.write_state("pages", {"open": []})
    assert store.read_state("pages") == {"open": []}


def test_the_slo_views_join_everything(database, store):
    store.sync_objectives([READS], now_ns=T0)
    store.replace_sli(READS.name, [at(0)], [Minute(DELFT, at(0), 9, 10)])
    store.write_budgets([BUDGET])
    store.open_alert(ALERT)
    assert query_all(database, "select device, good, total, target from slo.sli") == [("mem-delft", 9, 10, 0.99)]
    assert query_all(database, "select device, burn_1h, state from slo.status") == [("mem-delft", 2.0, "at_risk")]
    assert query_all(database, "select device, display_name, tier from slo.alert") == [
        ("mem-delft", "Reads succeed", "fast")
    ]


def test_a_session_outlives_the_loss_of_its_connection(database, store):
    store.read_state("x")
    query_all(
        database,
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'",
    )
    store.write_state("x", 1)
    assert store.read_state("x") == 1
