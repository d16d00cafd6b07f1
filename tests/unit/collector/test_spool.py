import os
import sqlite3
import threading
from pathlib import Path

import pytest

from collector import Encoding, Signal, Spool
from collector.decode import digest_of
from collector.errors import SpoolDamagedError, SpoolFullError, SpoolInUseError
from model.errors import DirectoryNotWritableError


def append(spool: Spool, body: bytes = b"body") -> int:
    return spool.append(Signal.METRICS, Encoding.PROTOBUF, body, digest_of(body))


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
    request = spool.read(position)
    assert spool.source == source
    assert request is not None
    assert (request.body, request.signal, request.encoding, request.intact) == (
        b"kept",
        Signal.METRICS,
        Encoding.PROTOBUF,
        True,
    )
    spool.close()


def test_requests_are_listed_in_order_up_to_the_asked_bytes(spool: Spool):
    for _ in range(5):
        append(spool, bytes(1000))
    assert [head.position for head in spool.list_after(1, 2500)] == [2, 3]
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
    spool._run(lambda connection: connection.execute("PRAGMA max_page_count = 12"))
    before = spool.size_bytes
    with pytest.raises(SpoolFullError, match=r"the disk that holds the spool in .* is full"):
        append(spool, os.urandom(100_000))
    assert spool.size_bytes == before
    assert [head.position for head in spool.list_after(0, 10**6)] == [1]


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


def test_a_spool_that_may_not_be_written_says_so(spool: Spool):
    spool._run(lambda connection: connection.execute("PRAGMA query_only = 1"))
    with pytest.raises(DirectoryNotWritableError, match="cannot be written"):
        append(spool)


def test_a_file_that_is_no_spool_is_refused(tmp_path: Path):
    (tmp_path / "spool.sqlite3").write_bytes(b"this is no database" * 100)
    with pytest.raises(SpoolDamagedError, match="damaged"):
        Spool(tmp_path)


def test_a_changed_body_is_noticed(spool: Spool):
    position = append(spool, b"as sent")
    spool._run(lambda connection: connection.execute("UPDATE request SET body = ?", (b"as rot",)))
    request = spool.read(position)
    assert request is not None
    assert not request.intact


def test_what_cannot_be_stored_is_kept_aside_with_the_reason(spool: Spool):
    position = append(spool, b"poison")
    spool.set_aside(position, "why")
    spool.delete_through(position)
    assert spool.list_set_aside() == [(position, "why")]


def test_every_commit_is_flushed_to_the_disk(spool: Spool):
    mode = spool._run(
        lambda connection: (
            connection.execute("PRAGMA journal_mode").fetchone()[0],
            connection.execute("PRAGMA synchronous").fetchone()[0],
        )
    )
    assert mode == ("wal", 2)


def test_a_closed_spool_takes_nothing(tmp_path: Path):
    spool = Spool(tmp_path)
    spool.close()
    with pytest.raises(DirectoryNotWritableError, match="closed"):
        append(spool)


def test_an_appended_request_is_seen_by_others_at_once(spool: Spool):
    append(spool, b"durable")
    other = sqlite3.connect(spool.directory / "spool.sqlite3")
    assert other.execute("SELECT body FROM request").fetchall() == [(b"durable",)]
    other.close()
