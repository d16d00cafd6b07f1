"""Every postmortem query finds in the record of a game day what happened on it, on every kind of database.

What happened stands in `tests/integration/lived_fleet.py`. Queries are asked as the role that may only read.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from herald.impact import impact_of
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, to_datetime
from model.windows import Window
from slo import PAGE
from store import QueryRunner, Store, ask_range, connect, list_postmortem_queries
from tests.integration.lived_fleet import BROUGHT_IN, DECOY_NS, INCIDENT, NOW_NS, OBJECTIVES, SILENCE

QUERIES = {query.name: query for query in list_postmortem_queries()}
MEMORY, LINK, FAR_LINK, ORCHESTRATOR = "mem-delft", "link-delft-local", "link-delft-hague", "orch-hague"
OF_THE_REGISTRY = {"unbound_series", "incomplete_series"}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """The database of the game day."""

    url: str
    runner: QueryRunner

    def ask(self, name: str, about: str = "", window: Window = INCIDENT) -> list[Row]:
        answer = self.runner.read_table(QUERIES[name].ask(window, about), row_limit=10_000, timeout_s=30)
        return [dict(zip(QUERIES[name].columns, row, strict=True)) for row in answer.rows]


@pytest.fixture(scope="module", params=["embedded", "timescale"])
def record(request: pytest.FixtureRequest, lived_fleet: Callable[[str], str]) -> Iterator[Record]:
    url = lived_fleet(request.getfixturevalue(f"{request.param}_server_url"))
    runner = QueryRunner(url, connections=1)
    yield Record(url, runner)
    runner.close()


def moment(minutes: int) -> datetime:
    """Return a time by the minute of the incident."""
    return to_datetime(INCIDENT.start_ns + minutes * MINUTE_NS)


def over(bound: float) -> Callable[[float], bool]:
    return lambda value: value > bound


def under(bound: float) -> Callable[[float], bool]:
    return lambda value: value < bound


def telling(word: str) -> Callable[[str], bool]:
    return lambda text: word in text


FACTS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "agent_losses",
        "",
        {"agent": "agent-hague", "metric": "quantum.agent.traces", "lost_before": 0.0, "lost_during": 1.0},
    ),
    ("agent_losses", "", {"agent": "agent-hague", "metric": "quantum.agent.estimates", "lost_during": 1.0}),
    ("agent_losses", MEMORY, {"agent": "agent-delft", "metric": "quantum.agent.points", "lost": over(1000)}),
    (
        "alert_context",
        MEMORY,
        {
            "owner": "memory-platform",
            "segment": "ctl-delft",
            "change": telling("firmware:mem-delft"),
            "missing": "context",
        },
    ),
    (
        "alert_noise",
        MEMORY,
        {"objective": "memory-retrieval-fidelity", "tier": "1h-5m", "fired": 1, "short": 0, "without_loss": 0},
    ),
    ("alerts", MEMORY, {"objective": "memory-retrieval-fidelity", "severity": "page", "after_s": under(900)}),
    (
        "artifacts",
        "",
        {"metric": "quantum.registry.verifications", "outcome": "failure", "before_per_h": 0.0, "during": over(5)},
    ),
    (
        "budget_spent",
        MEMORY,
        {"objective": "memory-retrieval-fidelity", "bad": over(40), "spent": over(0), "remaining_after": under(0)},
    ),
    ("budget_spent", MEMORY, {"objective": "memory-coherence", "part": "slot-0", "bad": 3.0, "total": 3.0}),
    ("burn_crossings", MEMORY, {"objective": "memory-retrieval-fidelity", "was": "ok", "became": "exhausted"}),
    (
        "calibrations",
        MEMORY,
        {"entity": MEMORY, "distance": 0, "calibration": "cal-mem-delft-20260921", "age_s": 600.0},
    ),
    ("cardinality", "", {"metric": "quantum.link.requests", "series_during": 12, "points_during_per_h": under(700)}),
    (
        "changes",
        MEMORY,
        {
            "entity": MEMORY,
            "distance": 0,
            "change": "firmware",
            "version": "2.159.1",
            "at": to_datetime(DECOY_NS),
            "before_s": 600.0,
        },
    ),
    (
        "ci_runs",
        "",
        {
            "metric": "quantum.ci.runs",  # one of nineteen met a test that fails for no reason
            "part": "pinned",
            "failed": 1.0,
            "share_before": 0.0,
            "share_during": pytest.approx(1 / 19),
        },
    ),
    ("clock_offsets", MEMORY, {"entity": "ctl-delft", "offset_during_s": under(1e-3), "round_trip_s": under(1e-2)}),
    (
        "control_plane",
        MEMORY,
        {"entity": "ctl-delft", "distance": 1, "p95_during_s": under(1e-2), "lost_during": under(0.01)},
    ),
    ("costs", "", {"tenant": "lab", "component": "device", "ratio": over(5)}),
    ("dark_counts", LINK, {"kind": "signal", "ratio": under(0.6)}),
    ("dark_counts", LINK, {"kind": "dark", "ratio": over(1.2)}),
    ("evidence_kept", MEMORY, {"evidence": "points", "kept": over(50), "lost": 0, "pinned": True}),
    ("evidence_kept", MEMORY, {"evidence": "tomography", "kept": 1, "pinned": True}),
    (
        "failed_traces",
        ORCHESTRATOR,
        {"name": "quantum.job", "outcome": "failure", "reason": "sdk", "job": telling("job-orch-hague")},
    ),
    ("failures_by_tenant", "", {"tenant": "lab", "share_before": 0.0, "share_during": over(0.5)}),
    ("fidelity_claims", FAR_LINK, {"phase": "before", "estimated": over(0.9), "apart": under(5)}),
    (
        "fidelity_claims",
        FAR_LINK,
        {"phase": "during", "estimated": under(0.6), "measured": under(0.6), "apart": under(5)},
    ),
    (
        "incidents",
        MEMORY,
        {"entities": telling(MEMORY), "state": "open", "to_detect_s": under(1800), "alerts": over(20)},
    ),
    (
        "moved",
        MEMORY,
        {
            "entity": "cryo-delft",
            "distance": 1,
            "layer": "environment",
            "metric": "hw.temperature",
            "sigmas": over(10),
        },
    ),
    (
        "moved",
        MEMORY,
        {"entity": MEMORY, "distance": 0, "layer": "quantum", "metric": "quantum.memory.t2", "during": under(0.1)},
    ),
    (
        "parts",
        MEMORY,
        {"metric": "quantum.memory.fidelity", "part": "slot-0", "before": over(0.9), "ratio": under(0.7)},
    ),
    (
        "queue_waits",
        "",
        {"entity": ORCHESTRATOR, "class": "interactive", "p50_before_s": under(10), "p50_during_s": over(60)},
    ),
    (
        "quotas",
        "",
        {"tenant": "acme", "quota": 200.0, "used_before": under(20), "most_used": 200.0, "rejected_per_h": over(1)},
    ),
    ("remediation", MEMORY, {"kind": "change", "what": telling("roll-back"), "after_s": 4200.0}),
    (
        "repeats",
        MEMORY,
        {"objective": "memory-retrieval-fidelity", "times": 1, "pages": 1, "runbook": "memory-retrieval-fidelity"},
    ),
    ("scheduling", "", {"metric": "quantum.job.rejections", "part": "acme", "before": 0.0, "during": over(1)}),
    (
        "scheduling",
        "",
        {"metric": "quantum.queue.depth", "part": "background", "before": under(2), "during": over(50)},
    ),
    (
        "targets",
        MEMORY,
        {"objective": "memory-retrieval-fidelity", "target": 0.99, "kept_after": under(0.9), "missed_before": False},
    ),
    (
        "telemetry_gaps",
        MEMORY,
        {"entity": "ctl-delft", "from_time": moment(30), "until": moment(40), "minutes": 10.0},
    ),
    ("tomography", MEMORY, {"phase": "before", "fidelity": over(0.9)}),
    ("tomography", MEMORY, {"phase": "during", "fidelity": under(0.7), "matrix": telling("[[[")}),
    ("trace_correlation", "", {"name": "quantum.memory.job", "spans": over(5), "orphans": 0, "without_job": 0}),
    ("versions", MEMORY, {"kind": "firmware", "version": "2.159.1", "changed_during": False}),
    ("versions", ORCHESTRATOR, {"kind": "software", "changed_during": True}),
]


def tells(row: Row, fact: Mapping[str, Any]) -> bool:
    return all(
        row[column] is not None and wanted(row[column]) if callable(wanted) else row[column] == wanted
        for column, wanted in fact.items()
    )


@pytest.mark.parametrize(("name", "about", "fact"), FACTS, ids=[f"{name}-{about}" for name, about, _ in FACTS])
def test_a_query_tells_what_happened(record: Record, name: str, about: str, fact: dict[str, Any]):
    rows = record.ask(name, about)
    assert any(tells(row, fact) for row in rows), rows


def test_a_budget_is_that_of_a_window_of_the_usual_traffic(record: Record):
    """Counted by hand from the minutes; what was before the first of them counts at their rate."""
    told = {
        (row["objective"], row["entity"], row["part"]): row["spent"] for row in record.ask("budget_spent", MEMORY)
    }
    counted = {}
    with Store(record.url) as store:
        for objective in OBJECTIVES:
            for sli in store.read_sli(objective.name, Window(start_ns=0, end_ns=INCIDENT.end_ns)):
                labels = dict(sli.group)
                if labels.pop("device", "") == MEMORY:
                    bad = (sli.total - sli.good)[sli.minute_ns >= INCIDENT.start_ns].sum()
                    lived = int(INCIDENT.end_ns - sli.minute_ns[0])
                    usual = int(sli.total.sum()) * objective.window_ns / min(lived, objective.window_ns)
                    part = ", ".join(labels.values()) or None
                    counted[objective.name, MEMORY, part] = bad / (float(objective.error_budget) * usual)
    assert len(told) > 5
    assert told == pytest.approx({key: share for key, share in counted.items() if share})


def test_fidelities_move_down_during_the_incident(record: Record):
    rows = record.ask("fidelity_histogram", MEMORY)
    assert sum(row["share_before"] for row in rows if (row["above"] or 0) >= 0.9) > 0.9
    assert sum(row["share_during"] for row in rows if (row["up_to"] or 1) <= 0.6) > 0.9
    assert sum(row["share_during"] for row in rows) == pytest.approx(1.0)


def test_fidelity_falls_when_the_temperature_beside_it_rises(record: Record):
    rows = record.ask("fidelity_and_environment", MEMORY)
    fidelity = {row["time"]: row["value"] for row in rows if row["metric"] == "quantum.memory.fidelity"}
    warm = {row["time"]: row["value"] for row in rows if row["part"] == "Sample stage of cryo-delft, sample"}
    assert fidelity[moment(-10)] > 0.9 > 0.6 > fidelity[moment(20)]
    assert warm[moment(20)] > warm[moment(-10)] + 5


def test_the_timeline_joins_all_worlds_in_order(record: Record):
    rows = record.ask("timeline", MEMORY)
    assert {row["layer"] for row in rows} == {"quantum", "classical", "environment", "promise"}
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    told = [row["what"] for row in rows]
    assert told.index("Firmware: 2.159.1 on mem-delft") < told.index("page fires (1h-5m)")


def test_what_falls_silent_is_a_blind_spot(record: Record):
    blind = {row["entity"]: row for row in record.ask("blind_spots", MEMORY, SILENCE)}
    assert (blind["cryo-delft"]["metrics"], blind["cryo-delft"]["kind"]) == (0, "cryostat")
    assert blind["cryo-delft"]["silent_series"] > 5
    assert blind["agent-delft"]["distance"] == 1


def test_no_series_of_the_fleet_is_incomplete(record: Record):
    assert record.ask("incomplete_series") == []


def test_only_what_people_brought_in_is_bound_to_nothing_of_the_fleet(record: Record):
    assert {row["entity"] for row in record.ask("unbound_series")} == set(BROUGHT_IN)


def test_a_series_of_nothing_known_is_found(record: Record):
    """It is stored only as long as the transaction lasts."""
    with connect(record.url) as connection, connection.transaction(force_rollback=True):
        connection.execute(
            "insert into series (metric, kind, unit, temporality, monotonic, resource, scope, scope_version,"
            " attributes, identity, last_time)"
            " values ('quantum.memory.t2', 'gauge', 's', '', false, '{}', '', '', '{}', 'x', %s)",
            [moment(1)],
        )
        unbound = connection.execute(QUERIES["unbound_series"].ask(INCIDENT).encode()).fetchall()
        ((_, _, lacks, *_),) = connection.execute(QUERIES["incomplete_series"].ask(INCIDENT).encode()).fetchall()
    assert [examples for entity, _, _, examples, _ in unbound if entity is None] == ["quantum.memory.t2"]
    assert lacks == "quantum.device.id, quantum.slot.id"


def test_every_query_is_held_against_the_game_day():
    elsewhere = {"fidelity_histogram", "fidelity_and_environment", "timeline", "blind_spots"}
    assert {name for name, _, _ in FACTS} | elsewhere | OF_THE_REGISTRY == set(QUERIES)


@pytest.mark.parametrize("name", QUERIES)
def test_columns_are_what_the_query_says(record: Record, name: str):
    answer = record.runner.read_table(QUERIES[name].example, row_limit=1, timeout_s=30)
    assert [column.name for column in answer.columns] == list(QUERIES[name].columns)


def test_psql_shows_question_columns_and_example(record: Record):
    comment = "select obj_description('postmortem.changes(timestamptz, timestamptz, text)'::regprocedure)"
    ((shown,),) = record.runner.read_table(comment, row_limit=1, timeout_s=5).rows
    assert shown == QUERIES["changes"].comment
    assert "before_s: seconds before the start of the incident" in shown


def test_a_month_can_be_asked_about(record: Record):
    """All that is stored lies inside: what needs a past before it has nothing to compare with."""
    month = Window(start_ns=NOW_NS - 30 * DAY_NS, end_ns=NOW_NS + HOUR_NS)
    comparing = {"moved", "parts", "telemetry_gaps", "calibrations"}
    assert {name for name in QUERIES if not record.ask(name, window=month)} == {*comparing, "incomplete_series"}


def test_an_alert_has_the_range_that_its_postmortem_has(record: Record):
    with Store(record.url) as store:
        alert = next(a for a in store.read_alerts(INCIDENT) if (a.severity, a.labels.get("device")) == (PAGE, MEMORY))
        objective = next(o for o in OBJECTIVES if o.name == alert.objective)
        impact_ns = impact_of(store, objective, alert)
    ((start, _, about),) = record.runner.read_table(ask_range(alert=alert.alert_id), row_limit=2, timeout_s=5).rows
    assert (start, about) == (to_datetime(impact_ns), MEMORY)


@pytest.mark.parametrize("name", sorted(QUERIES.keys() - {"timeline"}))  # which tells the largest moves alone
def test_a_question_about_several_is_about_each_of_them(record: Record, name: str):
    key = next((column for column in ("entity", "agent", "objective") if column in QUERIES[name].columns), None)
    both = record.ask(name, f"{MEMORY}\n{FAR_LINK}")
    alone = [row for each in (MEMORY, FAR_LINK) for row in record.ask(name, each)]
    assert len(both) <= len(alone)
    assert key is None or {row[key] for row in both} == {row[key] for row in alone}
