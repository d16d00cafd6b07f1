"""What lies too far from the clock is refused, counted, and not spooled; the rest of its request is kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector import Encoding, Pipeline, Signal, Spool, TimeLimits
from collector.decode import Reason
from collector.testing import MemoryConsumer, UnavailableConsumer
from model.clock import DAY_NS, SECOND_NS, VirtualClock
from tests.unit.collector.conftest import QUICK
from tests.unit.collector.messages import (
    TIME_NS,
    exponential,
    gauge,
    histogram,
    logs_request,
    metrics_request,
    traces_request,
)

LIMITS = TimeLimits(clock=VirtualClock(TIME_NS), past_ns=10 * DAY_NS, future_ns=DAY_NS)


@pytest.fixture
def consumer() -> MemoryConsumer:
    return MemoryConsumer()


@pytest.fixture
def pipeline(spool: Spool, consumer: MemoryConsumer) -> Iterator[Pipeline]:
    with Pipeline(spool, consumer, settings=QUICK, time_limits=LIMITS) as pipeline:
        yield pipeline


def at(time_ns: int, value: float) -> bytes:
    return metrics_request(gauge([0.5]), gauge([value], time_ns=time_ns), gauge([1.5], time_ns=0)).SerializeToString()


@pytest.mark.parametrize(
    ("time_ns", "reason", "words"),
    [
        (TIME_NS - 10 * DAY_NS - 1, Reason.TOO_OLD, "is older than"),
        (TIME_NS + DAY_NS + 1, Reason.FUTURE, "is in the future"),
    ],
)
def test_an_untimely_point_is_refused_with_its_reason_and_the_others_kept(pipeline, consumer, time_ns, reason, words):
    answer = pipeline.accept(Signal.METRICS, Encoding.PROTOBUF, at(time_ns, 2.0))
    assert (answer.accepted, answer.rejected) == (1, {Reason.TIME: 1, reason: 1})
    assert words in answer.message
    assert pipeline.flush(10)
    assert consumer.values() == [0.5]


@pytest.mark.parametrize("time_ns", [TIME_NS - 10 * DAY_NS, TIME_NS + DAY_NS])
def test_a_point_at_the_limit_is_kept(pipeline, time_ns):
    assert pipeline.accept(Signal.METRICS, Encoding.PROTOBUF, at(time_ns, 2.0)).rejected == {Reason.TIME: 1}


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        (Signal.METRICS, metrics_request(histogram([1.0], [1, 1]))),
        (Signal.METRICS, metrics_request(exponential())),
        (Signal.LOGS, logs_request()),
        (Signal.TRACES, traces_request()),
    ],
    ids=["histogram", "exponential histogram", "log record", "span"],
)
def test_everything_with_a_time_is_looked_at(spool, signal, message):
    late = TimeLimits(clock=VirtualClock(TIME_NS + 20 * DAY_NS), past_ns=10 * DAY_NS)
    with Pipeline(spool, MemoryConsumer(), settings=QUICK, time_limits=late) as pipeline:
        answer = pipeline.accept(signal, Encoding.PROTOBUF, message.SerializeToString())
    assert (answer.accepted, answer.rejected) == (0, {Reason.TOO_OLD: 1})


def test_without_a_limit_the_past_is_welcome(spool):
    with Pipeline(
        spool, MemoryConsumer(), settings=QUICK, time_limits=TimeLimits(clock=VirtualClock(TIME_NS))
    ) as pipeline:
        assert pipeline.accept(Signal.METRICS, Encoding.PROTOBUF, at(SECOND_NS, 2.0)).accepted == 2


def test_what_was_refused_does_not_come_back_from_the_spool(tmp_path: Path):
    """The clock has moved on by the time the spool is read again."""
    spool, consumer = Spool(tmp_path), MemoryConsumer()
    with Pipeline(spool, UnavailableConsumer(), settings=QUICK, time_limits=LIMITS) as pipeline:
        pipeline.accept(Signal.METRICS, Encoding.PROTOBUF, at(TIME_NS + 2 * DAY_NS, 2.0))
    spool.close()
    spool = Spool(tmp_path)
    with Pipeline(spool, consumer, settings=QUICK):
        pass
    spool.close()
    assert consumer.values() == [0.5]


def test_what_is_kept_for_ever_may_be_old_but_not_in_the_future(spool: Spool, consumer: MemoryConsumer):
    name = gauge([0.0]).name
    limits = TimeLimits(clock=LIMITS.clock, past_ns=10 * DAY_NS, kept=frozenset({name}))
    with Pipeline(spool, consumer, settings=QUICK, time_limits=limits) as pipeline:
        old = pipeline.accept(Signal.METRICS, Encoding.PROTOBUF, at(TIME_NS - 4000 * DAY_NS, 2.0))
        early = pipeline.accept(Signal.METRICS, Encoding.PROTOBUF, at(TIME_NS + 2 * DAY_NS, 2.0))
    assert (old.rejected, early.rejected) == ({Reason.TIME: 1}, {Reason.TIME: 1, Reason.FUTURE: 1})
