"""The requests that are measured with are ones that the collector takes whole."""

import pytest

from benchmarks.requests import BUILDERS
from collector import Decoder, Encoding, Signal


@pytest.mark.parametrize("kind", BUILDERS)
def test_every_item_of_a_request_is_accepted(kind):
    template = BUILDERS[kind]("delft")
    decoded = Decoder().decode(Signal(template.signal), Encoding.PROTOBUF, template.next())
    assert (decoded.accepted, decoded.rejections.counts()) == (template.items, {})


@pytest.mark.parametrize("kind", BUILDERS)
def test_no_request_is_a_repetition(kind):
    template = BUILDERS[kind]("delft")
    assert len({template.next() for _ in range(3)} | {BUILDERS[kind]("hague").next()}) == 4


@pytest.mark.parametrize("kind", ["numbers", "histograms"])
def test_every_request_is_five_seconds_after_the_one_before(kind):
    template = BUILDERS[kind]("delft")
    decoder = Decoder()
    batches = [decoder.decode(Signal.METRICS, Encoding.PROTOBUF, template.next()).batch for _ in range(2)]
    first, second = (b.histograms[0].time_ns if b.histograms else b.numbers.time_ns for b in batches)
    assert (second - first).tolist() == [5_000_000_000] * template.items
