"""The engine's reports: every calendar month and quarter that has ended, and each week the last 28 days.

What ended while no engine ran is caught up for a year, as far as anything was counted; the newest comes first, and
of each the fleet before its services. A report reads a month of minutes and draws a hundred charts, which must not
keep a minute from being judged: it is written by a process of its own, one at a time.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from herald.engine_state import read_judged_to
from herald.output import say
from herald.report_period import ended_periods, last_week_end, name_report, name_rolling, parse_period, rolling_period
from model.clock import HOUR_NS, MINUTE_NS, format_time
from model.windows import Window, parse_duration
from slo import Objective
from store import Store

_SETTLED_NS = HOUR_NS
"""How long after the end of a period its late telemetry is waited for."""

_QUIET_NS = 2 * MINUTE_NS
"""How long after its start an engine writes nothing: it has enough to do."""

_UNITS = {"month": 12, "quarter": 4}
"""How many of each are caught up at most: one old measurement that somebody imports must not bring decades."""

_ROLLING = "28d"


@dataclass(frozen=True, slots=True)
class DueReport:
    """A report that is to be written: the name of its files without suffix, and what `herald report` is asked for."""

    name: str
    arguments: tuple[str, ...]


@dataclass(slots=True)
class ReportSchedule:
    """Writes what is due; `arguments` say to `herald report` where database and objectives are.

    Months begin on the clocks of `zone`.
    """

    directory: Path
    arguments: Sequence[str]
    started_ns: int
    services: Sequence[str] = ()
    zone: str = "UTC"
    _tried: set[str] = field(default_factory=set)
    _looked_hour: int = -1
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def is_writing(self) -> bool:
        """Return whether a report is being written."""
        return self._process is not None and self._process.poll() is None

    def tick(self, store: Store, objectives: Sequence[Objective], now_ns: int) -> None:
        """Begin the next report that is due, unless one is being written; what failed is tried after a restart."""
        if now_ns < self.started_ns + _QUIET_NS or self.is_writing or now_ns // HOUR_NS == self._looked_hour:
            return
        known = _counted(store, objectives)
        if known is None:
            return
        due = next(self.due(known), None)
        if due is None:
            self._looked_hour = now_ns // HOUR_NS  # what ends within one can wait for the next
            return
        self.write(due)

    def write(self, due: DueReport) -> None:
        """Begin to write a report."""
        self._tried.add(due.name)
        say(f"engine: writes the report {due.name} to {self.directory}")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "herald", "report", *due.arguments),
                *("--zone", self.zone, "--to", str(self.directory), *self.arguments),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def due(self, known: Window) -> Iterator[DueReport]:
        """Yield what has ended inside the time that was counted and judged, and has no report yet."""
        for report in self._ended(known):
            if report.name not in self._tried and not (self.directory / f"{report.name}.html").exists():
                yield report

    def close(self) -> None:
        """Stop what is being written; a report is seen whole or not at all."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def _ended(self, known: Window) -> Iterator[DueReport]:
        settled = Window(start_ns=known.start_ns, end_ns=max(known.start_ns, known.end_ns - _SETTLED_NS))
        yield from self._rolling(settled)
        for unit, most in _UNITS.items():
            for name in islice(ended_periods(unit, settled, self.zone), most):
                period = parse_period(name, self.zone)
                for service in ("", *self.services):
                    chosen = ("--service", service) if service else ()
                    yield DueReport(name_report(name, period, service), ("--period", name, *chosen))

    def _rolling(self, settled: Window) -> Iterator[DueReport]:
        """Yield the report of the last 28 days at the end of last week; earlier weeks are in those of the months."""
        end_ns = last_week_end(settled.end_ns, self.zone)
        if end_ns > settled.start_ns:
            period = rolling_period(parse_duration(_ROLLING), end_ns, self.zone)
            name = name_report(name_rolling(_ROLLING, end_ns, self.zone), period)
            yield DueReport(name, ("--window", _ROLLING, "--as-of", format_time(end_ns)))


def _counted(store: Store, objectives: Sequence[Objective]) -> Window | None:
    """Return the time from the first counted minute to the last judged one, None where there is none."""
    judged_ns = read_judged_to(store)
    firsts = (store.read_first_sli_ns(objective.name) for objective in objectives)
    begin_ns = min((ns for ns in firsts if ns is not None), default=None)
    if judged_ns is None or begin_ns is None or begin_ns >= judged_ns:
        return None
    return Window(start_ns=begin_ns, end_ns=judged_ns)
