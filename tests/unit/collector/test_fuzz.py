"""Whatever bytes come: a batch or a refusal, never another error, and in memory that the body's size bounds."""

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector import Decoder, Encoding, Signal
from collector.errors import UndecodableError
from tests.unit.collector.messages import (
    counter,
    exponential,
    gauge,
    histogram,
    logs_request,
    metrics_request,
    to_otlp_json,
    traces_request,
)

REQUESTS = {
    Signal.METRICS: metrics_request(gauge([1.0, 2.0]), counter(1, 2), histogram([1.0], [1, 2]), exponential()),
    Signal.LOGS: logs_request(),
    Signal.TRACES: traces_request(),
}
BODIES = {signal: request.SerializeToString() for signal, request in REQUESTS.items()}
DOCUMENTS = {signal: to_otlp_json(request) for signal, request in REQUESTS.items()}
MEMORY_PER_BYTE = 2000
DECODER = Decoder()

signals = st.sampled_from(list(Signal))
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just("NaN"), st.just("1e400")
)
documents = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=9), inner, max_size=3)),
)


def decode(signal: Signal, encoding: Encoding, body: bytes) -> int:
    """Return how many items are good; -1 for a body that is refused."""
    try:
        return DECODER.decode(signal, encoding, body).accepted
    except UndecodableError:
        return -1


@settings(max_examples=150)
@given(signal=signals, encoding=st.sampled_from(list(Encoding)), body=st.binary(max_size=300))
def test_random_bytes(signal: Signal, encoding: Encoding, body: bytes):
    assert decode(signal, encoding, body) >= -1


@st.composite
def mutated(draw: st.DrawFn) -> tuple[Signal, bytes]:
    """A valid request in which some stretches are overwritten, cut out, or repeated."""
    signal = draw(signals)
    body = bytearray(BODIES[signal])
    for _ in range(draw(st.integers(1, 4))):
        at, length = draw(st.integers(0, len(body))), draw(st.integers(0, 8))
        change = draw(st.sampled_from(["overwrite", "cut", "repeat", "number"]))
        if change == "overwrite":
            body[at : at + length] = draw(st.binary(min_size=length, max_size=length))
        elif change == "cut":
            del body[at : at + length]
        elif change == "repeat":
            body[at:at] = body[at : at + 4 * length] * draw(st.integers(1, 5))
        else:  # a length, tag or varint as large as they get
            body[at:at] = draw(
                st.sampled_from([b"\xff" * 9 + b"\x01", b"\x80" * 10, b"\x00", b"\xff\xff\xff\xff\x07"])
            )
    return signal, bytes(body)


@settings(max_examples=400)
@given(request=mutated())
def test_mutated_protobuf(request: tuple[Signal, bytes]):
    assert decode(request[0], Encoding.PROTOBUF, request[1]) >= -1


def places(document: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) in a document."""
    keys = (
        list(document) if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else []
    )
    return [place for key in keys for place in ((document, key), *places(document[key]))]


@st.composite
def mutated_documents(draw: st.DrawFn) -> tuple[Signal, bytes]:
    """A valid JSON request in which some values are replaced by anything."""
    signal = draw(signals)
    document = json.loads(json.dumps(DOCUMENTS[signal]))
    for _ in range(draw(st.integers(1, 3))):
        found = places(document)
        if found:
            container, key = found[draw(st.integers(0, len(found) - 1))]
            container[key] = draw(documents)
    return signal, json.dumps(document).encode()


@settings(max_examples=300)
@given(request=mutated_documents())
def test_mutated_json(request: tuple[Signal, bytes]):
    assert decode(request[0], Encoding.JSON, request[1]) >= -1


@settings(max_examples=60)
@given(request=st.one_of(mutated(), mutated_documents()))
def test_memory_is_bounded_by_the_size_of_the_body(request: tuple[Signal, bytes]):
    signal, body = request
    tracemalloc.start()
    try:
        for encoding in Encoding:
            decode(signal, encoding, body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200_000 + MEMORY_PER_BYTE * len(body)


@pytest.mark.parametrize("depth", [50, 5_000, 200_000])
def test_nesting_without_end_is_refused(depth: int):
    """In protobuf: attribute values inside attribute values; in JSON: brackets inside brackets."""
    value = b""
    for _ in range(min(depth, 5_000)):
        value = b"\x32" + varint(len(value) + 1 + len(varint(len(value)))) + b"\x0a" + varint(len(value)) + value
    attribute = b"\x0a\x01a\x12" + varint(len(value)) + value
    resource = b"\x0a" + varint(len(attribute)) + attribute
    group = b"\x0a" + varint(len(resource)) + resource
    assert decode(Signal.METRICS, Encoding.PROTOBUF, b"\x0a" + varint(len(group)) + group) in (-1, 0)
    assert decode(Signal.METRICS, Encoding.JSON, b'{"resourceMetrics":' + b"[" * depth + b"]" * depth + b"}") in (
        -1,
        0,
    )


def varint(number: int) -> bytes:
    """Return a number as protobuf writes lengths."""
    parts = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])
