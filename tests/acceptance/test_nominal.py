"""Nominal life of the default fleet: nobody is paged, budgets last, nothing that is really so leaves its range.

Two days here; `HERALD_NOMINAL_DAYS=30` makes a month of it, which takes ten minutes. Objectives and rules are judged
on the simulator's own recordings by the engine's arithmetic, a day at a time, without a database between.
"""

import os
import sys
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from scipy.stats import binom

from alert_rules import Change, ConditionChange, load_rules, load_shipped_objectives, replay
from herald.book import Book
from herald.ground_truth import RecordedSource, only
from herald.recount import queries_of
from hwsim import FaultSchedule, build_sites, load_fleet
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from model.queries import Group
from model.recording import Recording
from model.registry import load_registry
from model.windows import Window
from slo import PAGE, TICKET, compute_minutes
from tests.acceptance.promises import COUNTED

DAYS = int(os.environ.get("HERALD_NOMINAL_DAYS", "2"))
START_NS = 1_800_000_000 * SECOND_NS
LIFE = Window(start_ns=START_NS, end_ns=START_NS + DAYS * DAY_NS)
OBJECTIVES = {objective.name: objective for objective in load_shipped_objectives()}
METRICS = {query.metric for objective in OBJECTIVES.values() for query in queries_of(objective)}
RULES = [rule for rule in load_rules() if rule.severity in (PAGE, TICKET) and not rule.is_reminder]
RULES_LOOK_BACK_DAYS = 4
CHUNK_NS = 6 * HOUR_NS
MOST_SPENT = 0.5
"""Of a budget, on nominal days."""

CHANCE = 1e-3
"""What spends more is more than bad luck: in two days some objectives count but a few hundred events."""

TICKETS_IN_A_MONTH = 3


@dataclass
class Life:
    """What was counted, and what left its nominal range."""

    book: Book = field(default_factory=lambda: Book(list(OBJECTIVES.values()), more_ns=LIFE.length_ns))
    abnormal: set[str] = field(default_factory=set)
    fired: list[ConditionChange] = field(default_factory=list)


@pytest.fixture(scope="module")
def life() -> Life:
    life = Life()
    sites = build_sites(load_fleet(), seed=3, start_ns=START_NS, faults=FaultSchedule())
    recent: deque[list[Recording]] = deque(maxlen=RULES_LOOK_BACK_DAYS)
    firing: dict[str, set[Group]] = defaultdict(set)
    for day_ns in range(LIFE.start_ns, LIFE.end_ns, DAY_NS):
        recent.append([])
        for end_ns in range(day_ns + CHUNK_NS, day_ns + DAY_NS + 1, CHUNK_NS):
            for site in sites:
                recent[-1].append(site.record(end_ns, MINUTE_NS))
                life.abnormal |= {f"{t.entity} {t.quantity}" for t in site.truths() if len(t.abnormal_ns())}
        day = Window(start_ns=day_ns, end_ns=day_ns + DAY_NS)
        told = source_of(only(recording, METRICS) for recording in recent[-1])
        for objective in OBJECTIVES.values():
            life.book.put(objective.name, compute_minutes(objective, told, day))
        life.fired += judge_rules(
            source_of(recording for recordings in recent for recording in recordings), day, firing
        )
    return life


def source_of(recordings: Iterable[Recording]) -> RecordedSource:
    source = RecordedSource(load_registry())
    for recording in recordings:
        source.add(recording)
    return source


def judge_rules(source: RecordedSource, day: Window, firing: dict[str, set[Group]]) -> list[ConditionChange]:
    """Return what fired, and keep in `firing` what still does at the end of the day."""
    fired = []
    for rule in RULES:
        for change in rule.transitions(source, day, firing=firing[rule.name]):
            firing[rule.name] ^= {change.group}
            fired += [change] if change.change is Change.FIRED else []
    return fired


def test_every_budget_lasts(life):
    spent = {}
    for entity, objective, ledger in life.book:
        counts, budget = ledger.counts(LIFE.end_ns, LIFE.length_ns), float(objective.error_budget)
        if counts.bad > MOST_SPENT * budget * counts.total:
            luck = binom.sf(counts.bad - 1, counts.total, MOST_SPENT * budget)
            spent[entity.objective, *entity.group] = counts.bad / counts.total / budget, luck
    assert {key: (share, luck) for key, (share, luck) in spent.items() if luck < CHANCE} == {}


def test_nobody_is_paged_and_hardly_a_ticket_is_made(life):
    alerts: dict[str, list[tuple[str, Group, str]]] = defaultdict(list)
    for entity, objective, ledger in life.book:
        for interval in replay(objective, ledger, LIFE):
            fired_hours = (interval.fired_ns - LIFE.start_ns) / HOUR_NS
            alerts[interval.tier.severity].append(
                (objective.name, entity.group, f"{interval.tier.name} at {fired_hours:.1f} h")
            )
    for told in life.fired:
        at_h = (told.at_ns - LIFE.start_ns) / HOUR_NS
        alerts[told.rule.severity].append((told.rule.name, told.group, f"{told.value:g} at {at_h:.1f} h"))
    sys.stdout.write(f"tickets: {alerts[TICKET]}\n")  # shown with -rP: each of them wants an explanation
    assert alerts[PAGE] == []
    assert len(alerts[TICKET]) <= TICKETS_IN_A_MONTH * DAYS // 30, alerts[TICKET]


def test_every_objective_has_something_to_judge_but_those_that_count_incidents(life):
    assert {entity.objective for entity, _, _ in life.book} == {objective.name for objective in COUNTED}


def test_nothing_leaves_its_nominal_range(life):
    assert life.abnormal == set()
