"""The numbers of a postmortem are those of the stored minutes."""

import json

import pytest

from herald.incident_postmortem import describe_row
from herald.postmortem import collect_postmortem, describe_stretch
from herald.postmortem_record import PostmortemRecord
from model import names
from model.clock import DAY_NS, MINUTE_NS, SECOND_NS, to_datetime
from model.errors import InvalidInputError
from model.points import Kind, Temporality
from model.windows import Window
from reports.render_postmortem import render_postmortem_json
from store import IncidentRow, RollupStore, Store, Writer, connect, prepare_weeks
from tests.integration.telemetry import at, minute_counts, series
from tests.integration.test_engine import OUTAGE, READ_SUCCESS, read_minutes, run, start, write


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


def test_the_snapshots_before_are_told_however_many_there_are_since(store: Store, database: str):
    prepare_weeks(database, now_ns=at(100))
    with connect(database) as connection:
        connection.execute(
            """insert into event (time, name, severity, body, device, resource, attributes)
               select %(from)s::timestamptz + number * interval '1 second', 'quantum.memory.tomography', 'INFO', '',
                      'mem-delft', '{}', jsonb_build_object(
                          'quantum.slot.id', 'slot-0', 'quantum.tomography.state', 'z+',
                          'quantum.tomography.fidelity', 0.9,
                          'quantum.tomography.matrix', '[[[0.9, 0], [0, 0]], [[0, 0], [0.1, 0]]]')
                 from generate_series(-1, 10001) as number""",
            {"from": to_datetime(at(100))},
        )
    window = Window(start_ns=at(100), end_ns=at(400))
    (change,) = PostmortemRecord(store, database).states(window, ["mem-delft"])
    assert (change.before.at_ns, change.before.error) == (at(100) - SECOND_NS, None)
