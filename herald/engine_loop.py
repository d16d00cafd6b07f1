"""The engine as a process: steps every few seconds, tells Alertmanager, rolls up, forgets old telemetry."""

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from alert_rules import RESEND_NS, Alert, AlertmanagerClient, burn_alert
from alert_rules.alertmanager import RESOLVED_FOR_NS
from herald.databases import find_database
from herald.engine import GRACE_NS, Engine
from herald.objectives import load_shipped_or
from herald.output import say
from herald.settings import RETENTION_DAYS, DataDirectory
from model.clock import DAY_NS, HOUR_NS, SECOND_NS
from model.errors import DatabaseUnavailableError
from model.queries import Group
from model.windows import Window
from slo import PAGE, Objective
from store import AlertRow, RollupStore, Store, apply_retention, prepare_weeks

_STEP_S = 5.0
_RETRY_S = 2.0
_ROLLUP_BUDGET_S = 1.0
"""Of each step's time: a long past is rolled up beside the present, not before it."""


class EngineNumbers:
    """What the engine tells Prometheus about itself."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.evaluated = Gauge(
            "herald_engine_evaluated_to_seconds", "End of the last minute judged, Unix time", registry=self.registry
        )
        self.step = Gauge("herald_engine_step_seconds", "How long the last step took", registry=self.registry)
        self.recounted = Counter("herald_engine_recounted_minutes", "SLI minutes computed", registry=self.registry)
        self.failures = Counter("herald_engine_failed_steps", "Steps without a database", registry=self.registry)
        self.rolled = Counter("herald_engine_rolled_minutes", "Minutes of metrics rolled up", registry=self.registry)
        self.unrolled = Gauge(
            "herald_engine_unrolled_entries",
            "Log entries that wait to be rolled up",
            registry=self.registry,
        )
        self.undelivered = Counter(
            "herald_engine_undelivered_rounds", "Rounds that an Alertmanager did not take", registry=self.registry
        )


def run_engine(
    *,
    database: str | None,
    data: DataDirectory,
    objectives: Path | None,
    alertmanagers: Sequence[str],
    metrics: tuple[str, int] | None,
    web_url: str,
    stop: threading.Event,
) -> None:
    """Run until `stop`; a database that goes away is waited for."""
    loaded = load_shipped_or(objectives)
    url = find_database(database, data)
    numbers = EngineNumbers()
    if metrics is not None:
        start_http_server(metrics[1], metrics[0], numbers.registry)
    notifier = Notifier(AlertmanagerClient(alertmanagers), loaded, numbers) if alertmanagers else None
    process = _EngineProcess(url=url, objectives=loaded, notifier=notifier, numbers=numbers, web_url=web_url)
    while not stop.is_set():
        try:
            process.run(stop)
        except DatabaseUnavailableError as exc:
            numbers.failures.inc()
            say(f"engine: {exc}; trying again")
            stop.wait(_RETRY_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class _EngineProcess:
    url: str
    objectives: Sequence[Objective]
    notifier: "Notifier | None"
    numbers: EngineNumbers
    web_url: str

    def run(self, stop: threading.Event) -> None:
        """Step until `stop` or until the database is away."""
        prepare_weeks(self.url, now_ns=time.time_ns())
        forget_at_ns = time.time_ns() + HOUR_NS
        with Store(self.url) as store, RollupStore(self.url) as rollups:
            engine = Engine(store, self.objectives, web_url=self.web_url, now_ns=time.time_ns(), tell=say)
            while not stop.is_set():
                begun = time.monotonic()
                now_ns = time.time_ns()
                self._step(engine, store, now_ns)
                self._roll_up(rollups, now_ns)
                if now_ns >= forget_at_ns:
                    prepare_weeks(self.url, now_ns=now_ns)
                    apply_retention(self.url, now_ns=now_ns, keep_days=RETENTION_DAYS)
                    forget_at_ns = now_ns + HOUR_NS
                stop.wait(max(0.0, _STEP_S - (time.monotonic() - begun)))

    def _roll_up(self, rollups: RollupStore, now_ns: int) -> None:
        refreshed = rollups.refresh(
            closed_ns=now_ns - GRACE_NS, since_ns=now_ns - RETENTION_DAYS * DAY_NS, budget_s=_ROLLUP_BUDGET_S
        )
        self.numbers.rolled.inc(refreshed.minutes)
        self.numbers.unrolled.set(refreshed.waiting)

    def _step(self, engine: Engine, store: Store, now_ns: int) -> None:
        with self.numbers.step.time():
            step = engine.step(now_ns)
        self.numbers.evaluated.set(step.evaluated_to_ns / SECOND_NS)
        self.numbers.recounted.inc(step.recounted)
        if self.notifier is not None:
            self.notifier.tell(store, now_ns, changed=bool(step.fired or step.resolved))


class Notifier:
    """Repeats to every Alertmanager what fires and what resolved lately; the database is its memory."""

    def __init__(
        self, client: AlertmanagerClient, objectives: Sequence[Objective], numbers: EngineNumbers | None = None
    ) -> None:
        self._client = client
        self._services = {objective.name: objective.service for objective in objectives}
        self._numbers = numbers or EngineNumbers()
        self._told_ns = 0
        self._problems: dict[str, str] = {}

    def tell(self, store: Store, now_ns: int, *, changed: bool) -> None:
        """Send a round if something changed or the last one is a minute old; a replica that fails is named once."""
        if not changed and now_ns - self._told_ns < RESEND_NS:
            return
        self._told_ns = now_ns
        recent = store.read_alerts(Window(start_ns=now_ns - RESOLVED_FOR_NS, end_ns=now_ns))
        known = [self._alert(row) for row in newest_of_each(recent) if row.objective in self._services]
        # Pages first: Alertmanager must know what mutes a ticket before it sees one whose waiting time is over.
        for is_page in (True, False):
            alerts = [alert for alert in known if (alert.labels["severity"] == PAGE) is is_page]
            if alerts:
                self._send(alerts, now_ns)

    def _alert(self, row: AlertRow) -> Alert:
        return burn_alert(
            objective=row.objective,
            service=self._services[row.objective],
            group=row.labels,
            tier=row.tier,
            severity=row.severity,
            fired_ns=row.fired_ns,
            resolved_ns=row.resolved_ns,
            annotations=row.annotations,
        )

    def _send(self, alerts: Sequence[Alert], now_ns: int) -> None:
        for delivery in self._client.send(alerts, now_ns):
            if delivery.problem:
                self._numbers.undelivered.inc()
            if delivery.problem and delivery.problem != self._problems.get(delivery.url):
                say(f"Alertmanager: {delivery.problem}")
            self._problems[delivery.url] = delivery.problem


def newest_of_each(rows: Iterable[AlertRow]) -> list[AlertRow]:
    """Return, of the alerts with the same labels, the one that fired last.

    Alertmanager knows an alert by its labels: an older one that has resolved would resolve the one that fires.
    """
    newest: dict[tuple[str, Group, str], AlertRow] = {}
    for row in sorted(rows, key=lambda row: row.fired_ns):
        newest[row.objective, row.group, row.tier] = row
    return list(newest.values())
