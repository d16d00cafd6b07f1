"""What a report tells of exclusions, and of what tenants used, on every database."""

from dataclasses import replace
from decimal import Decimal

import pytest

from herald.incidents import IncidentPolicy
from herald.report_period import rolling_period
from herald.slo_reports import collect_report
from model import names
from model.clock import HOUR_NS, MINUTE_NS
from model.points import Kind, Temporality
from model.windows import Window
from slo import BudgetingMethod, Component, CompositeIndicator
from store import ExclusionRow, IncidentRow, RollupStore, Store, Writer
from tests.integration.telemetry import at, batch, minute_counts, series
from tests.integration.test_engine import HIGH_OUTAGE, LAST, READ_SUCCESS, read_minutes, run, start, write


def test_what_was_excluded_is_told_with_and_without(store: Store, writer: Writer) -> None:
    careful = replace(READ_SUCCESS, name="careful", exclude=("maintenance",))
    write(writer, read_minutes(range(HIGH_OUTAGE)))
    store.add_exclusion(
        ExclusionRow(
            kind="maintenance",
            matchers={"device": "mem-delft"},
            start_ns=at(100),
            end_ns=at(120),
            rule="",
            zone="UTC",
            mode=None,
            who="ada",
            why="pump replaced",
            source="",
            created_ns=at(0),
        ),
        actor="ada",
    )
    run(start(store, careful), [HIGH_OUTAGE])
    found = collect_report(store, [careful], rolling_period(2 * HOUR_NS, at(HIGH_OUTAGE)), version="1")
    (row,), (correction,) = found.rows, found.corrections
    assert row.excluded_minutes == 20
    assert row.without_exclusions == (row.good, row.total + 20 * 100)
    assert (correction.who, correction.why) == ("ada", "pump replaced")
    assert [(effect.before, effect.after) for effect in correction.effects] == [
        (row.without_exclusions, (row.good, row.total))
    ]


def test_what_tenants_used_is_metered_by_tenant_and_device(database: str, store: Store, writer: Writer) -> None:
    leased = series(names.METRIC_MEMORY_HOLD_TIME, Kind.SUM, Temporality.DELTA, device="mem-delft", tenant="lab-a")
    writer.write("spool-1", [batch(1, minute_counts(leased, [30] * 120))])
    with store.recount():
        pass
    with RollupStore(database) as rollups:
        rollups.refresh(closed_ns=at(180), since_ns=0, budget_s=60)
    window = Window(start_ns=at(0) - HOUR_NS, end_ns=at(180))
    assert store.read_used([names.METRIC_MEMORY_HOLD_TIME], window) == [
        (names.METRIC_MEMORY_HOLD_TIME, "mem-delft", "lab-a", 3600.0)
    ]


def test_incidents_count_in_the_window_in_which_they_were_detected(store: Store, writer: Writer) -> None:
    write(writer, read_minutes(range(120)))
    run(start(store, READ_SUCCESS), [120])
    for minute, domain in ((0, "memory"), (10, "memory"), (20, ""), (30, "link"), (120, "memory"), (121, "memory")):
        row = IncidentRow(
            title="fibre cut",
            domain=domain,
            impact_ns=at(minute),
            detected_ns=at(minute),
            opened_ns=at(minute),
            opened_by="ada",
            acknowledged_ns=at(minute + 5),
            acknowledged_by="ada",
        )
        store.add_incident(row, IncidentPolicy().pin(row))
    of_memory = replace(READ_SUCCESS, domain="memory")
    found = collect_report(store, [of_memory], rolling_period(2 * HOUR_NS, at(120)), version="1", service="m")
    assert [(each.domain, each.incidents, each.acknowledged, each.mean_s) for each in found.acknowledgement] == [
        ("memory", 2, 1, 300.0),  # what was detected last has not been taken yet
        ("", 2, 1, 300.0),
    ]


def test_an_incident_that_was_over_before_the_window_is_not_told_however_late_it_was_closed(
    store: Store, writer: Writer
) -> None:
    write(writer, read_minutes(range(100)))
    run(start(store, READ_SUCCESS), [100])
    for resolved in (40, 41, None):
        row = IncidentRow(
            title=f"over at {resolved}",
            impact_ns=at(10),
            detected_ns=at(12),
            opened_ns=at(12),
            opened_by="ada",
            resolved_ns=None if resolved is None else at(resolved),
            closed_ns=None if resolved is None else at(90),
        )
        store.add_incident(row, IncidentPolicy().pin(row))
    found = collect_report(store, [READ_SUCCESS], rolling_period(HOUR_NS, at(100)), version="1")
    assert {each.title for each in found.incidents} == {"over at 41", "over at None"}


def test_a_service_hears_of_what_began_elsewhere_and_hurt_it_too(store: Store, writer: Writer) -> None:
    of_memory = replace(READ_SUCCESS, domain="memory")
    of_link = replace(READ_SUCCESS, name="link-reads", domain="link")
    write(writer, read_minutes(range(HIGH_OUTAGE)))
    run(start(store, of_memory, of_link), [HIGH_OUTAGE])
    period = rolling_period(4 * HOUR_NS, at(HIGH_OUTAGE))
    told = [
        [each.incident_id for each in collect_report(store, [one], period, version="1", service="one").incidents]
        for one in (of_memory, of_link)
    ]
    assert told[0] == told[1] != []


