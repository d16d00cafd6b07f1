"""Who waits for pairs: requests of several priorities that queue, are served or lose patience.

Arrivals are Poisson with a daily cycle. A pair goes to the oldest waiting request of the highest priority, at once:
so each priority is served as if the lower ones did not exist, from what the higher ones leave. Without time-outs the
whole queue is one running maximum; only the spells in which somebody loses patience are lived through one by one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, Block
from model.clock import DAY_NS

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]

PRIORITIES: Final = ("high", "normal", "low")
SHARES: Final = (0.3, 0.4, 0.3)
_EDGES_S = np.arange(BLOCK_S + 1, dtype=np.float64)
_NOON_NS = DAY_NS // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one priority's requests in a block; moments in seconds since the block's start.

    `asked_s[i]` was served with the pair `served_by[i]`. `lost_s` are the moments of time-outs.
    """

    asked_s: Float64s
    served_by: Int64s
    lost_s: Float64s


class Queue:
    """The requests of one priority that outlive blocks."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._waiting_s: Float64s = np.empty(0)

    def serve(self, arrivals_s: Float64s, supply_s: Float64s) -> Outcome:
        """Serve sorted arrivals with sorted pairs, first come, first served, and keep who still waits."""
        asked_s = np.concatenate([self._waiting_s, arrivals_s])
        served_by = _match(asked_s, supply_s, self._patience_s)
        served = served_by >= 0
        late = ~served & (asked_s + self._patience_s <= BLOCK_S)
        self._waiting_s = asked_s[~served & ~late] - BLOCK_S
        return Outcome(asked_s=asked_s[served], served_by=served_by[served], lost_s=asked_s[late] + self._patience_s)

    def mean_depth(
        self, arrivals_s: Float64s, before: int, outcome: Outcome, supply_s: Float64s, until_s: Float64s
    ) -> Float64s:
        """Return how many waited on average from each of the moments to the next, the first of them from the start.

        `before` of them waited at the block's start. Requests come and go by the second: what one look a minute saw
        would be luck.
        """
        gone_s = np.sort(np.concatenate([supply_s[outcome.served_by], outcome.lost_s]))
        waited_s = before * until_s + _time_since(arrivals_s, until_s) - _time_since(gone_s, until_s)
        return np.maximum(np.diff(waited_s, prepend=0.0) / np.diff(until_s, prepend=0.0), 0.0)

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting_s)


def _time_since(events_s: Float64s, at_s: Float64s) -> Float64s:
    """Return, for each moment, the time since each of the sorted events before it, summed up."""
    before = np.searchsorted(events_s, at_s, side="right")
    return np.asarray(before * at_s - np.concatenate([[0.0], np.cumsum(events_s)])[before])


def _match(asked_s: Float64s, supply_s: Float64s, patience_s: float) -> Int64s:
    """Return the pair of each request, -1 for none: j_i = max(first pair after i asked, j_(i-1) + 1).

    Requests leave once their patience is over. A busy spell begins with a request before which nobody waits, and so
    owes nothing to those before it: only the spells in which somebody leaves are lived through one by one.
    """
    if not len(asked_s) or not len(supply_s):
        return np.full(len(asked_s), -1)
    order, first, until_s = np.arange(len(asked_s)), np.searchsorted(supply_s, asked_s), asked_s + patience_s
    pair = order + np.maximum.accumulate(first - order)
    late = np.flatnonzero((pair >= len(supply_s)) | (supply_s.take(pair, mode="clip") > until_s))
    if len(late):
        starts = np.flatnonzero(first > np.concatenate([[-1], pair[:-1]]))
        stops = np.append(starts[1:], len(pair))
        for spell in np.unique(np.searchsorted(starts, late, side="right") - 1).tolist():
            part = slice(starts[spell], stops[spell])
            last = np.searchsorted(supply_s, until_s[part], side="right") - 1
            pair[part] = _match_impatient(first[part].tolist(), last.tolist())
    return pair


def _match_impatient(first: list[int], last: list[int]) -> list[int]:
    """Return the pair of each request of a spell, which takes one between its first and its last or leaves."""
    matched, free = [], 0
    for soonest, latest in zip(first, last, strict=True):
        pair = soonest if soonest > free else free  # noqa: FURB136 - a loop over every request: max() takes its time
        if pair <= latest:
            matched.append(pair)
            free = pair + 1
        else:
            matched.append(-1)
    return matched


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What a block brought to one priority: its outcome, and its mean queue up to each moment asked for."""

    priority: str
    outcome: Outcome
    depth: Float64s


class Demand:
    """Requests of all priorities for the pairs of one device."""

    def __init__(
        self, rate_hz: float, *, patience_s: float, daily_share: float, shares: Sequence[float] = SHARES
    ) -> None:
        self.rate_hz = rate_hz
        self._daily_share = daily_share
        self._shares = tuple(shares)
        self._queues = [Queue(patience_s) for _ in PRIORITIES]

    def serve(
        self,
        block: Block,
        rng: np.random.Generator,
        supply_s: Float64s,
        *,
        until_s: Float64s,
        factors: Sequence[float | Float64s] = (1.0, 1.0, 1.0),
        kept_from_high: Bools | None = None,
    ) -> list[Round]:
        """Serve a block's requests from sorted pairs; `factors` multiply the arrivals of each priority.

        A pair marked in `kept_from_high` goes past the highest priority. Depths are means up to each of `until_s`.
        """
        unclaimed = np.ones(len(supply_s), dtype=np.bool_)
        daily = 1 + self._daily_share * np.sin(2 * math.pi * ((block.ends_ns - _NOON_NS / 2) / DAY_NS))
        rounds = []
        for number, (priority, queue) in enumerate(zip(PRIORITIES, self._queues, strict=True)):
            open_ = np.flatnonzero(unclaimed if number or kept_from_high is None else ~kept_from_high)
            before = len(queue)
            arrivals_s = _draw_arrivals(self.rate_hz * self._shares[number] * daily * factors[number], rng)
            pairs_s = supply_s[open_]
            outcome = queue.serve(arrivals_s, pairs_s)
            depth = queue.mean_depth(arrivals_s, before, outcome, pairs_s, until_s)
            taken = open_[outcome.served_by]
            unclaimed[taken] = False
            outcome = Outcome(asked_s=outcome.asked_s, served_by=taken, lost_s=outcome.lost_s)
            rounds.append(Round(priority=priority, outcome=outcome, depth=depth))
        return rounds


def _draw_arrivals(rate_hz: Float64s, rng: np.random.Generator) -> Float64s:
    """Return the moments of a Poisson process, sorted, from its rate in each second of a block."""
    expected = np.concatenate([[0.0], np.cumsum(rate_hz)])
    number = rng.poisson(expected[-1])
    return np.asarray(np.interp(np.sort(rng.random(number)) * expected[-1], expected, _EDGES_S))
