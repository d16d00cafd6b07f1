"""The durable spool: requests stand here, on disk, from their acknowledgement until the database has them.

A log of records in a few files (`spool_log`); `append` returns after the fsync. Positions grow by one and are never
used again, which is what the consumer's exactly-once rests on. Nothing is kept in memory per request, so a full spool
costs no more than an empty one. One process owns a spool.

    source              who we are to the consumer      spool.lock      held by the owner
    <position>-*.log    the records                     set_aside/      what could not be stored, and damaged bytes
"""

import contextlib
import errno
import itertools
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from collector.errors import SpoolFullError
from collector.group_commit import ClosedError, GroupCommit
from collector.signals import Encoding, Signal
from collector.spool_database import read_requests
from collector.spool_log import Placed, RecordLog, Request
from collector.spool_records import HEADER_BYTES
from collector.storage import own, write_durably
from model.errors import DirectoryNotWritableError, HeraldError

DEFAULT_MAX_BYTES = 4 * 1024**3
_HEADS_AT_ONCE = 1000
_PROBE_BYTES = 4096
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A request that waits: what it costs on disk, and the digest it was accepted with."""

    placed: Placed

    @property
    def position(self) -> int:
        """Return its position."""
        return self.placed.record.position

    @property
    def cost_bytes(self) -> int:
        """Return what it occupies."""
        return self.placed.record.size_bytes

    @property
    def digest(self) -> bytes:
        """Return the digest of its body when it was accepted."""
        return self.placed.record.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledRequest:
    """A request as it was accepted; `intact` says whether the body is still the one that was written."""

    position: int
    signal: Signal
    encoding: Encoding
    body: bytes
    intact: bool


class Spool:
    """A bounded, ordered, durable store of accepted requests in `directory`.

    Opening raises DirectoryNotWritableError, SpoolInUseError, or SpoolFullError where the disk is.
    """

    def __init__(self, directory: Path, *, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self.directory = directory
        self.max_bytes = max_bytes
        self._aside = directory / "set_aside"
        self._counting = threading.Lock()
        self._owner = own(directory)
        try:
            with self._translated():
                self._aside.mkdir(exist_ok=True)
                self._log = RecordLog(directory, max_bytes=max_bytes, keep=self._keep)
                self.source = self._read_or_make_source()
        except BaseException:
            os.close(self._owner)
            raise
        self._bytes = self._log.size_bytes
        self._commits = GroupCommit(self._log.append, name="spool-writer")
        try:
            with self._translated():
                self._take_over_database()
        except BaseException:
            self.close()
            raise

    @property
    def size_bytes(self) -> int:
        """What the waiting requests occupy, those on their way to the disk included."""
        return self._bytes

    @property
    def last_position(self) -> int:
        """The position of the newest request that is durable; 0 for a new spool."""
        return self._log.last_position

    @property
    def damaged_requests(self) -> int:
        """How many requests the disk was found to have lost since the start; what is left of them is set aside."""
        return self._log.missing

    def append(
        self,
        signal: Signal,
        encoding: Encoding,
        body: bytes,
        digest: bytes,
        *,
        on_position: Callable[[int], None] = lambda _: None,
    ) -> int:
        """Store a request and return its position once it is durable.

        `on_position` is called with the position just before the write, from another thread. Raises
        SpoolFullError when the bound or the disk is reached, DirectoryNotWritableError when the disk refuses.
        """
        request = Request(signal=signal, encoding=encoding, body=body, digest=digest, on_position=on_position)
        cost = HEADER_BYTES + len(body)
        self._reserve(cost)
        try:
            with self._translated():
                return self._commits.run(request)
        except BaseException:
            self._change_size(-cost)
            raise

    def list_after(self, position: int, max_bytes: int) -> list[Head]:
        """Return the oldest requests after `position`: as many as reach `max_bytes` together, at least one.

        None means that nothing up to the `last_position` before the call can be read.
        """
        heads: list[Head] = []
        last_position = self.last_position
        with self._translated():
            for placed in itertools.islice(self._log.read_after(position), _HEADS_AT_ONCE):
                heads.append(Head(placed=placed))
                max_bytes -= placed.record.size_bytes
                if max_bytes <= 0:
                    break
        if not heads:
            self._log.give_up_through(last_position)
        return heads

    def read(self, head: Head) -> SpooledRequest:
        """Return the request as it is on the disk now."""
        record = head.placed.record
        with self._translated():
            body = head.placed.segment.read_body(record)
        return SpooledRequest(
            position=record.position,
            signal=record.signal,
            encoding=record.encoding,
            body=body,
            intact=record.is_intact(body),
        )

    def delete_through(self, position: int) -> None:
        """Forget every request up to and including `position`."""
        with self._translated():
            self._change_size(-self._log.forget_through(position))

    def set_aside(self, position: int, reason: str) -> None:
        """Keep a request that cannot be stored out of the way of the others, with the reason."""
        with self._translated():
            placed = self._log.find(position)
            if placed is not None:
                request = self.read(Head(placed=placed))
                self._keep(f"{position:020d}.otlp", request.body)
                self._keep(f"{position:020d}.txt", f"{reason}\n{request.signal} {request.encoding}\n".encode())

    def list_set_aside(self) -> list[tuple[int, str]]:
        """Return position and reason of the requests that could not be stored."""
        notes = sorted(self._aside.glob("*.txt"))
        return [(int(path.stem), path.read_text(encoding="utf-8").splitlines()[0]) for path in notes]

    def renew_source(self) -> str:
        """Become a new source, because the consumer has seen more of the old one than these files hold."""
        with self._translated():
            self.source = self._make_source()
        return self.source

    def probe(self) -> None:
        """Prove that the spool can be written to. Raises DirectoryNotWritableError or SpoolFullError."""
        with self._translated():
            self._commits.require_open()
            write_durably(self.directory / "probe", bytes(_PROBE_BYTES))
        if self._bytes >= self.max_bytes:
            raise SpoolFullError(f"the spool in {self.directory} holds its {self.max_bytes} bytes")

    def close(self) -> None:
        """Finish pending writes, close the files and give the directory free."""
        self._commits.close()
        self._log.close()
        with contextlib.suppress(OSError):
            os.close(self._owner)

    def _read_or_make_source(self) -> str:
        known = self.directory / "source"
        if self._log.is_new or not known.exists():
            return self._make_source()  # positions begin anew: the consumer must not take them for the old ones
        return known.read_text(encoding="ascii", errors="replace").strip()

    def _make_source(self) -> str:
        source = str(uuid.uuid4())
        write_durably(self.directory / "source", source.encode())
        return source

    def _take_over_database(self) -> None:
        """Take over what an older Herald left in its SQLite file; a repetition is known by its digest."""
        old = self.directory / "spool.sqlite3"
        if old.exists():
            for signal, encoding, body, digest in read_requests(old):
                self.append(signal, encoding, body, digest)
            for path in self.directory.glob("spool.sqlite3*"):
                path.unlink()

    def _keep(self, name: str, data: bytes) -> None:
        write_durably(self._aside / name, data)

    def _reserve(self, cost: int) -> None:
        with self._counting:
            if self._bytes + cost > self.max_bytes:
                raise SpoolFullError(
                    f"the spool in {self.directory} holds {self._bytes} of its {self.max_bytes} bytes"
                )
            self._bytes += cost

    def _change_size(self, size_bytes: int) -> None:
        with self._counting:
            self._bytes += size_bytes

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            raise self._explain(exc) from exc
        except ClosedError as exc:
            raise DirectoryNotWritableError(f"the spool in {self.directory} is closed") from exc

    def _explain(self, error: OSError) -> HeraldError:
        if error.errno in _NO_SPACE:
            return SpoolFullError(f"the disk that holds the spool in {self.directory} is full")
        return DirectoryNotWritableError(f"the spool in {self.directory} cannot be written: {error.strerror}")
