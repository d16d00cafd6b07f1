"""Answers of the database as columns: rows of steps and groups, put together without an object for each of them."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.queries import Group, MinuteValue, Reducer
from store.rows import SeriesValues

_MERGE: dict[Reducer, np.ufunc] = {Reducer.MIN: np.minimum, Reducer.MAX: np.maximum}


@dataclass(frozen=True, slots=True)
class Answers:
    """Columns of an answer: the start of the step, the index of its group, and two aggregates."""

    step_ns: NDArray[np.int64]
    group: NDArray[np.int64]
    a: NDArray[np.float64]
    b: NDArray[np.float64]

    def with_data(self, *, mean: bool) -> "Answers":
        """Return the rows that say something: a sum that no point carried, or a mean of nothing, does not."""
        kept = ~np.isnan(self.a) & ((self.b > 0) if mean else True)
        return Answers(self.step_ns[kept], self.group[kept], self.a[kept], self.b[kept])


@dataclass(frozen=True, slots=True)
class Steps:
    """One value per step and group that has data, in any order; `group` is an index into `groups`."""

    groups: Sequence[Group]
    step_ns: NDArray[np.int64]
    group: NDArray[np.int64]
    value: NDArray[np.float64]

    def as_minutes(self) -> list[MinuteValue]:
        """Return an object for each value."""
        rows = zip(self.step_ns.tolist(), self.group.tolist(), self.value.tolist(), strict=True)
        return [MinuteValue(step_ns, self.groups[group], value) for step_ns, group, value in rows]

    def as_series(self) -> Iterator[SeriesValues]:
        """Yield the series of each group that has data, in the order of `groups`."""
        order = np.lexsort((self.step_ns, self.group))
        step_ns, group, value = self.step_ns[order], self.group[order], self.value[order]
        ends = np.searchsorted(group, np.arange(len(self.groups)), side="right").tolist()
        for name, (start, end) in zip(self.groups, itertools.pairwise([0, *ends]), strict=True):
            if end > start:
                yield SeriesValues(group=name, time_ns=step_ns[start:end], value=value[start:end])


def put_together(reducer: Reducer, answers: Sequence[Answers], groups: Sequence[Group]) -> Steps:
    """Return one value per step and group from what several shapes of series say of it."""
    rows = answers[0] if len(answers) == 1 else merge(reducer, answers)
    value = rows.a / rows.b if reducer is Reducer.MEAN else rows.a
    return Steps(groups, rows.step_ns, rows.group, value)


def merge(reducer: Reducer, answers: Sequence[Answers]) -> Answers:
    """Return one row for each step and group, in the order of groups and steps."""
    step_ns, group, a, b = (
        np.concatenate([np.zeros(0, kind), *(getattr(some, name) for some in answers)])
        for name, kind in (("step_ns", "i8"), ("group", "i8"), ("a", "f8"), ("b", "f8"))
    )
    order = np.lexsort((step_ns, group))
    step_ns, group, a, b = step_ns[order], group[order], a[order], b[order]
    is_first = np.diff(step_ns, prepend=0) != 0
    is_first |= np.diff(group, prepend=-1) != 0
    starts = np.flatnonzero(is_first)
    combine = _MERGE.get(reducer, np.add)
    return Answers(step_ns[starts], group[starts], combine.reduceat(a, starts), np.add.reduceat(b, starts))
