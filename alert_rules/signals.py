"""What a rule without an error budget looks at: a level, a share, a count, a change against the own past, events.

A signal says for each of some moments whether it holds, does not, or cannot be judged, per entity, with the number
that it judged by. It never averages over a window that depends on where reading began, so that judging a stretch of
time in one go says what judging it minute by minute says. Windows are `(start, end]`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from alert_rules.sources import SignalSource
from model.queries import Group

HOLDS, NOT, UNKNOWN = np.int8(1), np.int8(0), np.int8(-1)

_RENAMED = {"hw_id": "device"}
"""A hardware component of OpenTelemetry's `hw.*` is a device of ours."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One entity at each moment asked for: HOLDS, NOT or UNKNOWN, and the number behind it (NaN without one)."""

    state: NDArray[np.int8]
    value: NDArray[np.float64]


Ends = NDArray[np.int64]
Verdicts = dict[Group, Judged]


class Signal(Protocol):
    """Something that holds or does not; `absent` is what it says of an entity of which nothing is in sight."""

    @property
    def absent(self) -> np.int8:
        """Return NOT or UNKNOWN."""
        ...

    def judge(self, source: SignalSource, ends_ns: Ends) -> Verdicts:
        """Return the verdicts at the ends of minutes `ends_ns`, which ascend in even steps, by entity."""
        ...

    def of_a_minute(self) -> "Signal":
        """Return what says whether a minute is so by itself, in which something happened at all."""
        ...


def judge_all(
    signals: Sequence[Signal], source: SignalSource, ends_ns: Ends, *, also: Iterable[Group] = ()
) -> Verdicts:
    """Return the verdicts of all signals together: one that does not hold decides, then doubt does.

    They are on the entities that some signal speaks of, and `also` on these.
    """
    told = [signal.judge(source, ends_ns) for signal in signals]
    nothing = [Judged(np.full(ends_ns.size, signal.absent), np.full(ends_ns.size, np.nan)) for signal in signals]
    return {
        group: _both([verdicts.get(group, absent) for verdicts, absent in zip(told, nothing, strict=True)])
        for group in {*also, *(group for verdicts in told for group in verdicts)}
    }


def _both(parts: Sequence[Judged]) -> Judged:
    states = np.stack([part.state for part in parts])
    state = np.where((states == NOT).any(axis=0), NOT, np.where((states == UNKNOWN).any(axis=0), UNKNOWN, HOLDS))
    return Judged(state.astype(np.int8), parts[0].value)


def entity_column(column: str) -> str:
    """Return the column that an entity is known by: that of an attribute, or our own for what others name."""
    return _RENAMED.get(column, column)
