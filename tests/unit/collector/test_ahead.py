"""While one group is written, the next is loaded and prepared."""

import threading
from collections.abc import Sequence
from dataclasses import replace

from collector import Encoding, Pipeline, Signal, Spool
from collector.consumer import Written
from collector.testing import MemoryConsumer
from model.errors import DatabaseUnavailableError
from model.points import Batch
from tests.unit.collector.conftest import QUICK
from tests.unit.collector.messages import body_of

SMALL = replace(QUICK, group_bytes=1, enough_bytes=1)
"""Every request is a group."""


class SlowConsumer(MemoryConsumer):
    """Writes nothing before it has been asked to prepare what follows; the last is written at once."""

    def __init__(self, failures: int = 0) -> None:
        super().__init__()
        self.prepared: list[float] = []
        self.last = 0.0
        self._failures = failures
        self._asked = threading.Semaphore(0)

    def prepare(self, batches: Sequence[Batch]) -> None:
        self.prepared += [value for batch in batches for value in batch.numbers.value.tolist()]
        self._asked.release()

    def write(self, source: str, batches: Sequence[Batch]) -> Written:
        if self.last not in batches[-1].numbers.value:
            assert self._asked.acquire(timeout=10)
        if self._failures:
            self._failures -= 1
            self._asked.release()  # it is loaded already, and not prepared again
            raise DatabaseUnavailableError("not yet")
        return super().write(source, batches)


def run(spool: Spool, consumer: SlowConsumer) -> list[float]:
    sent = [float(index) for index in range(6)]
    consumer.last = sent[-1]
    for value in sent:
        spool.append(Signal.METRICS, Encoding.PROTOBUF, body_of(value), b"%d" % value)
    with Pipeline(spool, consumer, settings=SMALL, cached_bytes=0) as pipeline:
        assert pipeline.flush(20)
    assert consumer.values() == sent
    assert spool.size_bytes == 0
    return sent


def test_the_next_group_is_prepared_while_one_is_written(spool: Spool):
    consumer = SlowConsumer()
    sent = run(spool, consumer)
    assert consumer.prepared == sent[1:]


def test_what_was_loaded_ahead_waits_while_the_database_is_away(spool: Spool):
    consumer = SlowConsumer(failures=3)
    sent = run(spool, consumer)
    assert consumer.prepared == sent[1:]


class ClumsyConsumer(SlowConsumer):
    """Cannot prepare anything."""

    def prepare(self, batches: Sequence[Batch]) -> None:
        super().prepare(batches)
        raise RuntimeError("the consumer is clumsy")


def test_what_cannot_be_prepared_is_written_all_the_same(spool: Spool):
    run(spool, ClumsyConsumer())
