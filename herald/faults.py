"""Tell a running simulated fleet which faults to show, through a small file that its agents watch."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from model.errors import DirectoryNotWritableError, InvalidInputError

if TYPE_CHECKING:
    from hwsim import Injection


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFault:
    """A fault on an entity from `start_ns` until `end_ns`, or until it is cleared."""

    fault: str
    entity: str
    start_ns: int
    end_ns: int | None
    magnitude: float

    def as_injection(self) -> "Injection":
        """Return it as the fleet's schedule takes it."""
        from hwsim import Injection  # noqa: PLC0415  # the simulator takes a second to import

        return Injection(
            fault_id=self.fault,
            entity_id=self.entity,
            start_ns=self.start_ns,
            end_ns=self.end_ns,
            magnitude=self.magnitude,
        )


def read_faults(path: Path) -> list[LiveFault]:
    """Return the faults in the file; none if there is no file."""
    try:
        return [LiveFault(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (ValueError, TypeError) as exc:
        raise InvalidInputError(f"{path} is not a list of faults: {exc}", remedy="run herald fault clear") from exc


def write_faults(path: Path, faults: list[LiveFault]) -> None:
    """Replace the file at once, so that a reader never sees half of it."""
    scratch = path.with_suffix(".new")
    text = json.dumps([asdict(fault) for fault in faults], indent=2) + "\n"
    try:
        scratch.write_text(text, encoding="utf-8")
        os.replace(scratch, path)  # noqa: PTH105  # atomic on every POSIX system, and says so
    except OSError as exc:
        raise DirectoryNotWritableError(f"cannot write {path}: {exc.strerror}") from exc


class FaultWatch:
    """Reports the faults in a file when the file has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None

    def poll(self) -> list[LiveFault] | None:
        """Return all faults if the file changed since the last call, else None."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp == self._seen:
            return None
        self._seen = stamp
        return read_faults(self._path)
