"""The engine on a real database: the past in one go or minute by minute, late data, restarts, changed objectives."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from decimal import Decimal

import pytest

from herald.engine import GRACE_NS, Engine
from model import names
from model.clock import DAY_NS, MINUTE_NS
from model.queries import MetricQuery, Reducer
from model.windows import Window
from slo import DEFAULT_TIERS, Objective, RatioIndicator, Silence
from store import Store, Writer, migrate, throwaway_database
from tests.integration.telemetry import Point, at, batch, event, minute_counts, reads

SPOOL = "spool-1"
READS = MetricQuery(metric=names.METRIC_MEMORY_READS, reducer=Reducer.SUM, group_by=(names.ATTR_DEVICE_ID,))
READ_SUCCESS = Objective(
    name="read-success",
    service="quantum-memory",
    indicator=RatioIndicator(total=READS, good=replace(READS, filters=((names.ATTR_OUTCOME, ("success",)),))),
    target=Decimal("0.99"),
    window_ns=28 * DAY_NS,
    group_by=(names.ATTR_DEVICE_ID,),
    tiers=DEFAULT_TIERS,
)
OUTAGE = range(100, 130)
"""The minutes in which every read fails."""

ALERTS = [("1h-5m", 109, 135), ("6h-30m", 121, 159)]
"""What the outage raises: 13.44 % of an hour are 8.06 min, 5.6 % of six hours 20.16 min, 5.6 % of 30 min 1.68 min."""

HIGH_OUTAGE, LAST = 125, 200
"""A minute at whose end both fire, and one at whose end both have resolved."""


def read_minutes(minutes: Iterable[int], *, device: str = "mem-delft") -> list[Point]:
    """Return a hundred reads in each of these minutes, all of which fail during the outage."""
    return [
        point
        for minute in minutes
        for outcome in ("success", "failure")
        for point in minute_counts(
            reads(outcome, device), [100 if (outcome == "failure") == (minute in OUTAGE) else 0], first=minute + 1
        )
    ]


def write(writer: Writer, points: Sequence[Point], *, position: int = 1) -> None:
    writer.write(SPOOL, [batch(position, points)])


def start(store: Store, *objectives: Objective, minute: int = 0) -> Engine:
    """Return an engine as a process makes one that starts at the end of a minute."""
    return Engine(store, objectives or (READ_SUCCESS,), web_url="http://herald", now_ns=at(minute) + GRACE_NS)


def run(engine: Engine, minutes: Iterable[int]) -> None:
    """Step at the end of each of these minutes."""
    for minute in minutes:
        engine.step(at(minute) + GRACE_NS)


def alerts_of(store: Store) -> list[tuple[str, int, int | None]]:
    """Return tier, and the minutes at whose end it fired and resolved, of all alerts."""
    found = store.read_alerts(Window(start_ns=0, end_ns=at(10_000)))
    return sorted((a.tier, minutes(a.fired_ns), a.resolved_ns and minutes(a.resolved_ns)) for a in found)


def minutes(when_ns: int) -> int:
    """Return a time in minutes after the first."""
    return (when_ns - at(0)) // MINUTE_NS


def sli_of(store: Store, name: str = "read-success") -> dict[tuple[str, int], tuple[int, int]]:
    """Return good and total by device and minute."""
    return {
        (sli.group[0][1], minutes(minute)): (good, total)
        for sli in store.read_sli(name, Window(start_ns=at(-10_000), end_ns=at(10_000)))
        for minute, good, total in zip(sli.minute_ns.tolist(), sli.good.tolist(), sli.total.tolist(), strict=True)
    }


def budgets_of(store: Store) -> dict[int, tuple[int, int, str]]:
    """Return good, total and state by the minute of the snapshot."""
    found = store.read_budgets("read-success", Window(start_ns=0, end_ns=at(10_000)))
    return {minutes(row.time_ns): (row.good, row.total, row.state) for row in found}


def open_tiers(store: Store) -> list[str]:
    return sorted(alert.tier for alert in store.read_open_alerts())


@pytest.fixture
def other_database(server_url: str) -> Iterator[str]:
    """A second database, for doing the same in another way."""
    with throwaway_database(server_url) as url:
        migrate(url)
        yield url


def test_minute_by_minute_and_in_one_go_say_the_same(store: Store, writer: Writer, other_database: str) -> None:
    engine = start(store)
    for minute in range(LAST):
        write(writer, read_minutes([minute]), position=minute + 1)
        run(engine, [minute + 1])
    with Store(other_database) as other, closing(Writer(other_database)) as other_writer:
        write(other_writer, read_minutes(range(LAST)))
        run(start(other), [LAST])
        assert alerts_of(store) == alerts_of(other) == ALERTS
        assert sli_of(store) == sli_of(other)
        assert budgets_of(other).items() <= budgets_of(store).items()


def test_late_data_change_exactly_their_minutes(store: Store, writer: Writer) -> None:
    write(writer, read_minutes(range(60)))
    engine = start(store)
    run(engine, [60])
    before = sli_of(store)
    late = [(reads("failure"), at(minute + 0.5), at(minute), 7.0) for minute in (10, 40)]
    write(writer, late, position=2)
    assert engine.step(at(60) + GRACE_NS).recounted == 2
    assert dict(sli_of(store).items() - before.items()) == {
        ("mem-delft", 10): (100, 107),
        ("mem-delft", 40): (100, 107),
    }


def test_late_failures_count_at_the_next_minute(store: Store, writer: Writer) -> None:
    write(writer, read_minutes(range(90)))
    engine = start(store)
    run(engine, [90])
    write(writer, [(reads("failure"), at(m + 0.5), at(m), 100.0) for m in range(70, 90)], position=2)
    write(writer, read_minutes([90]), position=3)
    run(engine, [91])
    assert alerts_of(store) == [("1h-5m", 91, None)]


def test_a_device_whose_clock_runs_ahead_does_not_blind_the_engine(store: Store, writer: Writer) -> None:
    write(writer, read_minutes(range(90)))
    engine = start(store)
    run(engine, [90])
    write(writer, read_minutes([90 + 40 * 24 * 60]), position=2)
    write(writer, [(reads("failure"), at(m + 1), at(m), 100.0) for m in range(90, 120)], position=3)
    run(engine, [120])
    assert [tier for tier, _, _ in alerts_of(store)] != []


def test_a_restarted_engine_goes_on_with_its_alerts(store: Store, writer: Writer, database: str) -> None:
    write(writer, read_minutes(range(LAST)))
    run(start(store), [HIGH_OUTAGE])
    assert open_tiers(store) == ["1h-5m", "6h-30m"]
    for minute in range(HIGH_OUTAGE + 1, LAST + 1):  # a new process every minute
        with Store(database) as restarted:
            run(start(restarted, minute=minute), [minute])
    assert alerts_of(store) == ALERTS


def test_a_second_delivery_changes_nothing(store: Store, writer: Writer) -> None:
    points = read_minutes(range(LAST))
    write(writer, points)
    engine = start(store)
    run(engine, [LAST])
    before = sli_of(store), alerts_of(store)
    for position in range(2, 5):  # in other requests, so that only the points themselves can tell
        write(writer, points[position::7], position=position)
        run(engine, [LAST + position])
    assert (sli_of(store), alerts_of(store)) == before


def test_budgets_are_told_hourly_in_history_and_every_five_minutes_for_the_last_day(
    store: Store, writer: Writer
) -> None:
    end = 30 * 60 + 6  # T0 is six minutes before the hour
    write(writer, read_minutes(range(0, end, 10)))
    run(start(store), [end])
    told_at = sorted(budgets_of(store))
    day_before = end - 24 * 60
    assert told_at == [*range(6, day_before, 60), *range(day_before, end + 1, 5)]


def test_the_newest_budget_is_the_sum_of_all_minutes(store: Store, writer: Writer) -> None:
    write(writer, read_minutes(range(LAST)))
    run(start(store), [LAST])
    good, total = (sum(column) for column in zip(*sli_of(store).values(), strict=True))
    (status,) = store.read_statuses()
    assert (status.good, status.total, minutes(status.time_ns)) == (good, total, LAST)


def test_devices_are_judged_apart(store: Store, writer: Writer) -> None:
    healthy = [(reads(device="mem-hague"), at(m + 1), at(m), 100.0) for m in range(LAST)]
    write(writer, read_minutes(range(HIGH_OUTAGE)) + healthy)
    run(start(store), [HIGH_OUTAGE])
    assert {alert.labels["device"] for alert in store.read_open_alerts()} == {"mem-delft"}


def test_silence_neither_resolves_nor_fires(store: Store, writer: Writer) -> None:
    write(writer, read_minutes(range(HIGH_OUTAGE)))
    engine = start(store)
    run(engine, range(HIGH_OUTAGE, LAST, 20))
    assert open_tiers(store) == ["1h-5m", "6h-30m"]


def test_where_silence_is_bad_a_dead_agent_is_an_outage(store: Store, writer: Writer, other_database: str) -> None:
    strict = replace(READ_SUCCESS, silence=Silence.BAD)
    told = [*range(100), *range(130, 140)]
    write(writer, read_minutes(told))
    engine = start(store, strict)
    run(engine, range(1, 161))
    with Store(other_database) as other, closing(Writer(other_database)) as other_writer:
        write(other_writer, read_minutes(told))
        run(start(other, strict), [160])
        assert sli_of(store) == sli_of(other)
        assert alerts_of(store) == alerts_of(other)
    assert {minute for (_, minute), counts in sli_of(store).items() if counts == (0, 1)} == {
        *range(100, 130),
        *range(140, 160),
    }


def test_late_data_take_the_place_of_silence(store: Store, writer: Writer) -> None:
    strict = replace(READ_SUCCESS, silence=Silence.BAD)
    write(writer, read_minutes([*range(50), *range(60, 70)]))
    engine = start(store, strict)
    run(engine, range(1, 71))
    write(writer, read_minutes(range(50, 60)), position=2)
    run(engine, [71])
    assert set(sli_of(store).values()) == {(100, 100), (0, 1)}
    assert sli_of(store)["mem-delft", 55] == (100, 100)


def test_an_engine_without_data_waits(store: Store) -> None:
    assert start(store).step(at(5)).fired == 0
    assert store.read_statuses() == []


def test_a_new_objective_counts_what_is_stored(store: Store, writer: Writer) -> None:
    write(writer, read_minutes(range(LAST)))
    run(start(store), [LAST])
    other = replace(READ_SUCCESS, name="other", target=Decimal("0.9"))
    run(start(store, READ_SUCCESS, other, minute=LAST), [LAST + 1])
    assert sli_of(store, "other") == sli_of(store)
    assert {status.objective for status in store.read_statuses()} == {"read-success", "other"}


def test_an_objective_that_counts_differently_counts_again(store: Store, writer: Writer) -> None:
    write(writer, read_minutes(range(LAST)))
    run(start(store), [LAST])
    strict = replace(READ_SUCCESS, indicator=RatioIndicator(total=READS, bad=READS))
    run(start(store, strict, minute=LAST), [LAST + 1])
    assert {good for good, _ in sli_of(store).values()} == {0}


def test_a_changed_target_keeps_what_was_counted(store: Store, writer: Writer) -> None:
    write(writer, read_minutes(range(LAST)))
    run(start(store), [LAST])
    easier = replace(READ_SUCCESS, target=Decimal("0.9"))
    assert start(store, easier, minute=LAST).step(at(LAST) + GRACE_NS).recounted == 0


@pytest.mark.parametrize(
    "changed",
    [replace(READ_SUCCESS, name="other"), replace(READ_SUCCESS, tiers=())],
    ids=["objective gone", "tier gone"],
)
def test_an_alert_that_nobody_judges_any_more_is_resolved(store: Store, writer: Writer, changed: Objective) -> None:
    write(writer, read_minutes(range(HIGH_OUTAGE)))
    run(start(store), [HIGH_OUTAGE])
    assert open_tiers(store) == ["1h-5m", "6h-30m"]
    run(start(store, changed, minute=HIGH_OUTAGE), [HIGH_OUTAGE + 1])
    assert "read-success" not in {alert.objective for alert in store.read_open_alerts()}


def test_an_objective_that_comes_back_counts_what_it_missed(store: Store, writer: Writer) -> None:
    write(writer, read_minutes(range(50)))
    run(start(store), [50])
    other = replace(READ_SUCCESS, name="other")
    write(writer, read_minutes(range(50, 60)), position=2)
    run(start(store, other, minute=50), [60])
    run(start(store, minute=60), [61])
    assert len(sli_of(store)) == 60


def test_maintenance_is_left_out_once_it_has_ended_for_its_device_and_where_it_is_excluded(
    store: Store, writer: Writer
) -> None:
    careful = replace(READ_SUCCESS, name="careful", exclude=("maintenance",))
    write(writer, read_minutes(range(HIGH_OUTAGE)) + read_minutes(range(HIGH_OUTAGE), device="mem-hague"))
    begins = event(names.EVENT_MAINTENANCE_START, at(100), quantum__device__id="mem-delft")
    writer.write(SPOOL, [batch(2, events=[begins])])
    engine = start(store, READ_SUCCESS, careful)
    run(engine, [HIGH_OUTAGE])
    assert sli_of(store, "careful") == sli_of(store)
    ends = event(names.EVENT_MAINTENANCE_END, at(120), quantum__device__id="mem-delft")
    writer.write(SPOOL, [batch(3, events=[ends])])
    run(engine, [HIGH_OUTAGE + 1])
    excluded = {("mem-delft", minute): (0, 0) for minute in range(100, 120)}
    assert sli_of(store, "careful") == {**sli_of(store), **excluded}
    assert {counts for key, counts in sli_of(store).items() if key in excluded} == {(0, 100)}
