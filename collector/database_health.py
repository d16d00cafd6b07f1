"""Whether the database takes data, as the drain finds out: for readiness, the log and the numbers."""

import logging

from collector.telemetry import CollectorTelemetry
from model.errors import DependencyError

_log = logging.getLogger(__name__)


class DatabaseHealth:
    """`taking_data` is None until it is known, `trouble` empty where all is well. Each change is logged once."""

    def __init__(self, telemetry: CollectorTelemetry) -> None:
        self._telemetry = telemetry
        self.taking_data: bool | None = None
        self.trouble = ""

    def note_success(self) -> None:
        """Note that it has taken what it was given, or answered at least."""
        if self.taking_data is False:
            _log.warning("the database takes data again")
        self.taking_data, self.trouble = True, ""
        self._telemetry.show_database(up=True)

    def note_trouble(self, error: Exception) -> None:
        """Note that it has not, and why."""
        if self.taking_data is not False:
            unexpected = None if isinstance(error, DependencyError) else error
            _log.warning("the database takes no data, requests wait: %s", error, exc_info=unexpected)
        self.taking_data, self.trouble = False, str(error)
        self._telemetry.count_failure()
