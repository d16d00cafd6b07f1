"""How an agent shows who it is, and checks whom it talks to: a token, a CA, a client certificate.

The token is read from its file whenever that has changed, so that it can be renewed without a restart.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from model.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """`token` is asked at every attempt and returns an empty text where there is none; the files are PEM."""

    token: Callable[[], str] = str
    ca_file: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None

    def __post_init__(self) -> None:
        """Raise InvalidInputError for files that cannot be read, all together."""
        flaws = [f"{path} cannot be read" for path in self._files() if not _is_readable(path)]
        if (self.client_certificate is None) != (self.client_key is None):
            flaws.append("a client certificate needs its key, and a key its certificate")
        if flaws:
            raise InvalidInputError("; ".join(flaws), remedy="give PEM files that this user may read")

    def read_pem(self) -> tuple[bytes | None, bytes | None, bytes | None]:
        """Return the CA, the client's key and its certificate."""
        return _read(self.ca_file), _read(self.client_key), _read(self.client_certificate)

    def _files(self) -> list[Path]:
        return [path for path in (self.ca_file, self.client_certificate, self.client_key) if path is not None]


class TokenFile:
    """A file whose first line is the token. Raises InvalidInputError when it cannot be read at first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed_ns = -1
        self._token = ""
        try:
            self._read()
        except OSError as exc:
            raise InvalidInputError(f"the token file {path} cannot be read: {exc.strerror}") from exc

    def __call__(self) -> str:
        """Return the token; the last one while the file cannot be read."""
        try:
            self._read()
        except OSError:
            return self._token
        return self._token

    def _read(self) -> None:
        changed_ns = self._path.stat().st_mtime_ns
        if changed_ns != self._changed_ns:
            self._token = self._path.read_text(encoding="utf-8").strip()
            self._changed_ns = changed_ns


def _is_readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except OSError:
        return False
    return True


def _read(path: Path | None) -> bytes | None:
    return None if path is None else path.read_bytes()
