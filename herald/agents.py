"""The live agents: one thread per simulated site, all in one process, obeying the fault file.

A site's simulation starts where its history ended, so that no second is told twice or left out.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from exporters import Credentials, LiveExporter, PrometheusEndpoint, run_agent, sends_token_in_the_clear
from exporters.simulated import build_simulated_sources
from exporters.sources import Source
from herald.faults import FaultWatch, LiveFault
from herald.output import say
from hwsim import FaultSchedule
from model.clock import Clock, RealClock
from model.errors import InvalidInputError
from model.readings import Readings
from model.topology import Topology

_DELIVER_S = 5.0
"""How long agents that are told to stop keep offering what no collector has taken yet."""


class FaultFollower:
    """Keeps the schedule of a running fleet in line with the fault file; all sites may call it."""

    def __init__(self, schedule: FaultSchedule, watch: FaultWatch) -> None:
        self._schedule = schedule
        self._watch = watch
        self._lock = threading.Lock()

    def follow(self, now_ns: int) -> None:
        """Take in what changed in the file since the last call; what cannot be used is said once."""
        with self._lock:
            try:
                faults = self._watch.poll()
                if faults is not None:
                    apply_faults(self._schedule, faults, now_ns=now_ns)
            except InvalidInputError as exc:
                say(f"agents: {exc}")


@dataclass(frozen=True, slots=True)
class FollowingSource:
    """A source that takes in new faults before each step."""

    source: Source
    follower: FaultFollower

    @property
    def site(self) -> str:
        """Return the site's id."""
        return self.source.site

    @property
    def topology(self) -> Topology:
        """Return what acts on what at this site."""
        return self.source.topology

    def advance(self, until_ns: int) -> Readings:
        """Return the readings until then, with the faults that are in the file by now."""
        self.follower.follow(until_ns)
        return self.source.advance(until_ns)


def apply_faults(schedule: FaultSchedule, faults: Sequence[LiveFault], *, now_ns: int) -> None:
    """Bring the schedule in line with the file: add what is new, end what is gone."""
    wanted = {fault.as_injection() for fault in faults if fault.end_ns is None or fault.end_ns > now_ns}
    present = {i for i in schedule.injections if i.end_ns is None or i.end_ns > now_ns}
    for gone in present - wanted:
        schedule.clear(gone.fault_id, gone.entity_id, end_ns=now_ns)
    for new in sorted(wanted - present, key=lambda i: i.start_ns):
        schedule.add(new)


def run_agents(
    *,
    otlp_url: str,
    credentials: Credentials,
    fleet: Path | None,
    faults: Path,
    seed: int,
    start_ns: int | None,
    prometheus: tuple[str, int] | None,
    stop: threading.Event,
) -> int:
    """Run all sites until `stop`; return how many requests could not be delivered at the end."""
    if sends_token_in_the_clear(otlp_url, credentials):
        say(f"WARNING: the token goes unencrypted to {otlp_url}; use https:// or grpcs://")
    clock = RealClock()
    endpoint = PrometheusEndpoint(prometheus[1], host=prometheus[0]) if prometheus else None
    schedule = FaultSchedule()
    follower = FaultFollower(schedule, FaultWatch(faults))
    begin_ns = clock.now_ns() if start_ns is None else start_ns
    sources = build_simulated_sources(fleet, seed=seed, start_ns=begin_ns, faults=schedule)
    exporters = [
        LiveExporter(source.site, otlp_url, prometheus=endpoint, say=say, credentials=credentials)
        for source in sources
    ]
    threads = []
    for source, exporter in zip(sources, exporters, strict=True):
        following = FollowingSource(source, follower)
        threads.append(
            threading.Thread(
                target=_run_or_stop_all,
                args=(following, exporter, clock, stop),
                name=source.site,
                daemon=True,
            )
        )
    clock.sleep_until(begin_ns)  # history may reach a few seconds ahead
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join()
    end_s = time.monotonic() + _DELIVER_S
    return sum(exporter.shutdown(max(0.0, end_s - time.monotonic())) for exporter in exporters)


def _run_or_stop_all(source: Source, exporter: LiveExporter, clock: Clock, stop: threading.Event) -> None:
    """Run one site; if it fails, end all, so that whoever watches the process notices and starts it again."""
    try:
        run_agent(source, exporter, clock, stop=stop)
    finally:
        stop.set()
