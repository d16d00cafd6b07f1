"""A TCP proxy between a client and a server that can do what networks do: cut, delay, swallow, truncate.

`upstream` is a port of this machine or the path of a Unix socket. Faults are switched on while it runs.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable

from tests.faults.waiting import PATIENCE_S

_CHUNK_BYTES = 65536
_RESET = struct.pack("ii", 1, 0)
COMMIT = b"COMMIT\0"


class Link:
    """One proxied connection."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self.swallow_answers = False

    def reset(self) -> None:
        """End both sides without a goodbye."""
        for side in (self.client, self.server):
            with contextlib.suppress(OSError):
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()


class Proxy:
    """Passes everything on until told otherwise.

    `on_commit`, if set, is called once with the link on which a COMMIT was about to be sent, and decides: it returns
    whether the COMMIT is passed on.
    """

    def __init__(self, upstream: int | str) -> None:
        self.upstream = upstream
        self.delay_s = 0.0
        self.black_hole = False
        self.refusing = False
        self.bytes_left: int | None = None
        self.on_commit: Callable[[Link], bool] | None = None
        self.committed = threading.Event()
        self._links: list[Link] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def heal(self) -> None:
        """Pass everything on again."""
        self.delay_s, self.black_hole, self.refusing, self.bytes_left = 0.0, False, False, None
        self.on_commit = None

    def at_commit(self, decide: Callable[[Link], bool]) -> None:
        """Wait for the next COMMIT and let `decide` say what becomes of it. Raises TimeoutError where none comes."""
        self.committed.clear()
        self.on_commit = decide
        if not self.committed.wait(PATIENCE_S):
            raise TimeoutError("no COMMIT came by")

    def cut(self) -> None:
        """Reset all connections of now."""
        links, self._links = self._links, []
        for link in links:
            link.reset()

    def close(self) -> None:
        """Stop listening and reset everything."""
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self.refusing:
                    raise ConnectionRefusedError
                server = self._connect()
            except OSError:
                client.close()
                continue
            link = Link(client, server)
            self._links.append(link)
            for pump in (self._pump_requests, self._pump_answers):
                threading.Thread(target=self._run, args=(pump, link), daemon=True).start()

    def _connect(self) -> socket.socket:
        if isinstance(self.upstream, int):
            return socket.create_connection(("127.0.0.1", self.upstream), timeout=None)
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self.upstream)
        except OSError:
            server.close()
            raise
        return server

    def _run(self, pump: Callable[[Link], None], link: Link) -> None:
        with contextlib.suppress(OSError):
            pump(link)
        link.reset()

    def _pump_requests(self, link: Link) -> None:
        while data := link.client.recv(_CHUNK_BYTES):
            time.sleep(self.delay_s)
            if self.black_hole:
                continue
            if COMMIT in data and (decide := self.on_commit) is not None:
                self.on_commit = None
                passed = decide(link)
                self.committed.set()
                if not passed:
                    return
            if self.bytes_left is not None:
                data = data[: self.bytes_left]
                self.bytes_left -= len(data)
            link.server.sendall(data)
            if self.bytes_left == 0:
                return

    def _pump_answers(self, link: Link) -> None:
        while data := link.server.recv(_CHUNK_BYTES):
            time.sleep(self.delay_s)
            if link.swallow_answers:
                return
            if not self.black_hole:
                link.client.sendall(data)
