"""What the user may set, with its default: the command line reads `HERALD_*` variables and options into these."""

import os
from dataclasses import dataclass
from pathlib import Path

from model.errors import DirectoryNotWritableError

DEFAULT_DATA = Path(".herald")
GRPC_PORT = 4317
HTTP_PORT = 4318
GRPC_ADDRESS = f"127.0.0.1:{GRPC_PORT}"
HTTP_ADDRESS = f"127.0.0.1:{HTTP_PORT}"
WEB_PORT = 8080
PROMETHEUS_PORT = 9464
RETENTION_DAYS = 90


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """Where one Herald keeps its database, spool and logs."""

    path: Path

    @property
    def postgres(self) -> Path:
        """Return the folder of the embedded PostgreSQL."""
        return self.path / "postgres"

    @property
    def spool(self) -> Path:
        """Return the folder of the collector's spool."""
        return self.path / "spool"

    @property
    def tokens(self) -> Path:
        """Return the file in which the collector remembers the tokens in force, for when the database is away."""
        return self.path / "tokens.json"

    @property
    def logs(self) -> Path:
        """Return the folder of the child processes' logs."""
        return self.path / "logs"

    @property
    def faults(self) -> Path:
        """Return the file that tells the running agents which faults to simulate."""
        return self.path / "faults.json"

    @property
    def reports(self) -> Path:
        """Return the folder whose reports and postmortems the web page shows."""
        return self.path / "reports"

    def prepare(self) -> None:
        """Make the folders; raise DirectoryNotWritableError if that is not allowed."""
        try:
            for folder in (self.path, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise DirectoryNotWritableError(f"cannot make {self.path}: {exc.strerror}") from exc
        if not os.access(self.path, os.W_OK):
            raise DirectoryNotWritableError(f"{self.path} is read-only")
