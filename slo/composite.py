"""Several indicators under one budget, where each counts events of its own: burn = sum of weight x burn.

Events of unlike kinds cannot be added, and averages of averages lie; so each component keeps its own ledger, and a
window of the composite is put together from the counts of that window: the share of the budget that each component
has spent, times its weight. It is told in parts of `PARTS`, each component's share rounded down to a part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from model.queries import Group
from slo.counts import CountArrays, Counts, Int64s, Sums
from slo.ledger import Ledger
from slo.objective import PARTS, CompositeIndicator, Objective

COMPONENT = "component"
"""The column of a group that names the component of a composite."""


def join_component(group: Group, component: str) -> Group:
    """Return the group of one component of a composite entity."""
    return tuple(sorted((*group, (COMPONENT, component))))


def split_component(group: Group) -> tuple[Group, str]:
    """Return the entity of a component's group, and the component, empty where there is none."""
    rest = tuple(label for label in group if label[0] != COMPONENT)
    return rest, dict(group).get(COMPONENT, "")


class CompositeLedger(Ledger):
    """The ledger of a composite entity, which reads those of its components. Put minutes into `components`."""

    def __init__(self, objective: Objective, components: Mapping[str, Ledger]) -> None:
        """Take the ledgers of the components by name. Nothing is ever put into a ledger of the composite itself."""
        self.components = dict(components)
        self._prices = _prices(objective)

    def expect(self, since_ns: int) -> None:
        """Expect data of every component from a time on."""
        for ledger in self.components.values():
            ledger.expect(since_ns)

    def counts(self, end_ns: int, length_ns: int) -> Counts:
        """Return the composite's parts over the `length_ns` before `end_ns`."""
        parts = [(self._prices[name], ledger.counts(end_ns, length_ns)) for name, ledger in self.components.items()]
        minutes = min(part.minutes for _, part in parts)
        if all(part.total <= 0 for _, part in parts):
            return Counts(0, 0, minutes)
        bad = sum(_spent(price, part.bad, part.total) for price, part in parts)
        return Counts(PARTS - bad, PARTS, minutes, sum(part.bad for _, part in parts))

    def minutes_expected(self, end_ns: int, length_ns: int) -> int:
        """Return the most minutes in which data of a component are expected."""
        return max(ledger.minutes_expected(end_ns, length_ns) for ledger in self.components.values())

    @property
    def first_data_ns(self) -> int | None:
        """Return the start of the first minute in which any component has data."""
        return min((ns for each in self.components.values() if (ns := each.first_data_ns) is not None), default=None)

    @property
    def expected_since_ns(self) -> int | None:
        """Return since when data of any component are there or expected."""
        since = [ns for each in self.components.values() if (ns := each.expected_since_ns) is not None]
        return min(since, default=None)

    def last_data_ns(self, end_ns: int) -> int | None:
        """Return up to when all components have data: what one of them hides, the composite does not know."""
        last = [ledger.last_data_ns(end_ns) for ledger in self.components.values()]
        return min((ns for ns in last if ns is not None), default=None) if None not in last else None

    def sums(self) -> Sums:
        """Return the same for many moments at once."""
        return _CompositeSums([(self._prices[name], each.sums()) for name, each in self.components.items()])


def composite_sums(objective: Objective, ledgers: Sequence[CompositeLedger], components: Sums) -> Sums:
    """Return the sums of many composite entities at one moment; `components` are those of all component ledgers."""
    return _CompositeSums(
        [
            (price, _Picked(components, np.array([each.components[name].row for each in ledgers], dtype=np.int64)))
            for name, price in _prices(objective).items()
        ]
    )


def add_up(objective: Objective, counted: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """Return the good and all parts of a composite, given good and all events of its components in the same time."""
    if all(total <= 0 for _, total in counted.values()):
        return 0, 0
    prices = _prices(objective)
    return PARTS - sum(_spent(prices[name], total - good, total) for name, (good, total) in counted.items()), PARTS


def _prices(objective: Objective) -> dict[str, Fraction]:
    """Return what a bad share of each component costs of the composite's budget."""
    assert isinstance(objective.indicator, CompositeIndicator)
    return {
        part.name: Fraction(part.weight) * objective.error_budget / (1 - Fraction(part.target))
        for part in objective.indicator.components
    }


@dataclass(frozen=True, slots=True)
class _Picked:
    """The sums of some rows among those of many entities at one moment."""

    among: Sums
    rows: Int64s

    def counts(self, ends_ns: Int64s, length_ns: int | Int64s) -> CountArrays:
        found = self.among.counts(ends_ns, length_ns)
        return CountArrays(found.good[self.rows], found.total[self.rows], found.minutes[self.rows])

    def minutes_expected(self, ends_ns: Int64s, length_ns: int | Int64s) -> Int64s:
        return self.among.minutes_expected(ends_ns, length_ns)[self.rows]

    def last_data_ns(self, ends_ns: Int64s) -> Int64s:
        return self.among.last_data_ns(ends_ns)[self.rows]


@dataclass(frozen=True, slots=True)
class _CompositeSums:
    parts: Sequence[tuple[Fraction, Sums]]

    def counts(self, ends_ns: Int64s, length_ns: int | Int64s) -> CountArrays:
        found = [(price, sums.counts(ends_ns, length_ns)) for price, sums in self.parts]
        minutes = np.minimum.reduce([part.minutes for _, part in found])
        known = np.logical_or.reduce([part.total > 0 for _, part in found])
        bad = np.zeros(ends_ns.size, dtype=np.int64)
        for price, part in found:
            pairs = zip(part.bad.tolist(), part.total.tolist(), strict=True)
            bad += np.array([_spent(price, *pair) for pair in pairs], dtype=np.int64)
        total = np.where(known, PARTS, 0)
        events = np.add.reduce([part.bad for _, part in found])
        return CountArrays(total - np.where(known, bad, 0), total, minutes, events)

    def minutes_expected(self, ends_ns: Int64s, length_ns: int | Int64s) -> Int64s:
        expected: Int64s = np.maximum.reduce([sums.minutes_expected(ends_ns, length_ns) for _, sums in self.parts])
        return expected

    def last_data_ns(self, ends_ns: Int64s) -> Int64s:
        last: Int64s = np.minimum.reduce([sums.last_data_ns(ends_ns) for _, sums in self.parts])
        return last


def _spent(price: Fraction, bad: int, total: int) -> int:
    return PARTS * bad * price.numerator // (total * price.denominator) if total > 0 else 0
