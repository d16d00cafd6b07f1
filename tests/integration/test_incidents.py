"""Incidents follow from alerts: opened, joined, resolved, reopened, told once; their evidence outlives retention."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import pytest

from alert_rules import load_rules, load_shipped_objectives
from herald.alert_context import AlertContext
from herald.condition_watch import CONDITION_TIER
from herald.incident_postmortem import alert_moments, describe_row
from herald.incident_watch import IncidentWatch
from herald.incidents import IncidentPolicy, acknowledge, add_note, change_incident, mitigate, resolve
from herald.postmortem import collect_postmortem, find_incident
from herald.postmortem_record import PostmortemRecord
from herald.stretch import first_hurt
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS
from model.errors import InvalidInputError
from model.names import (
    EVENT_MEMORY_TOMOGRAPHY,
    METRIC_HERALD_INCIDENT_TIME_TO_RECOVER,
    METRIC_HERALD_INCIDENT_TIME_TO_REPAIR,
)
from model.queries import MetricQuery, Reducer
from model.windows import Window
from slo import Objective
from store import AccessStore, AlertRow, IncidentRow, Store, Writer, apply_retention, migrate, throwaway_database
from tests.integration.telemetry import at, batch, count_rows, event, t2
from tests.integration.test_engine import ALERTS, OUTAGE, READ_SUCCESS, minutes, read_minutes, run, start, write

POLICY = IncidentPolicy()
READS = replace(READ_SUCCESS, name="memory-reads", domain="memory", display_name="Reads succeed")
LAST = 200


@dataclass(frozen=True)
class Firing:
    """An alert from one minute to another, if it ever ends."""

    device: str
    fires: int
    resolves: int | None = None
    severity: str = "page"
    tier: str = "1h-5m"

    def row(self) -> AlertRow:
        return AlertRow(
            objective=READS.name,
            group=(("device", self.device),),
            tier=self.tier,
            severity=self.severity,
            fired_ns=at(self.fires),
            threshold=1.0,
            long_window="1h",
            short_window="5m",
        )


class Play:
    """Fires alerts in a database and lets the engine's part run over them."""

    def __init__(self, url: str) -> None:
        self.store = Store(url)
        self.watch = self.restarted()

    def restarted(self) -> IncidentWatch:
        """Return what an engine that has just started has."""
        objectives: dict[str, Objective] = {READS.name: READS}
        return IncidentWatch(self.store, objectives, (), AlertContext(self.store), POLICY)

    def by_the_minute(self, firings: Sequence[Firing], until: int) -> None:
        """Let alerts fire and resolve in their minutes, and step after each."""
        open_ids: dict[Firing, int] = {}
        for minute in range(1, until + 1):
            for firing in firings:
                if firing.resolves == minute:
                    self.store.resolve_alert(open_ids.pop(firing), resolved_ns=at(minute))
                if firing.fires == minute:
                    open_ids[firing] = self.store.open_alert(firing.row())
            self.watch.settle(at(minute))
            self.watch.step(Window(start_ns=at(minute - 1), end_ns=at(minute)))

    def in_one_go(self, firings: Sequence[Firing], until: int) -> None:
        """Let everything have happened, and step once."""
        for firing in sorted(firings, key=lambda firing: firing.fires):
            number = self.store.open_alert(firing.row())
            if firing.resolves is not None:
                self.store.resolve_alert(number, resolved_ns=at(firing.resolves))
        self.watch.step(Window(start_ns=at(0), end_ns=at(until)))
        self.watch.settle(at(until))

    def by_hand(self, row: IncidentRow, step: Callable[[IncidentRow, int, str], IncidentRow], now_ns: int) -> None:
        """Let a person take a step."""
        change_incident(self.store, row.incident_id, lambda was: step(was, now_ns, "ann"), actor="ann", policy=POLICY)

    def incidents(self) -> list[IncidentRow]:
        """Return all incidents, oldest first."""
        found = self.store.read_incidents(Window(start_ns=at(-10_000), end_ns=at(10_000)))
        return sorted(found, key=lambda row: row.incident_id)

    def told(self, metric: str, reducer: Reducer) -> list[tuple[int, float]]:
        """Return what was told of a metric: the minutes after the first in which, and how much."""
        query = MetricQuery(metric=metric, reducer=reducer)
        window = Window(start_ns=at(0), end_ns=at(10_000))
        return [((m.minute_ns - at(0)) // MINUTE_NS, m.value) for m in self.store.read_minutes(query, window)]


@pytest.fixture
def server_url(embedded_server_url: str) -> str:
    """One kind of server is enough for what only moves rows."""
    return embedded_server_url


@pytest.fixture
def play(database: str) -> Iterator[Play]:
    played = Play(database)
    yield played
    played.store.close()


def lives(rows: Sequence[IncidentRow]) -> list[tuple[object, ...]]:
    """Return what must not depend on how it was come by: ids do."""
    return [
        (
            row.title,
            row.entities,
            row.impact_ns,
            row.detected_ns,
            row.resolved_ns,
            row.closed_ns,
            row.settled_ns,
            len(row.alert_ids),
            row.notes,
        )
        for row in rows
    ]


def test_a_page_opens_an_incident_that_ends_when_all_its_pages_have_been_over_for_a_while(play: Play):
    second = Firing("mem-delft", 12, 40, tier="6h-30m")
    play.by_the_minute([Firing("mem-delft", 10, 30), second], 60)
    (row,) = play.incidents()
    assert (row.title, row.domain, row.entities) == ("Reads succeed: mem-delft", "memory", ("mem-delft",))
    assert (row.detected_ns, row.opened_by, len(row.alert_ids)) == (at(10), "engine", 2)
    assert (row.state, row.resolved_ns, row.closed_ns) == ("resolved", at(40), at(55))


def test_the_page_of_a_rule_without_a_budget_has_a_postmortem(play: Play):
    rule = next(rule for rule in load_rules() if rule.severity == "page" and rule.domain == "community")
    page = replace(Firing("mem-delft", 10).row(), objective=rule.name, tier=CONDITION_TIER, long_window="")
    told = find_incident(play.store, (), play.store.open_alert(page), now_ns=at(60))
    assert (told.title, told.domain) == (f"{rule.title}: mem-delft", "community")
    assert (told.impact_ns, told.detected_ns) == (at(9), at(10))  # what it looked at is not stored


def test_a_stretch_of_time_is_about_what_was_paged_about_first(play: Play):
    window = Window(start_ns=at(0), end_ns=at(20))
    with pytest.raises(InvalidInputError, match="nobody was told of anything"):
        first_hurt(play.store, window)
    for firing in (Firing("mem-a", 1, severity="ticket"), Firing("mem-b", 9), Firing("mem-c", 5)):
        play.store.open_alert(firing.row())
    assert first_hurt(play.store, window) == "mem-c"


def test_a_ticket_that_fires_on_holds_no_incident_open(play: Play):
    slow = Firing("mem-delft", 12, severity="ticket", tier="3d-6h")
    play.by_the_minute([Firing("mem-delft", 10, 30), slow], 60)
    (row,) = play.incidents()
    assert len(row.alert_ids) == 2
    assert (row.state, row.resolved_ns, row.closed_ns) == ("resolved", at(30), at(45))


def test_what_somebody_opened_stays_open_when_the_pages_that_joined_it_are_over(play: Play):
    cut = IncidentRow(
        title="fibre cut",
        entities=("mem-delft",),
        impact_ns=at(1),
        detected_ns=at(5),
        opened_ns=at(5),
        opened_by="ann",
    )
    play.store.add_incident(cut, POLICY.pin(cut))
    play.by_the_minute([Firing("mem-delft", 10, 30)], 60)
    (row,) = play.incidents()
    assert (row.state, len(row.alert_ids)) == ("open", 1)
    play.by_hand(row, resolve, at(61))
    (row,) = play.incidents()
    assert (row.state, row.resolved_ns, row.closed_ns) == ("resolved", at(61), at(61))


def test_what_is_done_in_the_quiet_time_after_the_last_page_comes_before_resolved(play: Play):
    firings = [Firing("mem-delft", 10, 30)]
    play.by_the_minute(firings, 31)
    (row,) = play.incidents()
    play.by_hand(row, mitigate, at(33))
    play.watch.step(Window(start_ns=at(31), end_ns=at(60)))
    (row,) = play.incidents()
    assert (row.acknowledged_ns, row.mitigated_ns, row.resolved_ns) == (at(33), at(33), at(33))
    assert (row.resolved_by, row.closed_ns) == ("engine", at(45))


def test_a_ticket_alone_opens_nothing_and_joins_what_a_page_opens_later(play: Play):
    ticket = Firing("mem-delft", 3, severity="ticket", tier="3d-6h")
    play.by_the_minute([ticket], 5)
    assert play.incidents() == []
    play.in_one_go([Firing("mem-delft", 10)], 20)
    assert [len(row.alert_ids) for row in play.incidents()] == [2]


STORY = [
    Firing("mem-delft", 10, 30),
    Firing("mem-delft", 5, 45, severity="ticket", tier="3d-6h"),
    Firing("mem-hague", 10, 20),
    Firing("mem-leiden", 17, 150),
    Firing("mem-delft", 80, 90),  # again, soon enough
    Firing("mem-delft", 180, 185),  # again, too late
    Firing("mem-delft", 182, severity="ticket", tier="6h-30m"),
]


def test_the_past_in_one_go_and_minute_by_minute_are_the_same_incidents(play: Play, server_url: str):
    play.by_the_minute(STORY, LAST)
    with throwaway_database(server_url) as url:
        migrate(url)
        other = Play(url)
        other.in_one_go(STORY, LAST)
        assert lives(other.incidents()) == lives(play.incidents())
        assert other.told(METRIC_HERALD_INCIDENT_TIME_TO_REPAIR, Reducer.SUM) == play.told(
            METRIC_HERALD_INCIDENT_TIME_TO_REPAIR, Reducer.SUM
        )
        other.store.close()
    assert [(row.state, len(row.alert_ids)) for row in play.incidents()] == [
        ("resolved", 4),
        ("resolved", 1),
        ("resolved", 2),  # its ticket fires on
    ]


def test_an_incident_that_opens_again_says_so_and_is_not_mitigated_any_more(play: Play):
    play.by_the_minute([Firing("mem-delft", 10, 30)], 31)
    (row,) = play.incidents()
    change_incident(play.store, row.incident_id, lambda was: mitigate(was, at(31), "ann"), actor="ann", policy=POLICY)
    play.by_the_minute([Firing("mem-delft", 80)], 80)
    (row,) = play.incidents()
    assert (row.state, row.acknowledged_by, row.mitigated_ns, row.closed_ns) == ("acknowledged", "ann", None, None)
    assert [note.text for note in row.notes] == ["opened again: Reads succeed: mem-delft fires again"]


def test_another_engine_goes_on_with_what_stands_in_the_database(play: Play):
    firings = [Firing("mem-delft", 10, 30)]
    play.by_the_minute(firings, 40)
    play.watch = play.restarted()
    for minute in range(41, 130):
        play.watch.settle(at(minute))
        play.watch.step(Window(start_ns=at(minute - 1), end_ns=at(minute)))
        play.watch = play.restarted()
    (row,) = play.incidents()
    assert (row.state, row.closed_ns, row.settled_ns) == ("resolved", at(45), at(105))


def test_its_times_are_told_once_in_the_minute_in_which_it_can_open_no_more(play: Play):
    play.by_the_minute([Firing("mem-delft", 10, 30)], 120)
    play.watch = play.restarted()
    play.watch.settle(at(130))
    assert play.told(METRIC_HERALD_INCIDENT_TIME_TO_REPAIR, Reducer.COUNT) == [(104, 1.0)]
    assert play.told(METRIC_HERALD_INCIDENT_TIME_TO_REPAIR, Reducer.SUM) == [(104, 20 * 60.0)]
    assert play.told(METRIC_HERALD_INCIDENT_TIME_TO_RECOVER, Reducer.SUM) == [(104, 20 * 60.0)]


def test_a_transaction_that_fails_tells_nothing_and_the_next_one_does(play: Play):
    play.by_the_minute([Firing("mem-delft", 10, 30)], 60)

    def settle_and_crash() -> None:
        with play.store.transaction():
            play.watch.settle(at(200))
            raise RuntimeError("crash")

    with pytest.raises(RuntimeError, match="crash"):
        settle_and_crash()
    assert play.told(METRIC_HERALD_INCIDENT_TIME_TO_REPAIR, Reducer.COUNT) == []
    play.restarted().settle(at(200))
    assert play.told(METRIC_HERALD_INCIDENT_TIME_TO_REPAIR, Reducer.COUNT) == [(104, 1.0)]


def test_the_audit_log_tells_who_did_what(play: Play, database: str):
    play.by_the_minute([Firing("mem-delft", 10, 30)], 31)
    (row,) = play.incidents()
    play.by_hand(row, acknowledge, at(32))
    play.by_hand(row, resolve, at(33))
    with AccessStore(database) as access:
        told = [entry for entry in access.read_audit(limit=50) if entry.action.startswith("incident.")]
    assert [entry.action for entry in told] == ["incident.change", "incident.change", "incident.add"]
    assert [entry.actor for entry in told][:2] == ["ann", "ann"]
    assert told[2].actor.startswith("engine (")
    assert told[0].details["new"]["state"] == "resolved"


def test_raw_evidence_of_an_incident_survives_retention_until_it_is_closed_and_its_keep_time_is_over(
    play: Play, database: str, writer: Writer
):
    around = [at(m) for m in (10, -40 * 24 * 60)]
    states = [event(EVENT_MEMORY_TOMOGRAPHY, time_ns) for time_ns in around]
    writer.write("spool-1", [batch(1, [(t2(), time_ns, 0, 1.0) for time_ns in around], events=states)])
    play.by_the_minute([Firing("mem-delft", 10)], 12)
    later_ns = at(0) + 200 * DAY_NS
    apply_retention(database, now_ns=later_ns, keep_days=30)
    assert evidence(database) == (1, 1)  # the older ones were nobody's evidence

    (row,) = play.incidents()
    play.by_hand(row, resolve, later_ns)
    apply_retention(database, now_ns=later_ns + POLICY.keep_ns - HOUR_NS, keep_days=30)
    assert evidence(database) == (1, 1)
    apply_retention(database, now_ns=later_ns + POLICY.keep_ns, keep_days=30)
    assert (evidence(database), count_rows(database, "pin")) == ((0, 0), 0)


def evidence(database: str) -> tuple[int, int]:
    """Return how many points and snapshots of states are kept."""
    return count_rows(database, "point"), count_rows(database, "event")


def test_the_postmortem_of_an_incident_tells_who_did_what_and_what_they_wrote(play: Play, database: str):
    play.by_the_minute([Firing("mem-delft", 10, 30)], 31)
    (row,) = play.incidents()
    play.by_hand(row, acknowledge, at(12))
    play.by_hand(row, lambda was, now_ns, who: add_note(was, now_ns, who, "pump restarted"), at(20))
    (row,) = play.incidents()
    record = PostmortemRecord(play.store, database)
    told = collect_postmortem(record, [READS], describe_row(row, now_ns=at(31)), version="1", row=row)
    assert [(moment.at_ns, moment.kind, moment.text) for moment in told.timeline if moment.kind != "impact"] == [
        (at(10), "alert", "page memory-reads of mem-delft (1h-5m) fires"),
        (at(10), "incident", f"incident {row.incident_id} opened by engine"),
        (at(12), "incident", f"incident {row.incident_id} acknowledged by ann"),
        (at(20), "note", "pump restarted"),
        (at(30), "resolved", "page memory-reads of mem-delft (1h-5m) resolves"),
    ]


@pytest.mark.parametrize(
    ("board", "link"),
    [
        ("http://h/d/on-call", "http://h/d/on-call?from={start}&to={end}"),
        ("http://h/d/slo?var-link=a&from=7&to=now", "http://h/d/slo?var-link=a&from=7&to={end}"),
        ("", ""),
    ],
)
def test_an_alert_leads_to_the_board_of_the_time_of_its_incident(board: str, link: str):
    alert = replace(Firing("mem-delft", 10, 30).row(), annotations={"dashboard_url": board})
    window = Window(start_ns=at(0), end_ns=at(60))
    span = {"start": window.start_ns // 1_000_000, "end": window.end_ns // 1_000_000}
    assert {moment.link for moment in alert_moments([alert], window)} == {link.format(**span)}


RECOVERY = next(each for each in load_shipped_objectives() if each.catalogue_id == "memory.M10")


def test_an_outage_becomes_an_incident_from_its_first_bad_minute_on_and_counts_in_the_time_to_recover(
    store: Store, writer: Writer
):
    reads_succeed = replace(READ_SUCCESS, domain="memory")
    engine = start(store, reads_succeed, RECOVERY)
    write(writer, read_minutes(range(300)))
    run(engine, [90, *range(100, 136), 176, *range(230, 242)])
    (row,) = store.read_incidents(Window(start_ns=at(0), end_ns=at(300)))
    assert (minutes(row.impact_ns), minutes(row.detected_ns)) == (OUTAGE.start, ALERTS[0][1])
    assert (minutes(row.resolved_ns or 0), minutes(row.closed_ns or 0)) == (ALERTS[1][2], ALERTS[1][2] + 15)
    assert minutes(row.settled_ns or 0) == ALERTS[1][2] + 75
    counted = store.read_sli(RECOVERY.name, Window(start_ns=at(0), end_ns=at(300)))
    assert [(dict(sli.group), sli.good.tolist(), sli.total.tolist()) for sli in counted] == [
        ({"domain": "memory"}, [1], [1])
    ]
    assert store.read_revisions(RECOVERY.name) == []
