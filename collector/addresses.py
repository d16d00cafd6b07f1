"""Where the collector listens: `host:port` as the user writes it, and the check that the port is free."""

import errno
import socket
from dataclasses import dataclass
from typing import Self

from model.errors import DependencyError, InvalidInputError, PortInUseError

_BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port; port 0 lets the system choose."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the address in `host:port`, `[v6]:port` or `:port` (this machine only). Raises InvalidInputError."""
        host, colon, port = text.rpartition(":")
        if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise InvalidInputError(f"{text!r} is not an address", remedy="write host:port")
        return cls(host.removeprefix("[").removesuffix("]") or "127.0.0.1", int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def bind(address: Address) -> socket.socket:
    """Return a listening socket.

    Raises PortInUseError when the port is taken, DependencyError when the machine cannot listen there.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.host, address.port))
        listener.listen(_BACKLOG)
    except OSError as exc:
        listener.close()
        if exc.errno == errno.EADDRINUSE:
            raise PortInUseError(f"port {address.port} on {address.host} is in use") from exc
        reason = exc.strerror or exc
        raise DependencyError(f"cannot listen on {address}: {reason}", remedy="choose another address") from exc
    return listener
