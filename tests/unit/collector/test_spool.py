import os
import resource
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from collector import Encoding, Signal, Spool
from collector.decode import digest_of
from collector.errors import SpoolDamagedError, SpoolFullError, SpoolInUseError
from model.errors import DirectoryNotWritableError


def append(spool: Spool, body: bytes = b"body") -> int:
    return spool.append(Signal.METRICS, Encoding.PROTOBUF, body, digest_of(body))


@contextmanager
def small_files(limit_bytes: int) -> Iterator[None]:
    """Let the kernel refuse to make a file larger."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_positions_grow_and_are_never_used_again(tmp_path: Path):
    spool = Spool(tmp_path)
    assert [append(spool), append(spool)] == [1, 2]
    spool.delete_through(2)
    spool.close()
    spool = Spool(tmp_path)
    assert spool.last_position == 2
    assert append(spool) == 3
    spool.close()


def test_the_source_and_the_requests_outlive_the_process(tmp_path: Path):
    spool = Spool(tmp_path)
    source, position = spool.source, append(spool, b"kept")
    spool.close()
    spool = Spool(tmp_path)
    (head,) = spool.list_after(position - 1, 1)
    request = spool.read(head)
    assert spool.source == source
    assert (request.body, request.signal, request.encoding, request.intact) == (
        b"kept",
        Signal.METRICS,
        Encoding.PROTOBUF,
        True,
    )
    spool.close()


def test_requests_are_listed_in_order_until_they_reach_the_asked_bytes(spool: Spool):
    for _ in range(5):
        append(spool, bytes(1000))
    assert [head.position for head in spool.list_after(1, 2000)] == [2, 3]
    assert [head.position for head in spool.list_after(1, 1)] == [2]
    assert spool.list_after(5, 1) == []


def test_threads_get_distinct_positions(spool: Spool):
    positions: list[int] = []
    threads = [threading.Thread(target=lambda: positions.append(append(spool))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(positions) == list(range(1, 21))


def test_a_full_spool_refuses_until_something_is_deleted(tmp_path: Path):
    spool = Spool(tmp_path, max_bytes=2500)
    append(spool, bytes(1000))
    append(spool, bytes(1000))
    with pytest.raises(SpoolFullError, match="of its 2500 bytes"):
        append(spool, bytes(1000))
    spool.delete_through(1)
    assert append(spool, bytes(1000)) == 3
    spool.close()


def test_the_size_is_known_again_after_a_restart(tmp_path: Path):
    spool = Spool(tmp_path)
    append(spool, bytes(1000))
    size = spool.size_bytes
    spool.close()
    spool = Spool(tmp_path)
    assert spool.size_bytes == size > 1000
    spool.close()


def test_a_full_disk_refuses_and_keeps_what_is_there(spool: Spool):
    append(spool, b"kept")
    before = spool.size_bytes
    with small_files(10_000), pytest.raises(DirectoryNotWritableError, match="cannot be written: File too large"):
        append(spool, os.urandom(100_000))
    assert spool.size_bytes == before
    assert append(spool, b"the next") == 2
    assert [head.position for head in spool.list_after(0, 10**6)] == [1, 2]


def test_a_second_owner_is_told_so(tmp_path: Path):
    spool = Spool(tmp_path)
    with pytest.raises(SpoolInUseError, match="another collector owns the spool"):
        Spool(tmp_path)
    spool.close()
    Spool(tmp_path).close()


def test_a_path_that_is_no_directory_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DirectoryNotWritableError, match="cannot keep a spool in"):
        Spool(tmp_path / "file" / "spool")


def test_a_place_where_nobody_may_write_is_refused():
    with pytest.raises(DirectoryNotWritableError, match="cannot keep a spool in /proc/herald"):
        Spool(Path("/proc/herald"))


def test_what_an_older_herald_spooled_is_taken_over(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "spool.sqlite3")) as old, old:
        old.execute("CREATE TABLE request (position INTEGER, signal TEXT, encoding TEXT, digest BLOB, body BLOB)")
        row = (7, "logs", "application/json", digest_of(b"{}"), b"{}")
        old.execute("INSERT INTO request VALUES (?, ?, ?, ?, ?)", row)
    spool = Spool(tmp_path)
    (head,) = spool.list_after(0, 1)
    assert (spool.read(head).body, spool.read(head).signal) == (b"{}", Signal.LOGS)
    spool.close()
    assert not list(tmp_path.glob("spool.sqlite3*"))


def test_a_file_that_is_no_spool_of_an_older_herald_is_refused(tmp_path: Path):
    (tmp_path / "spool.sqlite3").write_bytes(b"this is no database" * 100)
    with pytest.raises(SpoolDamagedError, match="damaged"):
        Spool(tmp_path)


def test_what_cannot_be_stored_is_kept_aside_with_the_reason(spool: Spool):
    position = append(spool, b"poison")
    spool.set_aside(position, "why")
    spool.delete_through(position)
    assert spool.list_set_aside() == [(position, "why")]


def test_an_append_returns_after_the_fsync(spool: Spool, monkeypatch: pytest.MonkeyPatch):
    synced: list[int] = []
    monkeypatch.setattr("os.fdatasync", lambda file: synced.append(os.fstat(file).st_size))
    append(spool, b"durable")
    assert synced == [spool.size_bytes]


def test_a_closed_spool_takes_nothing(tmp_path: Path):
    spool = Spool(tmp_path)
    spool.close()
    with pytest.raises(DirectoryNotWritableError, match="closed"):
        append(spool)
