"""PostgreSQL's binary formats of rows and arrays, against bytes put together by hand and against itself."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.pgcopy import Columns, decode_array, encode_rows, from_pg_us, to_pg_us

INTS = st.lists(st.integers(-(2**63), 2**63 - 1), max_size=20)
ROW_HEADER_BYTES = 6  # the number of columns, and the length of the first


def test_a_row_is_counted_lengths_and_big_endian_values():
    columns: Columns = {"time": np.array([1], dtype=np.int64), "id": np.array([2], dtype=np.int32), "gone": None}
    assert encode_rows(columns, 1) == struct.pack(">hiqiii", 3, 8, 1, 4, 2, -1)


def test_an_array_has_one_dimension_that_begins_at_one():
    expected = struct.pack(">hiiiiii", 1, 20 + 2 * 16 - 8, 1, 0, 20, 2, 1) + struct.pack(">iqiq", 8, 7, 8, 9)
    assert encode_rows({"buckets": np.array([[7, 9]], dtype=np.int64)}, 1) == expected


def test_an_empty_array_has_no_dimension():
    assert encode_rows({"bounds": np.zeros((1, 0), dtype=np.float64)}, 1) == struct.pack(">hiiii", 1, 12, 0, 0, 701)


@given(values=INTS.filter(bool), kind=st.sampled_from(["i8", "f8"]))
def test_an_array_that_was_encoded_is_decoded(values, kind):
    array = np.array(values, dtype=np.int64).astype(kind)
    field = encode_rows({"a": array[np.newaxis]}, 1)[ROW_HEADER_BYTES:]
    assert np.array_equal(decode_array(field, kind), array)


def test_no_rows_at_all_are_an_empty_array():
    assert decode_array(None, "f8").tolist() == []


def test_an_array_with_a_null_is_refused():
    with_null = struct.pack(">iiiii", 1, 1, 20, 2, 1) + struct.pack(">iqi", 8, 7, -1)
    with pytest.raises(ValueError, match="nulls"):
        decode_array(with_null, "i8")


@given(us=st.integers(-(2**50), 2**50))
def test_whole_microseconds_are_exact(us):
    time_ns = np.array([us * 1000], dtype=np.int64)
    assert from_pg_us(to_pg_us(time_ns)).tolist() == [us * 1000]


def test_a_fraction_of_a_microsecond_is_rounded_up():
    assert to_pg_us(np.array([946_684_800_000_000_001], dtype=np.int64)).tolist() == [1]
