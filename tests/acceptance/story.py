"""A fault in a simulated fleet, telemetry that is stored as minutes go by, and an engine that judges it and tells.

Minutes are virtual, and the last of them is now: Alertmanager knows no other clock than the wall's.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from alert_rules import AlertmanagerClient
from collector import DirectPipeline, Encoding
from collector import Signal as CollectedSignal
from exporters import Send, Signal, build_simulated_sources, replay_history
from herald.engine import GRACE_NS, Engine
from herald.notifier import Notifier
from hwsim import FaultSchedule, Injection
from model.clock import MINUTE_NS
from model.windows import floor_minute
from slo import Objective
from store import Store, Writer


class Story:
    """What happens in `minutes` minutes up to now, in one of which the fault begins and in a later one it ends."""

    def __init__(
        self,
        database: str,
        objectives: Sequence[Objective],
        alertmanagers: Sequence[str],
        *,
        minutes: int,
        fault: tuple[str, str, float],
        lasts: tuple[int, int],
        fleet: Path | None = None,
    ) -> None:
        """`fault` is its id, whom it strikes and how strong; `lasts` are the minutes from which and until which."""
        self._database, self._objectives, self._alertmanagers = database, objectives, alertmanagers
        self._start_ns = floor_minute(time.time_ns()) - minutes * MINUTE_NS
        self._reached_ns = self._start_ns
        fault_id, entity, magnitude = fault
        begins, ends = map(self.ns, lasts)
        injection = Injection(fault_id=fault_id, entity_id=entity, start_ns=begins, end_ns=ends, magnitude=magnitude)
        schedule = FaultSchedule([injection])
        self._sources = build_simulated_sources(fleet, seed=1, start_ns=self._start_ns, faults=schedule)

    def ns(self, minute: int) -> int:
        """Return when a minute of the story begins."""
        return self._start_ns + minute * MINUTE_NS

    def store_until(self, minute: int) -> None:
        """Let it happen until then and store it, through the collector's decoder but without its doors."""
        with closing(Writer(self._database)) as writer:
            pipeline = DirectPipeline(writer)

            def send(signal: Signal, body: bytes) -> None:
                pipeline.accept(CollectedSignal(signal.value), Encoding.PROTOBUF, body)

            self.send_until(minute, send)

    def send_until(self, minute: int, send: Send) -> None:
        """Let it happen until then and send what the agents would."""
        for progress in replay_history(self._sources, self._reached_ns, self.ns(minute), send=send):
            self._reached_ns = progress.reached_ns

    def judge(self) -> None:
        """Start an engine that goes on where the last one stopped, let it judge once and tell, and end it."""
        now_ns = self._reached_ns + GRACE_NS
        with Store(self._database) as store, closing(AlertmanagerClient(self._alertmanagers)) as client:
            step = Engine(store, self._objectives, web_url="http://herald", now_ns=now_ns).step(now_ns)
            Notifier(client, self._objectives).tell(store, time.time_ns(), changed=bool(step.fired or step.resolved))
