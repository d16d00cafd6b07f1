"""The live loop of one site: on every tick, read what happened until now and hand it to the exporter.

Ticks lie on a fixed grid, so the loop never drifts; a tick that took too long is made up for by reading
further in the next one, and no moment is read twice or left out.
"""

import threading
from typing import Protocol

from exporters.announce import build_announcement
from exporters.sources import Source
from model.clock import SECOND_NS, Clock
from model.readings import Readings


class Exporter(Protocol):
    """Takes readings and sees to it that they arrive."""

    def take(self, readings: Readings) -> None:
        """Accept readings without waiting for anybody else."""
        ...


def run_agent(
    source: Source, exporter: Exporter, clock: Clock, tick_s: float = 1.0, *, stop: threading.Event
) -> None:
    """Announce the site's topology, then read and export every `tick_s` seconds until `stop` is set.

    Returns within about a second of `stop`; what was read has been handed over then, and delivering it is the
    exporter's shutdown. The source must have been built to start at about the present.
    """
    tick_ns = round(tick_s * SECOND_NS)
    reached_ns = clock.now_ns()
    exporter.take(build_announcement(source.site, source.topology, reached_ns))
    while not stop.is_set():
        clock.sleep_until((reached_ns // tick_ns + 1) * tick_ns)
        due_ns = clock.now_ns() // tick_ns * tick_ns
        if due_ns > reached_ns and not stop.is_set():  # a clock set back reads nothing twice
            exporter.take(source.advance(due_ns))
            reached_ns = due_ns
