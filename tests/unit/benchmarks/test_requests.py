"""The requests that are measured with are ones that the collector takes whole."""

from benchmarks.requests import POINTS_PER_REQUEST, build_requests
from collector import Decoder, Encoding, Signal


def test_every_point_of_a_request_is_accepted():
    decoded = Decoder().decode(Signal.METRICS, Encoding.PROTOBUF, build_requests("delft", 1)[0])
    assert (decoded.accepted, decoded.rejections.counts()) == (POINTS_PER_REQUEST, {})


def test_no_request_is_a_repetition():
    requests = [*build_requests("delft", 3), *build_requests("hague", 3)]
    assert len(set(requests)) == len(requests)
