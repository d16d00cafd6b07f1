"""What a failing disk or a crash does to the spool's files costs the damaged requests, and none beside them."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector import Encoding, Signal, Spool
from collector.decode import digest_of
from collector.spool_records import HEADER_BYTES, encode_header
from model.errors import DirectoryNotWritableError

BODIES = [b"first" * 7, b"second", b"", b"the last one" * 5]
SIZES = [HEADER_BYTES + len(body) for body in BODIES]
WHOLE = sum(SIZES)


def fill(directory: Path) -> Path:
    """Spool the bodies and return the file they stand in."""
    spool = Spool(directory)
    for body in BODIES:
        spool.append(Signal.METRICS, Encoding.PROTOBUF, body, digest_of(body))
    spool.close()
    (log,) = directory.glob("*.log")
    return log


def read_all(spool: Spool) -> list[bytes]:
    """Return the bodies that are intact."""
    requests = [spool.read(head) for head in spool.list_after(0, 10**9)]
    return [request.body for request in requests if request.intact]


@pytest.mark.parametrize("kept_bytes", range(WHOLE - SIZES[-1], WHOLE))
def test_a_torn_tail_costs_only_the_request_that_was_being_written(tmp_path: Path, kept_bytes: int):
    log = fill(tmp_path)
    log.write_bytes(log.read_bytes()[:kept_bytes])
    spool = Spool(tmp_path)
    assert spool.append(Signal.LOGS, Encoding.JSON, b"{}", digest_of(b"{}")) == 4
    assert read_all(spool) == [*BODIES[:3], b"{}"]
    spool.close()


@settings(max_examples=200)
@given(bit=st.integers(0, 8 * WHOLE - 1))
def test_a_flipped_bit_costs_one_request_and_is_reported(tmp_path_factory: pytest.TempPathFactory, bit: int):
    directory = tmp_path_factory.mktemp("spool")
    log = fill(directory)
    data = bytearray(log.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    log.write_bytes(data)
    spool = Spool(directory)
    heads = spool.list_after(0, 10**9)
    rotten = [head.position for head in heads if not spool.read(head).intact]
    hit = next(index for index in range(4) if bit // 8 < sum(SIZES[: index + 1]))
    assert read_all(spool) == BODIES[:hit] + BODIES[hit + 1 :]
    assert len(rotten) + spool.damaged_requests + len(list(directory.glob("set_aside/*.damaged"))) >= 1
    spool.close()


def test_damaged_requests_are_counted_and_their_bytes_kept(tmp_path: Path):
    log = fill(tmp_path)
    data = bytearray(log.read_bytes())
    data[SIZES[0]] ^= 1  # the header of the second
    data[SIZES[0] + SIZES[1]] ^= 1  # and of the third
    log.write_bytes(data)
    spool = Spool(tmp_path)
    assert [head.position for head in spool.list_after(0, 10**9)] == [1, 4]
    assert spool.damaged_requests == 2
    kept = [path.read_bytes() for path in (tmp_path / "set_aside").iterdir()]
    assert kept == [bytes(data[SIZES[0] : SIZES[0] + SIZES[1] + SIZES[2]])]
    spool.close()


def test_damage_behind_everything_readable_is_given_up(tmp_path: Path):
    log = fill(tmp_path)
    spool = Spool(tmp_path)
    data = bytearray(log.read_bytes())
    data[WHOLE - SIZES[-1]] ^= 1
    log.write_bytes(data)
    assert [head.position for head in spool.list_after(0, 10**9)] == [1, 2, 3]
    assert spool.list_after(3, 10**9) == []
    assert spool.damaged_requests == 1
    spool.close()


def test_a_record_that_a_client_hides_in_a_body_is_never_taken_for_one(tmp_path: Path):
    hidden = encode_header(
        position=2, signal=Signal.METRICS, encoding=Encoding.PROTOBUF, digest=b"", body=b"forged", salt=0
    )
    spool = Spool(tmp_path)
    for body in (hidden + b"forged", b"second"):
        spool.append(Signal.METRICS, Encoding.PROTOBUF, body, digest_of(body))
    spool.close()
    (log,) = tmp_path.glob("*.log")
    data = bytearray(log.read_bytes())
    data[0] ^= 1
    log.write_bytes(data)
    spool = Spool(tmp_path)
    assert read_all(spool) == [b"second"]
    spool.close()


def test_files_are_added_and_removed_as_requests_come_and_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("collector.spool_log._SMALLEST_SEGMENT_BYTES", 1000)
    spool = Spool(tmp_path, max_bytes=64_000)
    for number in range(20):
        spool.append(Signal.METRICS, Encoding.PROTOBUF, bytes([number]) * 500, b"")
    assert len(list(tmp_path.glob("*.log"))) == 10
    assert [head.position for head in spool.list_after(12, 10**9)] == list(range(13, 21))
    spool.delete_through(13)
    assert len(list(tmp_path.glob("*.log"))) == 4
    assert spool.size_bytes == 7 * (500 + HEADER_BYTES)
    spool.close()
    spool = Spool(tmp_path, max_bytes=64_000)
    spool.delete_through(20)
    assert (spool.size_bytes, spool.last_position) == (0, 20)
    spool.close()


def test_a_file_that_could_not_be_begun_is_not_there_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("collector.spool_log._SMALLEST_SEGMENT_BYTES", 1000)
    spool = Spool(tmp_path, max_bytes=64_000)
    positions = [append_500(spool), append_500(spool)]
    with monkeypatch.context() as short_of_handles:
        short_of_handles.setattr("collector.spool_segment.sync_directory", no_more_handles)
        with pytest.raises(DirectoryNotWritableError, match="Too many open files"):
            append_500(spool)
    positions.append(append_500(spool))
    spool.close()
    assert sorted(int(path.stem[:20]) for path in tmp_path.glob("*.log")) == [1, 3]
    spool = Spool(tmp_path, max_bytes=64_000)
    assert [head.position for head in spool.list_after(0, 10**9)] == positions == [1, 2, 3]
    assert append_500(spool) == 4
    spool.close()


def append_500(spool: Spool) -> int:
    return spool.append(Signal.METRICS, Encoding.PROTOBUF, bytes(500), b"")


def no_more_handles(_: Path) -> None:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


@pytest.mark.parametrize("asked_bytes", [1, 900, 1_500, 10**9])
def test_what_is_read_may_be_deleted_behind_the_reader_file_by_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked_bytes: int
):
    monkeypatch.setattr("collector.spool_log._SMALLEST_SEGMENT_BYTES", 1000)
    spool = Spool(tmp_path, max_bytes=64_000)
    for number in range(20):
        spool.append(Signal.METRICS, Encoding.PROTOBUF, bytes([number]) * 500, b"")
    read: list[int] = []
    while spool.last_position > (read[-1] if read else 0):
        read += [head.position for head in spool.list_after(read[-1] if read else 0, asked_bytes)]
        spool.delete_through(read[-1])
    assert (read, spool.size_bytes, spool.damaged_requests) == (list(range(1, 21)), 0, 0)
    spool.close()
