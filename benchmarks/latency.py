"""How long a point takes from the first byte sent until a query sees it, at a load that leaves room.

One agent notes when it sends each request; meanwhile a query asks again and again for the newest point of one of its
series. Beside it stands how long the acknowledgement takes: the point is safe by then, though not visible.
"""

import threading
import time
from bisect import bisect_left
from pathlib import Path
from typing import Self

from benchmarks.processes import running_collector, send
from benchmarks.requests import BUILDERS, START_NS, STEP_NS
from benchmarks.results import Figure, Result
from model.clock import SECOND_NS
from store import connect, migrate, throwaway_database

_SECONDS = 10.0
_POLL_S = 0.02
_WARM_UP = 3
_NEWEST = """
select extract(epoch from time)::float8 from point
 where series_id = (select min(id) from series where site = 'site-0')
 order by tick(time) desc, time desc limit 1
"""


class _Watch:
    """Notes in the background when which time became visible."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.times: list[tuple[float, float]] = []
        """Newest visible time of a point, and when it was seen."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        with connect(self._database) as connection:
            while not self._ending.wait(_POLL_S):
                row = connection.execute(_NEWEST).fetchone()
                if row:
                    self.times.append((row[0], time.time()))


def measure_latency(where: str, server: str, folder: Path, *, agents: int, rate: float) -> Result:
    """Return the 99th percentile of both, in seconds."""
    items = BUILDERS["numbers"]("any").items
    requests = max(20, round(rate * _SECONDS / agents / items))
    with throwaway_database(server) as database:
        migrate(database)
        with running_collector(database, folder) as collector:
            send(collector.url, "numbers", agents=agents, requests=_WARM_UP)
            collector.wait_until_stored(agents * _WARM_UP)
            with _Watch(database) as watch:
                sent = send(collector.url, "numbers", agents=agents, requests=requests, skip=_WARM_UP, rate=rate)
                collector.wait_until_stored(agents * (_WARM_UP + requests))
                time.sleep(2 * _POLL_S)
    visible = [newest for newest, _ in watch.times]
    delays_s = []
    for number, sent_at_s in enumerate(sent["sent_at_s"], start=_WARM_UP + 1):
        of_point_s = (START_NS + number * STEP_NS) / SECOND_NS
        seen_at_s = watch.times[bisect_left(visible, of_point_s - 1e-3)][1]
        delays_s.append(seen_at_s - sent_at_s)
    return Result(
        name=f"receive to visible p99 at half load, {where}",
        value=_percentile(delays_s, 0.99),
        unit="s",
        beside=Figure("acknowledged p99", _percentile(sent["answers_s"], 0.99)),
    )


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
