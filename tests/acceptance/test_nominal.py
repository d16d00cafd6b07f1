"""Nominal life of the default fleet breaks no shipped objective, and nothing that is really so leaves its range.

Two days here; `HERALD_NOMINAL_DAYS=30` makes a month of it, which takes minutes.
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from alert_rules import load_shipped_objectives
from herald.ground_truth import RecordedSource
from herald.recount import queries_of
from hwsim import FaultSchedule, build_sites, load_fleet
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from model.queries import Group
from model.recording import Recording
from model.registry import load_registry
from model.windows import Window
from slo import Objective, compute_minutes

DAYS = int(os.environ.get("HERALD_NOMINAL_DAYS", "2"))
START_NS = 1_800_000_000 * SECOND_NS
OBJECTIVES = load_shipped_objectives()
CHUNK_NS = 6 * HOUR_NS
Counts = Mapping[tuple[str, Group], list[int]]


@pytest.fixture(scope="module")
def life() -> tuple[Counts, list[str]]:
    """Return good and total per objective and group over all days, and what left its nominal range."""
    counts: dict[tuple[str, Group], list[int]] = defaultdict(lambda: [0, 0])
    abnormal: set[str] = set()
    sites = build_sites(load_fleet(), seed=3, start_ns=START_NS, faults=FaultSchedule())
    for start_ns in range(START_NS, START_NS + DAYS * DAY_NS, CHUNK_NS):
        source = RecordedSource(load_registry())
        for site in sites:
            source.add(relevant(site.record(start_ns + CHUNK_NS, MINUTE_NS)))
            abnormal |= {f"{t.entity} {t.quantity}" for t in site.truths() if len(t.abnormal_ns())}
        for objective, group, good, total in judge(OBJECTIVES, source, start_ns):
            counts[objective, group][0] += good
            counts[objective, group][1] += total
    return counts, sorted(abnormal)


METRICS = {query.metric for objective in OBJECTIVES for query in queries_of(objective)}


def relevant(recording: Recording) -> Recording:
    kept: dict[str, Any] = {
        kind: [track for track in getattr(recording, kind) if track.metric in METRICS]
        for kind in ("counts", "levels", "samples")
    }
    return replace(recording, **kept)


def judge(
    objectives: Sequence[Objective], source: RecordedSource, start_ns: int
) -> Iterator[tuple[str, Group, int, int]]:
    window = Window(start_ns=start_ns, end_ns=start_ns + CHUNK_NS)
    for objective in objectives:
        for minute in compute_minutes(objective, source, window):
            yield objective.name, minute.group, minute.good, minute.total


def test_every_objective_is_kept_with_most_of_its_budget_left(life):
    counts, _ = life
    targets = {objective.name: float(objective.target) for objective in OBJECTIVES}
    spent = {
        (name, *group): (1 - good / total) / (1 - targets[name]) for (name, group), (good, total) in counts.items()
    }
    assert {key: share for key, share in spent.items() if share > 0.5} == {}


def test_every_objective_has_something_to_judge(life):
    counts, _ = life
    assert {name for name, _ in counts} == {objective.name for objective in OBJECTIVES}


def test_nothing_leaves_its_nominal_range(life):
    _, abnormal = life
    assert abnormal == []
