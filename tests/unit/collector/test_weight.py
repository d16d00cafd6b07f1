"""What is remembered is bounded by its size, not only by its number: attributes may be as long as a request."""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from collector import Caps, CardinalityLimit, Decoder, Encoding, Signal
from collector.decode import Decoded
from tests.unit.collector.messages import gauge, metrics_request

LONG = 100_000
MANY = 100


def with_long_resource(number: int) -> bytes:
    request = metrics_request(gauge([1.0], time_ns=time.time_ns()))
    request.resource_metrics[0].resource.attributes.add(key="long").value.string_value = f"{number}" + "x" * LONG
    return request.SerializeToString()


def with_long_attribute(number: int) -> bytes:
    request = metrics_request(gauge([1.0], time_ns=time.time_ns()))
    point = request.resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points[0]
    point.attributes.add(key="long").value.string_value = f"{number}" + "x" * LONG
    return request.SerializeToString()


@contextmanager
def remembering_at_most(most_bytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[0] < most_bytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("make", [with_long_resource, with_long_attribute])
def test_a_decoder_does_not_remember_what_is_long(make: Callable[[int], bytes]):
    decoder = Decoder(max_series=MANY)
    with remembering_at_most(20 * LONG):
        for number in range(MANY):
            assert decode(decoder, make(number)).accepted == 1


@pytest.mark.parametrize("make", [with_long_resource, with_long_attribute])
def test_the_caps_do_not_either(make: Callable[[int], bytes], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("collector.cardinality._SEEN_AT_ONCE", 5 * LONG // 1024)
    limit = CardinalityLimit(Caps(), identify=hash)
    decoder = Decoder(max_series=1)
    with remembering_at_most(20 * LONG):
        for number in range(MANY):
            limit.apply(decode(decoder, make(number)))
    assert limit.size == MANY


def decode(decoder: Decoder, body: bytes) -> Decoded:
    return decoder.decode(Signal.METRICS, Encoding.PROTOBUF, body)
