"""Which minutes are open again though no telemetry touched them: silent ones, and those that exclusions touch."""

from collections.abc import Iterable, Sequence

from herald.actor import name_actor
from herald.exclusions import LONGEST_NS, ending_events, exclusion_of, rows_of_events, source_of, telling_events
from herald.recount import lookback
from model.clock import DAY_NS, MINUTE_NS
from model.windows import Window, floor_minute
from slo import Exclusion, Objective, Silence
from store import Store

_LATE_NS = DAY_NS
"""How late an event may be and still make an exclusion before the engine's next start."""


class ExclusionBook:
    """The exclusions in force, read and derived again with every recount, in its transaction."""

    def __init__(self, store: Store, objectives: Iterable[Objective]) -> None:
        self._store = store
        self._objectives = list(objectives)
        self._kinds = {kind for objective in self._objectives for kind in objective.exclude}
        self._derived: set[str] = set()
        self._read_to_ns: int | None = None
        self.in_force: Sequence[Exclusion] = ()
        self.changed: Sequence[Exclusion] = ()

    def refresh(self, now_ns: int) -> None:
        """Take note of what was added or revoked since the last time, by people or by events."""
        if self._kinds:
            self._derive(now_ns)
        self.changed = [exclusion_of(row) for row in self._store.take_pending_exclusions()]
        if self.changed or self._read_to_ns is None:
            self.in_force = [exclusion_of(row) for row in self._store.read_exclusions()]
        self._read_to_ns = floor_minute(now_ns)

    def touched(self, objective: Objective, since_ns: int, closed_ns: int, now_ns: int) -> list[int]:
        """Return the minutes that changed exclusions touch, and the excluded ones that closed after `since_ns`."""
        looked_back = lookback(objective, now_ns)
        past = Window(start_ns=looked_back.start, end_ns=max(looked_back.start, closed_ns))
        fresh = Window(start_ns=min(since_ns, closed_ns), end_ns=closed_ns)
        changed = [(exclusion, past) for exclusion in self.changed if exclusion.concerns(objective)]
        standing = [(exclusion, fresh) for exclusion in self.in_force if exclusion.concerns(objective)]
        return [
            minute for exclusion, within in (*changed, *standing) for minute in exclusion.minutes(within).tolist()
        ]

    def _derive(self, now_ns: int) -> None:
        if self._read_to_ns is None:
            start_ns = min(lookback(objective, now_ns).start for objective in self._objectives)
        elif floor_minute(now_ns) > self._read_to_ns:
            start_ns = self._read_to_ns - _LATE_NS
        else:
            return
        ended = self._store.read_events(Window(start_ns=start_ns, end_ns=now_ns), ending_events(self._kinds))
        news = {source for event in ended if (source := source_of(event))} - self._derived
        if not news:
            return
        telling = Window(start_ns=start_ns - LONGEST_NS, end_ns=now_ns)
        told = self._store.read_events(telling, telling_events(self._kinds))
        for row in rows_of_events(told, now_ns=now_ns):
            if row.source in news:
                self._store.add_exclusion(row, actor=name_actor("engine"))
                self._derived.add(row.source)


def silent_minutes(objective: Objective, since_ns: int, closed_ns: int) -> range:
    """Return the minutes that closed after `since_ns`, where silence in them would be bad."""
    return range(since_ns, closed_ns, MINUTE_NS) if objective.silence is Silence.BAD else range(0)
