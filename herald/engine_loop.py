"""The engine as a process: steps every few seconds, tells Alertmanager, rolls up, forgets old telemetry.

Of several engines on one database one leads and does all that. The others tell Alertmanager what they read in the
database, so that it hears the same from each of them, and take over within a step when the leader is gone.
"""

import threading
import time
from collections.abc import Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import start_http_server

from alert_rules import AlertmanagerClient, load_rules
from herald.databases import find_database
from herald.engine import GRACE_NS, Engine
from herald.engine_numbers import EngineNumbers
from herald.notifier import Notifier
from herald.objectives import load_shipped_or
from herald.output import say
from herald.report_schedule import ReportSchedule
from herald.settings import RETENTION_DAYS, DataDirectory
from model.clock import DAY_NS, HOUR_NS, SECOND_NS
from model.errors import DatabaseUnavailableError
from slo import Objective
from slo.recurrence import find_zone
from store import Leadership, RollupStore, Store, apply_retention, prepare_weeks, thin_budgets

_STEP_S = 5.0
_RETRY_S = 2.0
_ROLLUP_BUDGET_S = 2.5
"""Of each step's time: a long past is rolled up beside the present, not before it. Much at once is done many times
faster than little by little, so that less would cost more in all."""


def run_engine(
    *,
    database: str | None,
    data: DataDirectory,
    objectives: Path | None,
    alertmanagers: Sequence[str],
    metrics: tuple[str, int] | None,
    web_url: str,
    reports: Path | None = None,
    report_zone: str = "UTC",
    stop: threading.Event,
) -> None:
    """Run until `stop`; a database that goes away is waited for."""
    find_zone(report_zone)
    loaded = load_shipped_or(objectives)
    url = find_database(database, data)
    numbers = EngineNumbers()
    if metrics is not None:
        start_http_server(metrics[1], metrics[0], numbers.registry)
    notifier = (
        Notifier(AlertmanagerClient(alertmanagers), loaded, numbers, rules=load_rules()) if alertmanagers else None
    )
    asked = ("--database", url, "--web-url", web_url, *(("--objectives", str(objectives)) if objectives else ()))
    schedule = (
        ReportSchedule(
            reports,
            asked,
            started_ns=time.time_ns(),
            services=sorted({objective.service for objective in loaded}),
            zone=report_zone,
        )
        if reports
        else None
    )
    process = _EngineProcess(
        url=url, objectives=loaded, notifier=notifier, numbers=numbers, web_url=web_url, reports=schedule
    )
    with closing(schedule) if schedule else nullcontext():
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
    notifier: Notifier | None
    numbers: EngineNumbers
    web_url: str
    reports: ReportSchedule | None

    def run(self, stop: threading.Event) -> None:
        """Follow and lead until `stop` or until the database is away."""
        with Store(self.url) as store, Leadership(self.url) as leadership:
            while not stop.is_set():
                if leadership.stand():
                    self._lead(store, leadership, stop)
                else:
                    self._follow(store)
                    stop.wait(_STEP_S)

    def _follow(self, store: Store) -> None:
        self.numbers.leads.set(0)
        if self.notifier is not None:
            self.notifier.tell(store, time.time_ns(), changed=False)

    def _lead(self, store: Store, leadership: Leadership, stop: threading.Event) -> None:
        """Step until `stop`, or until another leads because our connection was lost."""
        say("engine: leads")
        self.numbers.leads.set(1)
        prepare_weeks(self.url, now_ns=time.time_ns())
        forget_at_ns = time.time_ns() + HOUR_NS
        with RollupStore(self.url) as rollups:
            engine = Engine(
                store,
                self.objectives,
                web_url=self.web_url,
                now_ns=time.time_ns(),
                rules=load_rules(),
                tell=say,
            )
            while not stop.is_set() and leadership.stand():
                begun = time.monotonic()
                now_ns = time.time_ns()
                self._step(engine, store, now_ns)
                self._roll_up(rollups, now_ns)
                if now_ns >= forget_at_ns:
                    prepare_weeks(self.url, now_ns=now_ns)
                    apply_retention(self.url, now_ns=now_ns, keep_days=RETENTION_DAYS)
                    thin_budgets(self.url, now_ns=now_ns)
                    forget_at_ns = now_ns + HOUR_NS
                if self.reports is not None:
                    self.reports.tick(store, self.objectives, now_ns)
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
