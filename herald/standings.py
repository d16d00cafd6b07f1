"""How every objective stands for every entity, computed afresh from the stored minutes."""

from collections.abc import Sequence
from dataclasses import dataclass

from herald.book import Book
from herald.counting import load_ledgers
from herald.engine import GRACE_NS
from herald.engine_state import read_judged_to
from herald.exclusions import exclusion_of
from model.clock import format_time
from model.errors import HeraldError, InvalidInputError
from model.queries import Group
from model.windows import Window, floor_minute
from slo import WORST_FIRST, ExcludedMinutes, Exclusion, Ledger, Objective, Status, evaluate
from store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One objective of one entity at one moment, with the ledger it was computed from."""

    objective: Objective
    group: Group
    status: Status
    ledger: Ledger
    excluded_minutes: int = 0  # of the budget's period

    @property
    def entity(self) -> str:
        """Return the group for people, e.g. `mem-delft`."""
        return render_group(self.group)


def render_group(group: Group) -> str:
    """Return a group for people, e.g. `mem-delft`."""
    return ", ".join(value for _, value in group) or "all"


def read_standings(
    store: Store,
    objectives: Sequence[Objective],
    *,
    as_of_ns: int | None = None,
    known_at_ns: int | None = None,
    reach_ns: int = 0,
) -> tuple[int, list[Standing]]:
    """Return the end of the last minute that an engine has judged, and the standings then, worst first.

    `as_of_ns` asks for an earlier moment, with all that has become known since; `known_at_ns` for what was known at
    that moment, of it or of `as_of_ns`: without late data, corrections and exclusions that came later. What an
    objective counted before its present generation is not told. The ledgers reach back for `reach_ns` at least.
    Raises HeraldError if no engine has judged it yet.
    """
    at_ns = _moment(read_judged(store), as_of_ns, known_at_ns)
    shortest_ns = min((objective.lookback_ns for objective in objectives), default=0)
    book = Book(objectives, more_ns=max(0, reach_ns - shortest_ns))
    unknown = set() if known_at_ns is None else _younger(store, known_at_ns)
    load_ledgers(book, store, at_ns, leave_out=unknown, known_at_ns=known_at_ns)
    exclusions = read_exclusions(store)
    standings = [
        Standing(
            objective=objective,
            group=entity.group,
            status=evaluate(objective, ledger, at_ns),
            ledger=ledger,
            excluded_minutes=count_excluded(
                exclusions,
                objective,
                entity.group,
                Window(start_ns=objective.budget_period(at_ns).start_ns, end_ns=at_ns),
            ),
        )
        for entity, objective, ledger in book
        if objective.name not in unknown
    ]
    return at_ns, sorted(standings, key=_worst_first)


def with_uncounted(standings: Sequence[Standing], objectives: Sequence[Objective], at_ns: int) -> list[Standing]:
    """Return the standings, and one without data for each objective that nobody was counted for, worst first."""
    counted = {standing.objective.name for standing in standings}
    silent = [
        Standing(objective=objective, group=(), status=evaluate(objective, ledger, at_ns), ledger=ledger)
        for objective in objectives
        if objective.name not in counted
        for ledger in [Ledger(objective.lookback_ns)]
    ]
    return sorted([*standings, *silent], key=_worst_first)


def read_judged(store: Store) -> int:
    """Return the end of the last minute that an engine has judged; raise HeraldError where none has."""
    judged_ns = read_judged_to(store)
    if judged_ns is None:
        raise HeraldError("no engine has evaluated this database yet", remedy="start one with herald engine")
    return judged_ns


def read_exclusions(store: Store) -> list[Exclusion]:
    """Return the exclusions in force."""
    return [exclusion_of(row) for row in store.read_exclusions()]


def count_excluded(exclusions: Sequence[Exclusion], objective: Objective, group: Group, window: Window) -> int:
    """Return how many minutes of a window are excluded for an entity."""
    covering = [exclusion for exclusion in exclusions if exclusion.covers(group)]
    return len(ExcludedMinutes(objective, covering, window).of(group)) if covering else 0


def _moment(judged_ns: int, as_of_ns: int | None, known_at_ns: int | None) -> int:
    known_ns = judged_ns if known_at_ns is None else floor_minute(known_at_ns - GRACE_NS)
    at_ns = floor_minute(as_of_ns) if as_of_ns is not None else min(judged_ns, known_ns)
    if at_ns > min(judged_ns, known_ns):
        raise InvalidInputError(
            f"nothing after {format_time(min(judged_ns, known_ns))} had been judged",
            remedy="ask for an earlier moment",
        )
    return at_ns


def _younger(store: Store, known_at_ns: int) -> set[str]:
    """Return the objectives whose present generation began after a moment."""
    began: dict[str, tuple[int, int]] = {}
    for row in store.read_generations():
        if began.get(row.objective, (0, 0))[0] != row.generation:
            began[row.objective] = row.generation, row.since_ns
    return {name for name, (_, since_ns) in began.items() if since_ns > known_at_ns}


def _worst_first(standing: Standing) -> tuple[int, float, str, str]:
    remaining = standing.status.budget_remaining
    return (
        WORST_FIRST[standing.status.state],
        float(remaining) if remaining is not None else 0.0,
        standing.objective.name,
        standing.entity,
    )
