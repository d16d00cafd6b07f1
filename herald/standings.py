"""How every objective stands for every entity, computed afresh from the stored minutes."""

from collections.abc import Sequence
from dataclasses import dataclass

from herald.book import Book
from herald.engine import load_ledgers, read_judged_to
from model.errors import HeraldError
from model.queries import Group
from slo import Ledger, Objective, State, Status, evaluate
from store import Store

_WORST_FIRST = {State.EXHAUSTED: 0, State.AT_RISK: 1, State.OK: 2, State.NO_DATA: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One objective of one entity at one moment, with the ledger it was computed from."""

    objective: Objective
    group: Group
    status: Status
    ledger: Ledger

    @property
    def entity(self) -> str:
        """Return the group for people, e.g. `mem-delft`."""
        return render_group(self.group)


def render_group(group: Group) -> str:
    """Return a group for people, e.g. `mem-delft`."""
    return ", ".join(value for _, value in group) or "all"


def read_standings(store: Store, objectives: Sequence[Objective]) -> tuple[int, list[Standing]]:
    """Return the end of the last minute that an engine has judged, and the standings then, worst first.

    Raises HeraldError if no engine has judged anything yet.
    """
    at_ns = read_judged_to(store)
    if at_ns is None:
        raise HeraldError("no engine has evaluated this database yet", remedy="start one with herald engine")
    book = Book(objectives)
    load_ledgers(book, store, at_ns)
    standings = [
        Standing(objective=objective, group=entity.group, status=evaluate(objective, ledger, at_ns), ledger=ledger)
        for entity, objective, ledger in book
    ]
    return at_ns, sorted(standings, key=_worst_first)


def _worst_first(standing: Standing) -> tuple[int, float, str, str]:
    remaining = standing.status.budget_remaining
    return (
        _WORST_FIRST[standing.status.state],
        float(remaining) if remaining is not None else 0.0,
        standing.objective.name,
        standing.entity,
    )
