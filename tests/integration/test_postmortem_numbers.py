"""The numbers of a postmortem are those of the stored minutes."""

import json
from typing import Any

import pytest

from herald.incident_postmortem import describe_row
from herald.postmortem import collect_postmortem
from herald.postmortem_record import PostmortemRecord
from herald.stretch import describe_stretch
from model import names
from model.clock import DAY_NS, MINUTE_NS, SECOND_NS, to_datetime
from model.errors import InvalidInputError
from model.points import Kind, Temporality
from model.windows import Window
from reports.render_postmortem import render_postmortem_json
from store import (
    IncidentRow,
    RollupStore,
    Store,
    Writer,
    connect,
    list_postmortem_queries,
    prepare_weeks,
    run_readonly,
)
from tests.integration.telemetry import at, minute_counts, reads, series
from tests.integration.test_engine import OUTAGE, READ_SUCCESS, read_minutes, run, start, write


def ask(database: str, name: str, window: Window, about: str) -> list[dict[str, Any]]:
    (query,) = [query for query in list_postmortem_queries() if query.name == name]
    answer = run_readonly(database, query.ask(window, about))
    return [dict(zip(query.columns, row, strict=True)) for row in answer.rows]


@pytest.mark.parametrize("cadence", [1, 20])
def test_the_budget_that_was_lost_is_that_of_events_as_they_come(
    store: Store, writer: Writer, database: str, cadence: int
):
    write(writer, read_minutes(range(0, 181, cadence)))
    run(start(store), [181])
    told = collect_postmortem(
        PostmortemRecord(store, database),
        [READ_SUCCESS],
        describe_stretch("mem-delft", Window(start_ns=at(OUTAGE.start), end_ns=at(160))),
        version="1",
    )
    (impact,) = told.impacts
    failed = len(range(OUTAGE.start, OUTAGE.stop, cadence)) * 100
    in_a_window = 100 / cadence * 28 * DAY_NS / MINUTE_NS
    assert impact.bad == failed
    assert impact.budget_share == pytest.approx(failed / (0.01 * in_a_window))
    assert json.loads(render_postmortem_json(told))["impact"][0]["budget_share"] == impact.budget_share


def test_the_share_of_the_budget_is_the_one_that_the_query_tells_whatever_the_traffic_around_it(
    store: Store, writer: Writer, database: str
):
    """Three busy hours, then two quiet ones with the outage: the traffic around it is not the usual one."""
    succeed = [1000] * 180 + [10] * 40 + [0] * 20 + [10] * 60
    fail = [0] * 220 + [10] * 20 + [0] * 60
    write(
        writer, [*minute_counts(reads("success"), succeed, first=1), *minute_counts(reads("failure"), fail, first=1)]
    )
    run(start(store), [300])
    asked = Window(start_ns=at(220), end_ns=at(245))
    record = PostmortemRecord(store, database)
    (impact,) = collect_postmortem(record, [READ_SUCCESS], describe_stretch("mem-delft", asked), version="1").impacts
    (row,) = ask(database, "budget_spent", asked, "mem-delft")
    usual = (sum(succeed[:245]) + sum(fail)) / (245 * MINUTE_NS)
    assert (impact.bad, impact.total) == (row["bad"], row["total"]) == (200, 250)
    assert impact.budget_share == pytest.approx(200 / (0.01 * usual * 28 * DAY_NS))
    assert row["spent"] == pytest.approx(impact.budget_share)


@pytest.mark.parametrize(("window", "end"), [(90, 245), (20, 245), (30, 240), (120, 246), (244, 245), (600, 245)])
def test_the_usual_traffic_is_counted_to_the_minute(store: Store, writer: Writer, window: int, end: int):
    """T0 is six minutes before a full hour; no two minutes have as many events."""
    counts = [3 + minute for minute in range(300)]
    write(writer, minute_counts(reads("success"), counts, first=1))
    run(start(store), [300])
    (group,) = store.read_entities(READ_SUCCESS.name)
    length_ns = window * MINUTE_NS
    told = store.read_usual_events(READ_SUCCESS.name, [group], window_ns=length_ns, end_ns=at(end))
    lived = min(window, end)
    assert told == {group: pytest.approx(sum(counts[end - lived : end]) * window / lived)}
    assert store.read_usual_events(READ_SUCCESS.name, [group], window_ns=length_ns, end_ns=at(0)) == {}


@pytest.mark.parametrize("length_ns", [0, 31 * DAY_NS + 1])
def test_a_stretch_that_is_empty_or_endless_is_refused(length_ns: int):
    with pytest.raises(InvalidInputError, match="31 days at most"):
        describe_stretch("mem-delft", Window(start_ns=at(0), end_ns=at(0) + length_ns))


def test_a_postmortem_tells_of_everything_that_an_incident_hurt(store: Store, writer: Writer, database: str):
    jobs = series(
        names.METRIC_JOB_COMPLETIONS, Kind.SUM, Temporality.DELTA, backend="qpu-b", tenant="lab-a", outcome="failure"
    )
    write(writer, [*read_minutes(range(180)), *minute_counts(jobs, [2] * 180)])
    run(start(store), [180])
    with RollupStore(database) as rollups:
        rollups.refresh(closed_ns=at(180), since_ns=0, budget_s=60)
    row = IncidentRow(
        title="Two at once",
        domain="memory",
        entities=("mem-delft", "qpu-b"),
        impact_ns=at(100),
        detected_ns=at(105),
        opened_ns=at(105),
        opened_by="ann",
    )
    told = collect_postmortem(
        PostmortemRecord(store, database), [READ_SUCCESS], describe_row(row, now_ns=at(160)), version="1", row=row
    )
    assert [(each.tenant, each.backend, each.failed) for each in told.tenants] == [("lab-a", "qpu-b", 120.0)]


def test_the_snapshots_before_are_told_once_however_many_there_are_since(store: Store, database: str):
    """The incident hurts the bank and its site, and both lead to the same snapshots."""
    prepare_weeks(database, now_ns=at(100))
    with connect(database) as connection:
        connection.execute(
            """insert into event (time, name, severity, body, site, device, resource, attributes)
               select %(from)s::timestamptz + number * interval '1 second', 'quantum.memory.tomography', 'INFO', '',
                      'delft', 'mem-delft', '{}', jsonb_build_object(
                          'quantum.slot.id', 'slot-0', 'quantum.tomography.state', 'z+',
                          'quantum.tomography.fidelity', 0.9,
                          'quantum.tomography.matrix', '[[[0.9, 0], [0, 0]], [[0, 0], [0.1, 0]]]')
                 from generate_series(-1, 10001) as number""",
            {"from": to_datetime(at(100))},
        )
    window = Window(start_ns=at(100), end_ns=at(400))
    (change,) = PostmortemRecord(store, database).states(window, "mem-delft\ndelft")
    assert (change.before.at_ns, change.before.error) == (at(100) - SECOND_NS, None)
