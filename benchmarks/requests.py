"""The telemetry that ingestion and decoding are measured with: requests of number points as agents send them live.

Every request holds one point of each of a site's series, half of them counters and half gauges. Nothing repeats, so
nothing is dropped as a duplicate; a site's requests ascend in time.
"""

from collections.abc import Iterator

import numpy as np

from exporters import encode_metrics
from model import names
from model.attributes import Attributes, attributes
from model.clock import SECOND_NS
from model.readings import Count, Level, Readings
from model.recording import record_readings

BANKS = 500
POINTS_PER_REQUEST = 4 * BANKS
START_NS = 1_760_000_040 * SECOND_NS
STEP_NS = 5 * SECOND_NS

_COUNTERS = (names.METRIC_MEMORY_WRITES, names.METRIC_MEMORY_READS)
_GAUGES = (names.METRIC_MEMORY_T1, names.METRIC_MEMORY_T2)


def build_requests(site: str, count: int) -> list[bytes]:
    """Return `count` metrics requests of one site, five seconds apart."""
    rng = np.random.default_rng(seed=1)
    banks = [f"mem-{site}-{number}" for number in range(BANKS)]
    return [encode_metrics([record_readings(_reading(site, banks, step, rng))]) for step in range(count)]


def _reading(site: str, banks: list[str], step: int, rng: np.random.Generator) -> Readings:
    start_ns = START_NS + step * STEP_NS
    end_ns = start_ns + STEP_NS
    events = rng.poisson(25.0, size=len(banks)).tolist()
    times_s = rng.normal(1.0, 0.05, size=len(banks)).tolist()
    return Readings(
        site=site,
        start_ns=start_ns,
        end_ns=end_ns,
        counts=[
            Count(metric=metric, attributes=_outcome(bank), value=value)
            for metric in _COUNTERS
            for bank, value in zip(banks, events, strict=True)
        ],
        levels=list(_levels(banks, times_s, end_ns)),
    )


def _levels(banks: list[str], times_s: list[float], at_ns: int) -> Iterator[Level]:
    for metric in _GAUGES:
        for bank, value in zip(banks, times_s, strict=True):
            yield Level(metric=metric, attributes=_slot(bank), value=value, measured_at_ns=at_ns)


def _outcome(bank: str) -> Attributes:
    return attributes({names.ATTR_DEVICE_ID: bank, names.ATTR_OUTCOME: "success"})


def _slot(bank: str) -> Attributes:
    return attributes({names.ATTR_DEVICE_ID: bank, names.ATTR_SLOT_ID: "slot-0"})
