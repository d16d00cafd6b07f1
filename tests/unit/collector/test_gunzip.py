import gzip
import random
import tracemalloc
import zlib

import pytest

from collector.errors import BodyTooLargeError, UndecodableError
from collector.gunzip import gunzip


def test_members_one_after_the_other_are_one_body():
    assert gunzip(gzip.compress(b"one ") + gzip.compress(b"two"), 100) == b"one two"


def test_members_may_end_anywhere_in_a_large_body():
    texts = [random.Random(seed).randbytes(size) for seed, size in enumerate((1, 65_500, 70_000, 0, 200_000, 3))]
    assert gunzip(b"".join(map(gzip.compress, texts)), 10**6) == b"".join(texts)


def test_members_without_end_are_refused():
    """Millions of them fit a request, and to copy what is left of it behind each took seven seconds for 2 MiB."""
    with pytest.raises(UndecodableError, match="more than 10000 members"):
        gunzip(gzip.compress(b"") * 10_001, 100)


def test_a_body_of_exactly_the_limit_passes():
    assert gunzip(gzip.compress(b"x" * 100), 100) == b"x" * 100


@pytest.mark.parametrize("size", [101, 10_000])
def test_a_body_above_the_limit_is_refused(size):
    with pytest.raises(BodyTooLargeError, match="larger than 100 bytes"):
        gunzip(gzip.compress(b"x" * size), 100)


def test_members_count_together():
    with pytest.raises(BodyTooLargeError, match="larger than 100 bytes"):
        gunzip(gzip.compress(b"x" * 60) * 2, 100)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "truncated"),
        (gzip.compress(b"x" * 50, mtime=0)[:-3], "truncated"),
        (b"no gzip at all", "not gzip"),
        (zlib.compress(b"x"), "not gzip"),
        (gzip.compress(b"x", mtime=0) + b"rubbish", "not gzip"),
        (gzip.compress(b"x", mtime=0)[:-8] + b"\0" * 8, "not gzip"),
    ],
)
def test_what_is_not_whole_gzip_is_refused(body, words):
    with pytest.raises(UndecodableError, match=words):
        gunzip(body, 100)


def test_a_bomb_costs_no_more_memory_than_the_limit():
    bomb = gzip.compress(bytes(50_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLargeError, match="larger than 1000000 bytes"):
            gunzip(bomb, 1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