def test_of_one_service_its_own_alerts_and_metering_are_told(database: str, store: Store, writer: Writer) -> None:
    of_memory = replace(READ_SUCCESS, domain="memory")
    of_link = replace(READ_SUCCESS, name="link-reads", domain="link")
    leased = series(names.METRIC_MEMORY_HOLD_TIME, Kind.SUM, Temporality.DELTA, device="mem-delft", tenant="lab-a")
    write(writer, [*read_minutes(range(HIGH_OUTAGE)), *minute_counts(leased, [30] * 120)])
    run(start(store, of_memory, of_link), [HIGH_OUTAGE])
    with RollupStore(database) as rollups:
        rollups.refresh(closed_ns=at(180), since_ns=0, budget_s=60)
    period = rolling_period(4 * HOUR_NS, at(HIGH_OUTAGE))
    fleet = collect_report(store, [of_memory, of_link], period, version="1")
    memory = collect_report(store, [of_memory], period, version="1", service="quantum-memory")
    link = collect_report(store, [of_link], period, version="1", service="quantum-link")
    assert sorted(alert.objective for alert in fleet.alerts) == ["link-reads"] * 2 + ["read-success"] * 2
    assert {alert.objective for alert in memory.alerts} == {"read-success"}
    assert [len(each.metered) for each in (fleet, memory, link)] == [1, 1, 0]


def test_the_worst_hour_may_be_the_last_and_unfinished_one(store: Store, writer: Writer) -> None:
    write(writer, read_minutes(range(HIGH_OUTAGE)))
    run(start(store, READ_SUCCESS), [HIGH_OUTAGE])
    (row,) = collect_report(store, [READ_SUCCESS], rolling_period(75 * MINUTE_NS, at(HIGH_OUTAGE)), version="1").rows
    assert (row.worst_hour_ns, row.worst_hour_bad) == (at(110), 1500)
    assert row.history_ns[[0, -1]].tolist() == [at(50), at(HIGH_OUTAGE)]
    assert row.history_remaining.tolist() == pytest.approx([1.0, 1 - 1000 / 75, 1 - 2500 / 75])


@pytest.mark.parametrize(("start_minute", "end", "state"), [(0, 99, "ok"), (40, 130, "exhausted"), (140, 200, "ok")])
def test_the_state_is_that_of_the_window_and_not_of_the_objective(
    store: Store, writer: Writer, start_minute: int, end: int, state: str
) -> None:
    write(writer, read_minutes(range(LAST)))
    run(start(store, READ_SUCCESS), [LAST])
    period = rolling_period((end - start_minute) * MINUTE_NS, at(end))
    (row,) = collect_report(store, [READ_SUCCESS], period, version="1").rows
    assert (row.state, row.coverage) == (state, 1.0)


def test_an_objective_of_slices_is_covered_where_its_slices_are(store: Store, writer: Writer) -> None:
    sliced = replace(
        READ_SUCCESS, slice_ns=5 * MINUTE_NS, slice_target=Decimal("0.9"), method=BudgetingMethod.TIMESLICES
    )
    write(writer, read_minutes(range(100)))
    run(start(store, sliced), [100])
    (row,) = collect_report(store, [sliced], rolling_period(100 * MINUTE_NS, at(100)), version="1").rows
    assert (row.total, row.coverage) == (20, 1.0)


def test_a_composite_is_told_by_month_and_beside_the_window_before(store: Store, writer: Writer) -> None:
    part = Component(name="reads", indicator=READ_SUCCESS.indicator, target=READ_SUCCESS.target)  # type: ignore[arg-type]
    both = replace(READ_SUCCESS, name="both", indicator=CompositeIndicator(components=(part,)))
    write(writer, read_minutes(range(LAST)))
    run(start(store, both, READ_SUCCESS), [LAST])
    period = rolling_period(LAST // 2 * MINUTE_NS, at(LAST))
    rows = collect_report(store, [both, READ_SUCCESS], period, version="1").rows
    composite, alone = sorted(rows, key=lambda row: row.objective)
    assert composite.unit.symbol == "1"
    assert composite.remaining_before == pytest.approx(alone.remaining_before)
    assert [month.label for month in composite.months] == [month.label for month in alone.months]
    assert [m.good / m.total for m in composite.months] == pytest.approx([m.good / m.total for m in alone.months])


def test_late_data_are_told_in_the_unit_of_what_they_changed(store: Store, writer: Writer) -> None:
    sliced = replace(READ_SUCCESS, name="sliced", slice_ns=5 * MINUTE_NS, method=BudgetingMethod.RATIO_TIMESLICES)
    write(writer, read_minutes([minute for minute in range(LAST) if minute not in range(20, 30)]))
    engine = start(store, READ_SUCCESS, sliced)
    run(engine, [LAST - 5])
    write(writer, read_minutes(range(20, 30)), position=2)
    run(engine, [LAST])
    period = rolling_period(LAST * MINUTE_NS, at(LAST))
    told = {
        each.what: each.why for each in collect_report(store, [READ_SUCCESS, sliced], period, version="1").corrections
    }
    assert [why.partition(" in all")[0] for _, why in sorted(told.items())] == [
        "+1,000 good and +1,000",
        "+5m good and +5m",  # of three slices that were late in part or whole only one had been silent
    ]
