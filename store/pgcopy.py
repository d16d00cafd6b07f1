"""Numpy columns in PostgreSQL's binary formats: rows for COPY to it, arrays from it.

https://www.postgresql.org/docs/16/sql-copy.html#id-1.9.3.55.9.4 — a row is the number of its columns and, for each,
its length and its bytes, big-endian; a null has the length -1 and no bytes, so that all rows of one call are null in
the same columns. A `timestamptz` is an int64: microseconds since 2000-01-01.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
PG_EPOCH_NS = 946_684_800_000_000_000

_WIRE = {"i2": ">i2", "i4": ">i4", "i8": ">i8", "f8": ">f8"}
_ELEMENT_OID = {"i8": 20, "f8": 701}
_ARRAY_HEADER_BYTES = 20  # dimensions, flags, type, length, first index
_LENGTH_AT = 12

Columns = Mapping[str, "NDArray[np.generic] | None"]


def to_pg_us(time_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return PostgreSQL's microseconds, rounded up.

    Up, because windows are (start, end]: a point a nanosecond after a minute must not fall back into it.
    """
    return -((PG_EPOCH_NS - time_ns) // 1000)


def from_pg_us(pg_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return nanoseconds since 1970-01-01 UTC."""
    return pg_us * 1000 + PG_EPOCH_NS


def encode_rows(columns: Columns, rows: int) -> bytes:
    """Return the rows without header and trailer.

    A column is one value per row, one array of equal length per row (two-dimensional), or None where all are null.
    """
    wire = np.zeros(rows, dtype=_row_type(columns))
    wire["columns"] = len(columns)
    for name, values in columns.items():
        if values is None:
            wire[f"{name}:bytes"] = -1
        elif values.ndim == 1:
            wire[f"{name}:bytes"] = values.dtype.itemsize
            wire[name] = values
        else:
            _fill_array(wire, name, values)
    return wire.tobytes()


def array_text(values: Iterable[int]) -> str:
    """Return an array of integers as text, for a parameter: to adapt a list of thousands takes ten times as long."""
    return "{" + ",".join(map(str, values)) + "}"


def decode_array(data: bytes | None, kind: str) -> NDArray[np.generic]:
    """Return an array as the server sends it in binary; none is empty, `kind` is such as `i8` or `f8`.

    Raises ValueError if an element is null, or not of eight bytes.
    """
    if data is None:
        return np.empty(0, dtype=kind)
    elements = np.dtype([("bytes", ">i4"), ("value", _WIRE[kind])])
    (length,) = np.frombuffer(data, ">i4", count=1, offset=_LENGTH_AT)
    if len(data) != _ARRAY_HEADER_BYTES + length * elements.itemsize:
        raise ValueError("an array with nulls, or with elements of another length")
    return np.frombuffer(data, elements, offset=_ARRAY_HEADER_BYTES)["value"].astype(kind)


def _row_type(columns: Columns) -> np.dtype[np.void]:
    fields: list[tuple[str, object]] = [("columns", ">i2")]
    for name, values in columns.items():
        fields.append((f"{name}:bytes", ">i4"))
        if values is None:
            continue
        value_type = _WIRE[values.dtype.str[1:]]
        if values.ndim == 1:
            fields.append((name, value_type))
        else:
            fields += [(f"{name}:{part}", ">i4") for part in ("dimensions", "flags", "oid")]
            if values.shape[1]:
                fields += [(f"{name}:length", ">i4"), (f"{name}:first", ">i4")]
                fields.append((name, ([("bytes", ">i4"), ("value", value_type)], values.shape[1])))
    return np.dtype(fields)


def _fill_array(wire: NDArray[np.void], name: str, values: NDArray[np.generic]) -> None:
    length, width = values.shape[1], values.dtype.itemsize
    wire[f"{name}:oid"] = _ELEMENT_OID[values.dtype.str[1:]]
    if length == 0:  # an empty array has no dimension
        wire[f"{name}:bytes"] = 12
        return
    wire[f"{name}:bytes"] = _ARRAY_HEADER_BYTES + length * (4 + width)
    wire[f"{name}:dimensions"] = 1
    wire[f"{name}:length"] = length
    wire[f"{name}:first"] = 1
    wire[name]["bytes"] = width
    wire[name]["value"] = values
