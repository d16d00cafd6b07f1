"""Certificates that are renewed while the doors are open.

Whenever a client shakes hands the files are looked at, and read if they have changed; connections that are open keep
what they have. Files that cannot be used, such as a certificate whose key is not written yet, change nothing until
they can be.
"""

import logging
import ssl
import threading
from pathlib import Path

from collector.tls import Tls, TlsFiles, load_tls
from model.errors import InvalidInputError

_log = logging.getLogger(__name__)
_Stamp = tuple[tuple[int, int, int] | None, ...]


class RenewingTls:
    """The newest of what its files held when they were good; may be used from several threads."""

    def __init__(self, tls: Tls) -> None:
        self._current = tls
        self._stamp = _stamp(tls.files)
        self._gate = threading.Lock()

    def current(self) -> Tls:
        """Return what to show the next client."""
        with self._gate:
            stamp = _stamp(self._current.files)
            if stamp != self._stamp:
                self._stamp = stamp
                self._read()
            return self._current

    def context(self) -> ssl.SSLContext:
        """Return a context that gives each connection the newest certificate."""
        context = self._current.context
        context.sni_callback = self._choose
        return context

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = self.current().context

    def _read(self) -> None:
        try:
            self._current = load_tls(self._current.files)
        except InvalidInputError as exc:
            _log.warning("the TLS files have changed and cannot be used, the old ones serve on: %s", exc)
        else:
            _log.warning("the TLS files have changed; new connections see the new ones")


def _stamp(files: TlsFiles) -> _Stamp:
    return tuple(_stamp_of(path) for path in (files.certificate, files.key, files.client_ca) if path is not None)


def _stamp_of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
