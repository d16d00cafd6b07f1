"""Judging a minute of 2,000 entities as the engine does: enter counts, evaluate, step the alerts; no database.

While a minute is judged the next one is running, and has counts already, as it has when telemetry comes all the time.

Beside it a real Prometheus evaluates Sloth-shaped rules for the same objective. Further figures hold 90 days against
28, a minute that comes late against one that comes in time, and memory after a week of minutes against memory before.
"""

import resource
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from alert_rules import AlertTracker, load_shipped_objectives, step_all
from benchmarks.prometheus_rules import time_rules
from benchmarks.results import Figure, Result, UnmeasurableError
from benchmarks.rounds import time_in_turn
from model.clock import DAY_NS, MINUTE_NS, SECOND_NS
from slo import DEFAULT_TIERS, LOOKBACK_MARGIN_NS, Ledger, Ledgers, Objective, evaluate_all
from slo.counts import Int64s
from slo.status import frozen_each

ENTITIES = 2_000
_MINUTES = 10
_ROUNDS = 3
_START_NS = 1_760_000_040 * SECOND_NS
_UNIT = "s per minute of 2,000 entities"
_MEGABYTE = 1024  # ru_maxrss counts kilobytes
_PROMETHEUS_ENTITIES = 100


class Fleet:
    """Entities of one objective with a full window of counts, and the minutes that are judged next."""

    def __init__(self, days: int, entities: int = ENTITIES) -> None:
        self.objective: Objective = replace(
            load_shipped_objectives()[0], window_ns=days * DAY_NS, tiers=DEFAULT_TIERS
        )
        minutes = (self.objective.window_ns + LOOKBACK_MARGIN_NS) // MINUTE_NS
        self._rng = np.random.default_rng(seed=1)
        self._among = Ledgers(self.objective.window_ns)
        self._ledgers = [Ledger(self.objective.window_ns, among=self._among) for _ in range(entities)]
        self._trackers = [AlertTracker(self.objective) for _ in range(entities)]
        self._rows: Int64s = np.arange(entities, dtype=np.int64)
        self.now_ns = _START_NS + minutes * MINUTE_NS
        times_ns = _START_NS + np.arange(minutes, dtype=np.int64) * MINUTE_NS
        for ledger in self._ledgers:
            total = self._rng.poisson(1000, size=minutes).astype(np.int64)
            ledger.put_arrays(times_ns, self._rng.binomial(total, 0.999).astype(np.int64), total)

    def judge(self) -> None:
        """Judge the next ten minutes of every entity."""
        for _ in range(_MINUTES):
            self.enter(self.now_ns)
            self.evaluate()
            self.now_ns += MINUTE_NS

    def evaluate(self) -> None:
        """Say how everything stands, which alerts fire and resolve, and which are frozen."""
        sums = self._among.at(self.now_ns)
        evaluate_all(self.objective, sums, sums.ends_ns)
        for _ in step_all(self.objective, self._trackers, self._ledgers, sums, self.now_ns):
            pass
        for tier in self.objective.tiers:
            frozen_each(self.objective, tier, sums, sums.ends_ns)

    def step_one_by_one(self) -> None:
        """Step the alerts of each entity by itself."""
        for tracker, ledger in zip(self._trackers, self._ledgers, strict=True):
            tracker.step(ledger, self.now_ns)

    def step(self) -> None:
        """Step the alerts of all entities at once."""
        sums = self._among.at(self.now_ns)
        list(step_all(self.objective, self._trackers, self._ledgers, sums, self.now_ns))

    def enter(self, minute_ns: int) -> None:
        """Enter what every entity counted in a minute."""
        total = self._rng.poisson(1000, size=self._rows.size).astype(np.int64)
        times_ns = np.full_like(self._rows, minute_ns)
        self._among.replace(times_ns[:1], self._rows, times_ns, total - 1, total)

    def enter_new(self) -> None:
        """Enter ten minutes that come in time."""
        for _ in range(_MINUTES):
            self.enter(self.now_ns)
            self.now_ns += MINUTE_NS

    def enter_late(self) -> None:
        """Enter ten minutes that are a week old."""
        for n in range(_MINUTES):
            self.enter(self.now_ns - 7 * DAY_NS - n * MINUTE_NS)


def measure_evaluation() -> Iterator[Result]:
    month = Fleet(days=28)
    quarter = Fleet(days=90, entities=ENTITIES // 4)
    part = Fleet(days=28, entities=ENTITIES // 4)
    long_s, short_s = time_in_turn(quarter.judge, part.judge, rounds=_ROUNDS)
    yield Result(
        name="evaluate 90 days",
        value=long_s / _MINUTES,
        unit="s per minute of 500 entities",
        beside=Figure("evaluate 28 days", short_s / _MINUTES),
    )
    late_s, new_s = time_in_turn(month.enter_late, month.enter_new, rounds=_ROUNDS)
    yield Result(
        name="enter a minute a week late",
        value=late_s / _MINUTES,
        unit=_UNIT,
        beside=Figure("enter a new minute", new_s / _MINUTES),
    )
    at_once_s, one_by_one_s = time_in_turn(month.step, month.step_one_by_one, rounds=_ROUNDS)
    yield Result(
        name="fire and resolve",
        value=at_once_s,
        unit=_UNIT,
        beside=Figure("one entity by one", one_by_one_s),
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    judging_s, entering_s = time_in_turn(month.judge, month.enter_new, rounds=_ROUNDS)
    for _ in range(7 * 24 * 60 // _MINUTES):
        month.enter_new()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield Result(
        name="peak memory after a week more",
        value=after / _MEGABYTE,
        unit="MB",
        beside=Figure("before", before / _MEGABYTE),
    )
    yield Result(
        name="evaluate 28 days",
        value=judging_s / _MINUTES,
        unit=_UNIT,
        beside=Figure("enter a new minute only", entering_s / _MINUTES),
    )
    try:
        rules_s = time_rules(month.objective, entities=_PROMETHEUS_ENTITIES)
    except UnmeasurableError as exc:
        raise UnmeasurableError(f"no Prometheus to hold it against: {exc}") from exc
    yield Result(
        name="evaluate 28 days, windows of 3 days",
        value=judging_s / _MINUTES,
        unit=_UNIT,
        beside=Figure(
            f"Prometheus, Sloth's rules, {_PROMETHEUS_ENTITIES} entities scaled up",
            rules_s * ENTITIES / _PROMETHEUS_ENTITIES,
        ),
    )
