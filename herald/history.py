"""The simulated fleet's past, sent through the collector's door with a progress bar."""

import time
from functools import partial
from pathlib import Path

from exporters import OtlpClient, build_simulated_sources, replay_history
from herald.output import progress_bar, say
from hwsim import FaultSchedule
from model.clock import DAY_NS, SECOND_NS, format_time
from model.windows import floor_minute
from store import Store

_PATIENCE_S = 120.0


def load_history(*, database: str, collector_url: str, fleet: Path | None, days: int, seed: int) -> int:
    """Send what happened since the last stored point, at most `days` ago, and return the moment reached.

    Loading takes a while, in which the present moves on: a second pass makes up for it, so that live agents can take
    over within seconds.
    """
    now_ns = floor_minute(time.time_ns())
    oldest_ns = now_ns - days * DAY_NS
    with Store(database) as store:
        start_ns = max(store.read_last_data_ns() or oldest_ns, oldest_ns)
    if start_ns >= now_ns:
        return start_ns
    say(f"loading history since {format_time(start_ns)}")
    sources = build_simulated_sources(fleet, seed=seed, start_ns=start_ns, faults=FaultSchedule())
    send = partial(OtlpClient(collector_url).send, deadline_s=_PATIENCE_S)
    points = 0
    with progress_bar("history") as tell:
        for begin_ns, end_ns in ((start_ns, now_ns), (now_ns, None)):
            reached_ns = end_ns or time.time_ns() // SECOND_NS * SECOND_NS
            for progress in replay_history(sources, begin_ns, reached_ns, send=send):
                tell(progress.share if end_ns else 1.0)
            points += progress.points
    say(f"history: {points:,} points")
    return reached_ns
