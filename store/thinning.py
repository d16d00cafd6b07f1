"""Thin out old snapshots of error budgets: one a minute and entity is a gigabyte a month for a thousand slots.

Boards over more than a month read `budget_hour`, which keeps the extremes of each hour whatever happens to snapshots.
The minutes are for the weeks in which people look closely, and for pinned times, which incidents keep.
"""

import time
from datetime import datetime, timedelta

from model.clock import DAY_NS, HOUR_NS, to_datetime
from store.database import connect, translated
from store.statements import load_statements

SNAPSHOTS_KEPT_DAYS = 14
"""For how long every snapshot is kept; of earlier hours the last one is."""

_SQL = load_statements("thinning")
_AT_ONCE = timedelta(hours=6)


def thin_budgets(url: str, *, now_ns: int, keep_days: int = SNAPSHOTS_KEPT_DAYS, budget_s: float = 3.0) -> int:
    """Thin out whole hours that ended `keep_days` before now, the oldest first; return how many snapshots went.

    Takes about `budget_s` seconds at most and goes on where it stopped. Raises DatabaseUnavailableError.
    """
    deadline = time.monotonic() + budget_s
    limit = to_datetime((now_ns - keep_days * DAY_NS) // HOUR_NS * HOUR_NS)
    gone = 0
    with translated(url), connect(url, application="herald retention") as connection:
        row = connection.execute(_SQL["read_thinned_until"]).fetchone()
        start = row[0] if row else None
        while isinstance(start, datetime) and start < limit and time.monotonic() < deadline:
            part = {"start": start, "end": min(start + _AT_ONCE, limit)}
            with connection.transaction():
                connection.execute(_SQL["set_thinned_until"], part)
                gone += connection.execute(_SQL["thin"], part).rowcount
            start = part["end"]
    return gone
