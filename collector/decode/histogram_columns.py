"""Explicit histogram points of a request as columns, where they are written as exporters do; see `numbers`.

Expected are: start, time, count, sum, packed buckets, packed bounds, attributes, minimum, maximum; start, count,
sum, minimum and maximum may be missing. Points with the same bounds go together, because their rows have the same
width.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint

from collector.decode.numbers import Run
from collector.decode.packed import FIXED64_BYTES, Mask, Offsets, Packed
from collector.decode.times import LATEST_NS
from model.points import Float64s, Histograms, Int64s, Series

_START, _TIME, _COUNT, _SUM, _BUCKETS, _BOUNDS, _ATTRIBUTE, _MIN, _MAX = (
    0x11, 0x19, 0x21, 0x29, 0x32, 0x3A, 0x4A, 0x59, 0x61,
)  # fmt: skip
_MOST_ATTRIBUTES = 64
_LARGEST_COUNT = 2**52
"""Counts above could overflow their sum; the other road adds them up in Python's integers."""


def decode_histogram_columns(messages: Sequence[bytes], runs: Sequence[Run]) -> tuple[list[Histograms], Int64s]:
    """Return the points that columns can take, and the indices of the others.

    Raises google.protobuf.message.DecodeError for attributes that are no protobuf.
    """
    fields = _read_fields(Packed(messages))
    plain = fields.plain & (fields.time > 0) & (fields.time < LATEST_NS) & (fields.start <= fields.time)
    plain &= fields.count < _LARGEST_COUNT
    series = _read_series(messages, runs, fields, plain)
    plain &= np.array([each is not None for each in series], dtype=np.bool_)
    found: list[Histograms] = []
    for rows in _group(fields, np.flatnonzero(plain)):
        good, block = _build(fields, rows, series)
        plain[rows[~good]] = False
        if len(block):
            found.append(block)
    return found, np.flatnonzero(~plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fields:
    packed: Packed
    plain: Mask
    time: NDArray[np.uint64]
    start: NDArray[np.uint64]
    count: NDArray[np.uint64]
    sum_at: Offsets
    has_sum: Mask
    buckets_at: Offsets
    buckets: Offsets
    bounds_at: Offsets
    bounds: Offsets
    attributes_at: Offsets
    attributes_end: Offsets
    has_min: Mask
    has_max: Mask


def _read_fields(packed: Packed) -> _Fields:
    at = packed.starts
    has_start = packed.has(_START, at)
    start = np.where(has_start, packed.words_at(at + 1), np.uint64(0))
    at = at + FIXED64_BYTES * has_start
    time_at, count_at = at, at + FIXED64_BYTES
    plain = packed.has(_TIME, time_at)
    has_count = packed.has(_COUNT, count_at)  # a zero is not written
    sum_at = count_at + FIXED64_BYTES * has_count
    has_sum = packed.has(_SUM, sum_at)
    at = sum_at + FIXED64_BYTES * has_sum
    buckets_at, buckets, at, fits = _read_doubles(packed, _BUCKETS, at)
    plain &= fits
    bounds_at, bounds, at, fits = _read_doubles(packed, _BOUNDS, at)
    plain &= fits & (buckets == bounds + (buckets > 0))
    attributes_at, at = at, _skip_attributes(packed, at)
    has_min = packed.has(_MIN, at)
    has_max = packed.has(_MAX, at + FIXED64_BYTES * has_min)
    plain &= at + FIXED64_BYTES * has_min + FIXED64_BYTES * has_max == packed.ends
    return _Fields(
        packed=packed,
        plain=plain,
        time=packed.words_at(time_at + 1),
        start=start,
        count=np.where(has_count, packed.words_at(count_at + 1), np.uint64(0)),
        sum_at=sum_at + 1,
        has_sum=has_sum,
        buckets_at=buckets_at,
        buckets=buckets,
        bounds_at=bounds_at,
        bounds=bounds,
        attributes_at=attributes_at,
        attributes_end=at,
        has_min=has_min,
        has_max=has_max,
    )


def _read_doubles(packed: Packed, tag: int, at: Offsets) -> tuple[Offsets, Offsets, Offsets, Mask]:
    """Return start, number of values and end of a packed field of eight-byte values, and whether it is well formed.

    It may be missing.
    """
    there = packed.has(tag, at)
    start, end, minimal = packed.lengths_at(at + 1)
    start, end = np.where(there, start, at), np.where(there, end, at)
    fits = ~there | (minimal & (end <= packed.ends) & ((end - start) % 8 == 0) & (end > start))
    return start, (end - start) // 8, end, fits


def _skip_attributes(packed: Packed, at: Offsets) -> Offsets:
    for _ in range(_MOST_ATTRIBUTES):
        there = packed.has(_ATTRIBUTE, at)
        if not there.any():
            break
        _, end, minimal = packed.lengths_at(at + 1)
        at = np.where(there & minimal, end, at)
        if not (there & minimal).any():
            break
    return at


def _read_series(messages: Sequence[bytes], runs: Sequence[Run], fields: _Fields, plain: Mask) -> list[Series | None]:
    begins = (fields.attributes_at - fields.packed.starts).tolist()
    ends = (fields.attributes_end - fields.packed.starts).tolist()
    series: list[Series | None] = [None] * len(messages)
    for run in runs:
        for i in range(run.start, run.stop):
            if plain[i]:
                series[i] = run.series.of_bytes(messages[i][begins[i] : ends[i]], _read_attributes)
    return series


def _read_attributes(attributes: bytes) -> Sequence[KeyValue]:
    return HistogramDataPoint.FromString(attributes).attributes


def _group(fields: _Fields, rows: Int64s) -> Iterator[Int64s]:
    """Yield the rows that are alike: first by what they have, then by the bounds themselves."""
    shape = (
        ((fields.bounds * 2 + (fields.buckets > 0)) * 2 + fields.has_sum) * 4 + 2 * fields.has_min + fields.has_max
    )
    for kind in np.unique(shape[rows]).tolist():
        alike = rows[shape[rows] == kind]
        bounds = _read_matrix(fields.packed, fields.bounds_at[alike], int(fields.bounds[alike[0]]))
        if (bounds == bounds[0]).all():
            yield alike
        else:
            _, which = np.unique(bounds, axis=0, return_inverse=True)
            yield from (alike[which.ravel() == number] for number in range(int(which.max()) + 1))


def _build(fields: _Fields, rows: Int64s, series: Sequence[Series | None]) -> tuple[Mask, Histograms]:
    """Return which of alike rows keep the rules of histograms, and those that do."""
    packed = fields.packed
    bounds = _read_matrix(packed, fields.bounds_at[rows[:1]], int(fields.bounds[rows[0]])).view(np.float64)[0]
    buckets = _read_matrix(packed, fields.buckets_at[rows], int(fields.buckets[rows[0]]))
    good = np.full(len(rows), bool(np.isfinite(bounds).all() and (np.diff(bounds) > 0).all()))
    if buckets.shape[1]:
        good &= (buckets < _LARGEST_COUNT).all(axis=1) & (buckets.sum(axis=1) == fields.count[rows])
    rows, buckets = rows[good], buckets[good]
    extreme_at = fields.attributes_end[rows] + 1
    return good, Histograms(
        series=tuple(found for i in rows.tolist() if (found := series[i]) is not None),
        time_ns=fields.time[rows].astype(np.int64),
        start_ns=fields.start[rows].astype(np.int64),
        count=fields.count[rows].astype(np.int64),
        sum=_read_column(packed, fields.sum_at[rows], fields.has_sum[rows]),
        min=_read_column(packed, extreme_at, fields.has_min[rows]),
        max=_read_column(packed, extreme_at + FIXED64_BYTES * fields.has_min[rows], fields.has_max[rows]),
        bounds=tuple(bounds.tolist()),
        buckets=buckets.astype(np.int64),
    )


def _read_matrix(packed: Packed, starts: Offsets, width: int) -> NDArray[np.uint64]:
    return packed.words_at(starts[:, None] + 8 * np.arange(width))


def _read_column(packed: Packed, offsets: Offsets, there: Mask) -> Float64s | None:
    return packed.words_at(offsets).view(np.float64) if len(there) and there[0] else None
