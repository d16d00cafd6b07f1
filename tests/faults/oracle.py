"""Compares what was sent with what is stored, point by point.

Every acknowledged point is stored exactly once; nothing is stored that was not sent; what is unknown is stored at
most once, and exactly once after it was delivered at last.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from store import connect
from tests.faults.requests import Outcome, Point, Request

_STORED = """
select s.device, (extract(epoch from p.time) * 1000000)::bigint, p.value, count(*)
  from series as s join point as p on p.series_id = s.id
 where s.device like %(run)s || '-%%' group by 1, 2, 3
"""
Stored = Counter[tuple[str, int, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Points sent, lost (acknowledged, not stored), and duplicated (stored more often than sent, or never sent)."""

    sent: int
    lost: int
    duplicated: int


def read_stored(database: str, run: str) -> Stored:
    """Return how often each point of a run is stored."""
    with connect(database) as connection:
        rows = connection.execute(_STORED, {"run": run}).fetchall()
    return Counter({(device, time_us, value): count for device, time_us, value, count in rows})


def judge(requests: Sequence[Request], stored: Stored) -> Verdict:
    """Return the verdict; a point sent in several requests counts once."""
    acknowledged = {key(p) for r in requests if r.outcome is Outcome.ACKNOWLEDGED for p in r.points}
    sent = {key(point) for request in requests for point in request.points}
    extra = sum(count - (point in sent) for point, count in stored.items())
    return Verdict(sent=len(sent), lost=len(acknowledged - stored.keys()), duplicated=extra)


def key(point: Point) -> tuple[str, int, float]:
    """Return the point as the database tells it: its time in microseconds, rounded up."""
    device, time_ns, value = point
    return device, -(-time_ns // 1000), value
