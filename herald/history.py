"""The simulated fleet's past, sent through the collector's door with a progress bar."""

import time
from functools import partial
from pathlib import Path

from exporters import OtlpClient, build_simulated_sources, replay_history
from herald.output import progress_bar, say
from hwsim import LINK_F1, MEMORY_F7, FaultSchedule, Injection, load_faults, load_fleet
from model.clock import DAY_NS, MINUTE_NS, SECOND_NS, format_time
from model.windows import floor_minute
from store import Store

_PATIENCE_S = 120.0
_HANDOVER_NS = 5 * SECOND_NS
"""How far history reaches beyond the present, so that the live agents have started when it ends."""


def past_incidents(end_ns: int) -> FaultSchedule:
    """Return what went wrong in the simulated past: a new user finds budgets that burnt and alerts that fired.

    A connector was moved nine days before `end_ns`, a cooling fault struck three days before; both were mended.
    """
    faults = load_faults()
    story = ((LINK_F1, "link", 9 * DAY_NS, 50 * MINUTE_NS), (MEMORY_F7, "cryostat", 3 * DAY_NS, 25 * MINUTE_NS))
    entities = {kind: name for name, kind in reversed(load_fleet().entities.items())}
    return FaultSchedule(
        Injection(
            fault_id=fault,
            entity_id=entities[kind],
            start_ns=end_ns - ago_ns,
            end_ns=end_ns - ago_ns + length_ns,
            magnitude=faults[fault].magnitude.typical,
        )
        for fault, kind, ago_ns, length_ns in story
    )


def load_history(*, database: str, collector_url: str, fleet: Path | None, days: int, seed: int) -> int:
    """Send what happened since the last stored point, at most `days` ago, and return the moment reached.

    Loading takes a while, in which the present moves on: a second pass makes up for it and reaches a few seconds
    ahead, to the moment at which live agents take over.
    """
    now_ns = floor_minute(time.time_ns())
    oldest_ns = now_ns - days * DAY_NS
    with Store(database) as store:
        start_ns = max(store.find_last_data_ns() or oldest_ns, oldest_ns)
    if start_ns >= now_ns:
        return start_ns
    say(f"loading history since {format_time(start_ns)}")
    told = past_incidents(now_ns) if fleet is None and start_ns == oldest_ns else FaultSchedule()
    sources = build_simulated_sources(fleet, seed=seed, start_ns=start_ns, faults=told)
    send = partial(OtlpClient(collector_url).send, deadline_s=_PATIENCE_S)
    points = 0
    with progress_bar("history") as tell:
        for begin_ns, end_ns in ((start_ns, now_ns), (now_ns, None)):
            reached_ns = end_ns or (time.time_ns() + _HANDOVER_NS) // SECOND_NS * SECOND_NS
            for progress in replay_history(sources, begin_ns, reached_ns, send=send):
                tell(progress.share if end_ns else 1.0)
            points += progress.points
    say(f"history: {points:,} points")
    return reached_ns
