"""Decoding OTLP with every check, beside protobuf's own parsing, which checks nothing and yields only messages."""

from collections.abc import Iterator

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from benchmarks.requests import build_numbers
from benchmarks.results import Figure, Result
from benchmarks.rounds import time_in_turn
from collector import Decoder, Encoding, Signal

_REQUESTS = 50


def measure_decoding() -> Iterator[Result]:
    template = build_numbers("delft")
    bodies = [template.next() for _ in range(_REQUESTS)]
    decoder = Decoder()

    def decode() -> None:
        for body in bodies:
            decoder.decode(Signal.METRICS, Encoding.PROTOBUF, body)

    def parse() -> None:
        for body in bodies:
            ExportMetricsServiceRequest.FromString(body)

    decoding_s, parsing_s = time_in_turn(decode, parse)
    points = _REQUESTS * template.items
    yield Result(
        name="decode",
        value=points / decoding_s,
        unit="points/s",
        beside=Figure("protobuf parse", points / parsing_s),
    )
