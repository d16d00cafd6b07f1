"""The counting side of the engine: minutes that telemetry or exclusions have touched are counted again.

What was counted stands in the store and in the ledgers of a book, and both say the same.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

from herald.book import Book, Entity
from herald.engine_state import note_counted_as, read_counted_as, read_judged_to
from herald.recount import count_minutes, dirty_minutes, due_windows, lookback, metrics_of, render_counting
from herald.reopening import ExclusionBook, silent_minutes
from herald.rows import generation_row
from model.clock import DAY_NS, MINUTE_NS
from model.windows import Window, floor_minute, minute_of
from slo import LOOKBACK_MARGIN_NS, ExcludedMinutes, Objective, SliMinute
from store import Judgement, Store

_AHEAD_NS = DAY_NS
"""What a ledger has room for. A fast loader stores hours ahead of the steps, and no minute is put twice."""

_RECOUNT_LIMIT = 2_000_000


class Counting:
    """Counts what the objectives of `book` ask of the telemetry in `store`."""

    def __init__(self, store: Store, book: Book, *, now_ns: int, tell: Callable[[str], None]) -> None:
        """Load what was counted; `tell` hears how far long work has got."""
        self._store, self._book, self._tell = store, book, tell
        objectives = book.objectives.values()
        self._exclusions = ExclusionBook(store, objectives)
        self._rules = {objective.name: render_counting(objective) for objective in objectives}
        counted_as = read_counted_as(store)
        self._changed = {name for name, rules in self._rules.items() if counted_as.get(name) != rules}
        self._news = counted_as != self._rules
        for objective in objectives:
            store.note_generation(generation_row(objective, self._rules[objective.name], now_ns=now_ns))
        load_ledgers(book, store, now_ns, leave_out=self._changed)

    def recount(self, now_ns: int, closed_ns: int) -> int:
        """Recompute the minutes that telemetry or exclusions have touched, and take note of them in one transaction.

        An objective that is new, or counts by other rules than before, counts all that it looks back on.
        """
        recounted = 0
        with self._store.recount(_RECOUNT_LIMIT) as dirty:
            self._exclusions.refresh(now_ns)
            judged_ns = read_judged_to(self._store)
            for objective in self._book.objectives.values():
                changed = objective.name in self._changed
                also = self._past(objective, now_ns) if changed else self._also(objective, dirty, closed_ns, now_ns)
                windows = list(due_windows(objective, dirty, also))
                # A new generation corrects nothing: it says something else.
                judged = None if changed or judged_ns is None else Judgement(judged_ns, now_ns)
                for done, window in enumerate(windows, start=1):
                    counted = self._count(objective, window, closed_ns)
                    self._note(objective, window, counted, closed_ns, judged)
                    recounted += len(counted)
                    if changed and done < len(windows):
                        self._tell(f"{objective.name}: counted {done / len(windows):.0%} of the stored telemetry")
            if self._news:  # without those that went: they miss telemetry from now on
                note_counted_as(self._store, self._rules)
        self._changed, self._news = set(), False
        return recounted

    def _past(self, objective: Objective, now_ns: int) -> range:
        """Return the minutes that it looks back on, from the first one of which anything is stored."""
        past = lookback(objective, now_ns)
        stored = self._store.read_first_data_ns(metrics_of(objective)), self._store.read_first_sli_ns(objective.name)
        first_ns = min((minute_of(when_ns) for when_ns in stored if when_ns is not None), default=past.stop)
        return range(max(past.start, first_ns), past.stop, MINUTE_NS)

    def _count(self, objective: Objective, window: Window, closed_ns: int) -> list[SliMinute]:
        return count_minutes(
            objective,
            self._store,
            window,
            born_ns=self._book.born(objective.name),
            closed_ns=closed_ns,
            excluded=ExcludedMinutes(objective, self._exclusions.in_force, window),
        )

    def _note(
        self,
        objective: Objective,
        window: Window,
        counted: Sequence[SliMinute],
        closed_ns: int,
        judged: Judgement | None,
    ) -> None:
        minutes = window.minutes()
        self._store.replace_sli(objective.name, minutes, counted, judged=judged)
        # A device whose clock runs days ahead must not push a ledger's real minutes out.
        near = range(minutes.start, min(minutes.stop, closed_ns + _AHEAD_NS), MINUTE_NS)
        self._book.replace(objective.name, near, counted)

    def _also(
        self, objective: Objective, dirty: Mapping[str, Sequence[int]], closed_ns: int, now_ns: int
    ) -> list[int]:
        """Return the minutes to count that no telemetry has touched."""
        judged = read_judged_to(self._store)
        first_ns = min(dirty_minutes(objective, dirty), default=closed_ns) if judged is None else judged
        return [
            *silent_minutes(objective, first_ns, closed_ns),
            *self._exclusions.touched(objective, first_ns, closed_ns, now_ns),
        ]


def load_ledgers(
    book: Book,
    store: Store,
    end_ns: int,
    *,
    leave_out: Collection[str] = (),
    known_at_ns: int | None = None,
) -> None:
    """Fill the book with the stored minutes that it has room for, but for objectives left out by name.

    With `known_at_ns`, those minutes say what was known of them then.
    """
    for objective in book.objectives.values():
        for group, since_ns in store.read_expected(objective.name).items():
            if since_ns <= end_ns:
                book.ledger(Entity(objective.name, group)).expect(since_ns)
        if objective.name in leave_out:
            continue
        start_ns = floor_minute(end_ns - book.reach_ns(objective) - LOOKBACK_MARGIN_NS)
        window = Window(start_ns=start_ns, end_ns=end_ns)
        for stored in store.read_sli(objective.name, window, known_at_ns=known_at_ns):
            ledger = book.counted(objective.name, stored.group)
            ledger.put_arrays(stored.minute_ns, stored.good, stored.total)
