"""The engine's reports: every calendar month and quarter that has ended, written once into a directory.

A report reads a month of minutes and draws a hundred charts, which must not keep a minute from being judged: it is
written by a process of its own, one at a time.
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from herald.output import say
from model.clock import HOUR_NS, MINUTE_NS

_SETTLED_NS = HOUR_NS
"""How long after the end of a period its late telemetry is waited for."""

_QUIET_NS = 2 * MINUTE_NS
"""How long after its start an engine writes nothing: it has enough to do."""

_UNITS = ("month", "quarter")


@dataclass(slots=True)
class ReportSchedule:
    """Writes what is due; `arguments` say to `herald report` where database and objectives are."""

    directory: Path
    arguments: Sequence[str]
    started_ns: int
    _tried: set[str] = field(default_factory=set)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def is_writing(self) -> bool:
        """Return whether a report is being written."""
        return self._process is not None and self._process.poll() is None

    def tick(self, now_ns: int) -> None:
        """Begin the next report that is due, unless one is being written; what failed is tried after a restart."""
        if now_ns < self.started_ns + _QUIET_NS or self.is_writing:
            return
        for period in self.due(now_ns):
            self._tried.add(period)
            say(f"engine: writes the report of {period} to {self.directory}")
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "herald",
                    "report",
                    "--period",
                    period,
                    "--to",
                    str(self.directory),
                    *self.arguments,
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            return

    def due(self, now_ns: int) -> list[str]:
        """Return the periods that have ended and have no report yet."""
        from herald.slo_reports import last_period  # noqa: PLC0415  # charts take half a second to import

        ended = [last_period(unit, now_ns - _SETTLED_NS) for unit in _UNITS]
        return [name for name in ended if name not in self._tried and not (self.directory / f"{name}.html").exists()]

    def close(self) -> None:
        """Stop what is being written; a report is seen whole or not at all."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
