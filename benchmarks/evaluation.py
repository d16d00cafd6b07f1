"""Judging a minute of many entities: enter its counts, evaluate the objective, step its alerts; no database.

Beside it, numpy sums the same windows of the same counts, each once and nothing else. A second figure holds 90 days
against 28. A ledger of 28 days is a megabyte, so 2,000 of them would measure memory; 200 are judged ten times.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from alert_rules import AlertTracker, load_shipped_objectives
from benchmarks.results import Figure, Result
from benchmarks.rounds import time_in_turn
from model.clock import DAY_NS, MINUTE_NS, SECOND_NS
from slo import BURN_WINDOWS, LOOKBACK_MARGIN_NS, Ledger, Objective, evaluate
from slo.counts import Int64s

_LEDGERS = 200
_MINUTES = 10
_ROUNDS = 3
_START_NS = 1_760_000_040 * SECOND_NS
_UNIT = "s per minute of 2,000 entities"


@dataclass(frozen=True, slots=True)
class _Entity:
    ledger: Ledger
    tracker: AlertTracker
    good: Int64s
    total: Int64s


class _Fleet:
    """Entities of one objective with a full window of counts, and the minutes that are judged next."""

    def __init__(self, days: int) -> None:
        self._objective = replace(load_shipped_objectives()[0], window_ns=days * DAY_NS)
        minutes = (self._objective.window_ns + LOOKBACK_MARGIN_NS) // MINUTE_NS - 2 * _MINUTES
        self._now_ns = _START_NS + minutes * MINUTE_NS
        rng = np.random.default_rng(seed=1)
        self._entities = [_build_entity(self._objective, minutes, rng) for _ in range(_LEDGERS)]

    def judge(self) -> None:
        """Judge ten minutes of every entity."""
        for now_ns in range(self._now_ns, self._now_ns + _MINUTES * MINUTE_NS, MINUTE_NS):
            for entity in self._entities:
                entity.ledger.put(now_ns - MINUTE_NS, 999, 1000)
                evaluate(self._objective, entity.ledger, now_ns)
                entity.tracker.step(entity.ledger, now_ns)

    def sum_windows(self) -> None:
        """Sum good and total over the windows that judging looks at, as often as `judge` judges."""
        lengths = _window_minutes(self._objective)
        for _ in range(_MINUTES):
            for entity in self._entities:
                for length in lengths:
                    entity.good[-length:].sum()
                    entity.total[-length:].sum()


def measure_evaluation() -> Iterator[Result]:
    month, quarter = _Fleet(days=28), _Fleet(days=90)
    judging_s, summing_s = time_in_turn(month.judge, month.sum_windows, rounds=_ROUNDS)
    yield Result(
        name="evaluate 28 days", value=judging_s, unit=_UNIT, beside=Figure("numpy sums of the windows", summing_s)
    )
    long_s, short_s = time_in_turn(quarter.judge, month.judge, rounds=_ROUNDS)
    yield Result(name="evaluate 90 days", value=long_s, unit=_UNIT, beside=Figure("evaluate 28 days", short_s))


def _build_entity(objective: Objective, minutes: int, rng: np.random.Generator) -> _Entity:
    times_ns = _START_NS + np.arange(minutes, dtype=np.int64) * MINUTE_NS
    total = rng.poisson(1000, size=minutes).astype(np.int64)
    good = rng.binomial(total, 0.999).astype(np.int64)
    ledger = Ledger(objective.window_ns)
    ledger.put_arrays(times_ns, good, total)
    return _Entity(ledger, AlertTracker(objective), good, total)


def _window_minutes(objective: Objective) -> Sequence[int]:
    tiers = [length for tier in objective.tiers for length in (tier.long_ns, tier.short_ns)]
    return [length // MINUTE_NS for length in sorted({objective.window_ns, *BURN_WINDOWS.values(), *tiers})]
