"""Number points: one by one from protobuf's own classes, or all of a request at once as columns.

The columns take what exporters write: start, time, value, attributes, each once and in the order of their numbers.
Every other point, and every point that is not good, is left to the road that takes one at a time and knows all
reasons; so both roads give the same points and the same rejections.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import NumberDataPoint

from collector.decode.decoded import Decoded
from collector.decode.lru import LruCache
from collector.decode.packed import FIXED64_BYTES, Mask, Offsets, Packed, Words
from collector.decode.rejections import LONGEST_NAME, Reason
from collector.decode.series import MetricSeries, cost_of
from collector.decode.times import LATEST_NS, find_time_flaw
from model.points import LARGEST_EXACT_INT, Int64s, Numbers, Series

NO_RECORDED_VALUE = 1
"""Bit of `flags`: the series ended here; the point has no value."""

_START, _TIME, _DOUBLE, _INT, _ATTRIBUTE = 0x11, 0x19, 0x21, 0x31, 0x3A  # field number * 8 + wire type


@dataclass(frozen=True, slots=True)
class _Table:
    """The series of each point of a request; None, and not `usable`, where the point is not one for columns."""

    series: tuple[Series | None, ...]
    usable: Mask

    def choose(self, good: Mask) -> tuple[Series, ...]:
        """Return the series of the good points, all of them usable: of all points, always the same object."""
        if good.all():
            return cast("tuple[Series, ...]", self.series)
        return cast("tuple[Series, ...]", tuple(self.series[i] for i in np.flatnonzero(good).tolist()))


@dataclass(frozen=True, slots=True)
class Run:
    """Points of one metric, `start` to `stop` among those of the request."""

    series: MetricSeries
    name: str
    has_start: bool
    start: int
    stop: int


def decode_number(point: NumberDataPoint, run: Run, decoded: Decoded) -> None:
    """Keep a point, or count why not."""
    if drops_without_value(point.flags, decoded):
        return
    time_ns = point.time_unix_nano
    start_ns = point.start_time_unix_nano if run.has_start else 0
    flaw = find_time_flaw(time_ns)
    if flaw is not None:
        decoded.rejections.add(Reason.TIME, f"{run.name}: {flaw}")
        return
    kind = point.WhichOneof("value")
    if kind is None:
        decoded.rejections.add(Reason.VALUE_MISSING, f"{run.name}: a point has no value")
        return
    series = find_series(point.attributes, run, decoded)
    if series is not None:
        value = point.as_double if kind == "as_double" else point.as_int
        decoded.add_number(series, time_ns, decoded.mend_start(start_ns, time_ns), value)


def find_series(attributes: Sequence[KeyValue], run: Run, decoded: Decoded) -> Series | None:
    """Return the series of a point; None, and count it, where its identity is too long."""
    series = run.series.of(attributes)
    if series is None:
        example = f"{run.name}: a site, device, slot, link, backend or tenant has more than {LONGEST_NAME} characters"
        decoded.rejections.add(Reason.SIZE, example)
    return series


def drops_without_value(flags: int, decoded: Decoded) -> bool:
    """Count a point that only says that its series ended, and return whether it is one."""
    dropped = bool(flags & NO_RECORDED_VALUE)
    decoded.no_value += dropped
    return dropped


class NumberColumns:
    """Decodes the number points of whole requests, and remembers which series come in which order."""

    def __init__(self, remembered_points: int) -> None:
        self._tables: LruCache[bytes, _Table] = LruCache(remembered_points)

    def decode(self, messages: Sequence[bytes], runs: Sequence[Run]) -> tuple[Numbers, Int64s]:
        """Return the points that columns can take, and the indices of the others.

        Raises google.protobuf.message.DecodeError for a point that is no protobuf.
        """
        fields = _Fields(Packed(messages))
        if not fields.plain.all():
            return self._decode_plain(messages, runs, fields.plain)
        has_start = np.repeat([run.has_start for run in runs], [run.stop - run.start for run in runs])
        start, time = np.where(has_start, fields.start, 0).astype(np.uint64), fields.time
        table = self._find_table(fields, messages, runs)
        good = table.usable & (time > 0) & (time < LATEST_NS) & (start <= time)
        value, whole = fields.values()
        numbers = Numbers(
            series=table.choose(good),
            time_ns=time[good].astype(np.int64),
            start_ns=start[good].astype(np.int64),
            value=value[good],
            whole=whole[good],
        )
        return numbers, np.flatnonzero(~good)

    def _decode_plain(self, messages: Sequence[bytes], runs: Sequence[Run], plain: Mask) -> tuple[Numbers, Int64s]:
        """Decode without the points that columns cannot take."""
        chosen = np.flatnonzero(plain)
        if not len(chosen):
            return Numbers.of(()), np.flatnonzero(~plain)
        before = np.concatenate([[0], np.cumsum(plain)])
        moved = [
            Run(run.series, run.name, run.has_start, int(before[run.start]), int(before[run.stop])) for run in runs
        ]
        numbers, left = self.decode([messages[i] for i in chosen.tolist()], moved)
        return numbers, np.sort(np.concatenate([chosen[left], np.flatnonzero(~plain)]))

    def _find_table(self, fields: "_Fields", messages: Sequence[bytes], runs: Sequence[Run]) -> _Table:
        key = fields.digest(runs)
        table = self._tables.get(key)
        if table is None:
            table = _read_table(fields.tails.tolist(), messages, runs)
            size_bytes = sum(map(len, messages)) + sum(run.series.size_bytes for run in runs)
            self._tables.put(key, table, len(table.series) + cost_of(size_bytes))
        return table


class _Fields:
    """Where the fields of each message are, if it is `plain`."""

    def __init__(self, packed: Packed) -> None:
        self._packed = packed
        starts = packed.starts
        has_start = packed.has(_START, starts)
        self._start_at = starts[has_start] + 1
        time_at = starts + FIXED64_BYTES * has_start
        value_at = time_at + FIXED64_BYTES
        tail_at = value_at + FIXED64_BYTES
        self._is_int = packed.has(_INT, value_at)
        self.plain: Mask = packed.has(_TIME, time_at) & (packed.has(_DOUBLE, value_at) | self._is_int)
        self.plain &= (tail_at == packed.ends) | packed.has(_ATTRIBUTE, tail_at)
        self._time_at, self._value_at = time_at + 1, value_at + 1
        self.tails: Offsets = tail_at - starts
        self.time: Words = packed.words_at(self._time_at)
        self.start: Words = np.where(has_start, packed.words_at(starts + 1), np.uint64(0))
        self._value: Words = packed.words_at(self._value_at)

    def values(self) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], Int64s]:
        """Return the values, and the exact ones of integers that a double cannot hold."""
        whole = np.zeros(len(self._value), dtype=np.int64)
        value = self._value.view(np.float64)
        if not self._is_int.any():
            return value, whole
        integer = self._value.view(np.int64)
        value = np.where(self._is_int, integer.astype(np.float64), value)
        large = self._is_int & ((integer > LARGEST_EXACT_INT) | (integer < -LARGEST_EXACT_INT))
        for i in np.flatnonzero(large).tolist():
            exact = int(integer[i])
            whole[i] = exact if int(float(exact)) != exact else 0
        return value, whole

    def digest(self, runs: Sequence[Run]) -> bytes:
        """Return what is equal for requests whose points have the same series in the same order.

        Destroys times and values in the buffer: what is left of a message are its tags and its attributes.
        """
        for offsets in (self._start_at, self._time_at, self._value_at):
            self._packed.blank(offsets)
        digest = hashlib.sha256(self._packed.buffer)
        digest.update(self._packed.ends.tobytes())
        digest.update(np.array([(run.series.number, run.stop) for run in runs], dtype=np.int64).tobytes())
        return digest.digest()


def _read_table(tails: Sequence[int], messages: Sequence[bytes], runs: Sequence[Run]) -> _Table:
    series = tuple(
        run.series.of_bytes(messages[i][tails[i] :], _read_attributes)
        for run in runs
        for i in range(run.start, run.stop)
    )
    return _Table(series, np.array([each is not None for each in series], dtype=np.bool_))


def _read_attributes(tail: bytes) -> Sequence[KeyValue] | None:
    """Return the attributes in the rest of a point, None if there is more in it."""
    point = NumberDataPoint.FromString(tail)
    if any(field.name != "attributes" for field, _ in point.ListFields()):
        return None
    return point.attributes
