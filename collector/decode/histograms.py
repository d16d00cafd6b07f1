"""OTLP histogram points, explicit and exponential, one by one, and the shape that the data model asks of them."""

import math
from collections.abc import Sequence
from itertools import pairwise

from opentelemetry.proto.metrics.v1.metrics_pb2 import ExponentialHistogramDataPoint, HistogramDataPoint

from collector.decode.decoded import Decoded
from collector.decode.numbers import Run, drops_without_value, find_series
from collector.decode.rejections import Reason
from collector.decode.times import find_time_flaw
from model.points import ExponentialPoint, HistogramPoint

COUNT_LIMIT = 2**63
_LOWEST_SCALE, _HIGHEST_SCALE = -11, 52
"""At scale -11 one bucket spans every double above 1; at scale 52 a bucket is as narrow as a double's precision."""
_LOWEST_EXPONENT, _HIGHEST_EXPONENT = -1075, 1025
"""Doubles lie within 2**-1074 and 2**1024; buckets beyond them are nonsense."""


def decode_explicit(point: HistogramDataPoint, run: Run, decoded: Decoded) -> None:
    """Append a histogram point with explicit bounds, or count why not."""
    if drops_without_value(point.flags, decoded) or _rejects_time(point, run, decoded):
        return
    bounds, buckets = tuple(point.explicit_bounds), tuple(point.bucket_counts)
    flaw = find_explicit_flaw(bounds, buckets, point.count)
    if flaw is not None:
        decoded.rejections.add(Reason.HISTOGRAM_SHAPE, f"{run.name}: {flaw}")
        return
    series = find_series(point.attributes, run, decoded)
    if series is None:
        return
    decoded.add_histogram(
        HistogramPoint(
            series=series,
            time_ns=point.time_unix_nano,
            start_ns=decoded.mend_start(point.start_time_unix_nano, point.time_unix_nano),
            count=point.count,
            sum=point.sum if point.HasField("sum") else None,
            min=point.min if point.HasField("min") else None,
            max=point.max if point.HasField("max") else None,
            bounds=bounds,
            buckets=buckets,
        )
    )


def decode_exponential(point: ExponentialHistogramDataPoint, run: Run, decoded: Decoded) -> None:
    """Append an exponential histogram point, or count why not."""
    if drops_without_value(point.flags, decoded) or _rejects_time(point, run, decoded):
        return
    flaw = find_exponential_flaw(point)
    if flaw is not None:
        decoded.rejections.add(Reason.HISTOGRAM_SHAPE, f"{run.name}: {flaw}")
        return
    series = find_series(point.attributes, run, decoded)
    if series is None:
        return
    decoded.batch.exponentials.append(
        ExponentialPoint(
            series=series,
            time_ns=point.time_unix_nano,
            start_ns=decoded.mend_start(point.start_time_unix_nano, point.time_unix_nano),
            count=point.count,
            sum=point.sum if point.HasField("sum") else None,
            min=point.min if point.HasField("min") else None,
            max=point.max if point.HasField("max") else None,
            scale=point.scale,
            zero_count=point.zero_count,
            positive_offset=point.positive.offset,
            positive=tuple(point.positive.bucket_counts),
            negative_offset=point.negative.offset,
            negative=tuple(point.negative.bucket_counts),
            zero_threshold=point.zero_threshold,
        )
    )


def find_explicit_flaw(bounds: Sequence[float], buckets: Sequence[int], count: int) -> str | None:
    """Return which rule the buckets break, or None."""
    if count >= COUNT_LIMIT:
        return f"the count {count} does not fit 63 bits"
    if (buckets or bounds) and len(buckets) != len(bounds) + 1:
        return f"{len(buckets)} buckets do not fit {len(bounds)} bounds"
    if not all(map(math.isfinite, bounds)):
        return "a bucket bound is not finite"
    if any(low >= high for low, high in pairwise(bounds)):
        return "the bucket bounds do not increase"
    if buckets and sum(buckets) != count:
        return f"the buckets hold {sum(buckets)} values, the count says {count}"
    return None


def find_exponential_flaw(point: ExponentialHistogramDataPoint) -> str | None:
    """Return which rule the buckets break, or None."""
    if point.count >= COUNT_LIMIT:
        return f"the count {point.count} does not fit 63 bits"
    if not _LOWEST_SCALE <= point.scale <= _HIGHEST_SCALE:
        return f"the scale {point.scale} is outside {_LOWEST_SCALE}..{_HIGHEST_SCALE}"
    if not (math.isfinite(point.zero_threshold) and point.zero_threshold >= 0):
        return f"the zero threshold {point.zero_threshold} is no magnitude"
    for side in (point.positive, point.negative):
        first, last = side.offset, side.offset + len(side.bucket_counts) - 1
        if side.bucket_counts and not _is_in_double_range(first, last, point.scale):
            return f"buckets {first}..{last} at scale {point.scale} lie beyond the range of doubles"
    held = point.zero_count + sum(point.positive.bucket_counts) + sum(point.negative.bucket_counts)
    if held != point.count:
        return f"the buckets hold {held} values, the count says {point.count}"
    return None


def _is_in_double_range(first: int, last: int, scale: int) -> bool:
    width = 2.0**-scale
    return first * width >= _LOWEST_EXPONENT and last * width <= _HIGHEST_EXPONENT


def _rejects_time(point: HistogramDataPoint | ExponentialHistogramDataPoint, run: Run, decoded: Decoded) -> bool:
    flaw = find_time_flaw(point.time_unix_nano)
    if flaw is not None:
        decoded.rejections.add(Reason.TIME, f"{run.name}: {flaw}")
    return flaw is not None
