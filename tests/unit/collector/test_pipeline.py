import re
import time
from contextlib import closing
from pathlib import Path

import pytest

from collector import DirectPipeline, Encoding, Pipeline, Signal, Spool
from collector.bounds import BatchCache, ByteBudget
from collector.consumer import Consumer
from collector.decode import Reason
from collector.errors import OverloadedError, SpoolFullError, UndecodableError
from collector.spool_records import HEADER_BYTES
from collector.testing import MemoryConsumer, PickyConsumer, UnavailableConsumer
from model.errors import DatabaseUnavailableError, DependencyError, WriterFencedError
from model.points import Batch
from tests.unit.collector.conftest import QUICK
from tests.unit.collector.messages import TIME_NS, body_of, gauge, logs_request, metrics_request


def accept(pipeline: Pipeline | DirectPipeline, *values: float, time_ns: int = TIME_NS) -> None:
    pipeline.accept(Signal.METRICS, Encoding.PROTOBUF, body_of(*values, time_ns=time_ns))


def numbered(index: int) -> bytes:
    return body_of(float(index), time_ns=TIME_NS + index)


def test_what_is_accepted_arrives_in_order(spool: Spool):
    consumer = MemoryConsumer()
    with Pipeline(spool, consumer, settings=QUICK) as pipeline:
        for index in range(20):
            accept(pipeline, float(index))
        assert pipeline.flush(10)
    assert consumer.values() == [float(index) for index in range(20)]
    assert spool.size_bytes == 0


def test_logs_and_metrics_share_the_way(spool: Spool):
    consumer = MemoryConsumer()
    with Pipeline(spool, consumer, settings=QUICK) as pipeline:
        pipeline.accept(Signal.LOGS, Encoding.PROTOBUF, logs_request().SerializeToString())
        accept(pipeline, 1.0)
        assert pipeline.flush(10)
    assert sum(len(batch.events) for batch in consumer.batches) == 1


def test_stopping_drains_what_is_left(spool: Spool):
    consumer = MemoryConsumer()
    with Pipeline(spool, consumer, settings=QUICK) as pipeline:
        accept(pipeline, 1.0)
    assert consumer.values() == [1.0]


def test_a_byte_identical_retry_is_stored_once(spool: Spool):
    consumer = MemoryConsumer()
    with Pipeline(spool, consumer, settings=QUICK) as pipeline:
        for _ in range(3):
            accept(pipeline, 1.0)
    assert consumer.values() == [1.0]


def test_good_points_are_kept_and_bad_ones_reported(spool: Spool):
    consumer = MemoryConsumer()
    body = metrics_request(gauge([1.0, 2.0]), gauge([3.0], time_ns=0)).SerializeToString()
    with Pipeline(spool, consumer, settings=QUICK) as pipeline:
        accepted = pipeline.accept(Signal.METRICS, Encoding.PROTOBUF, body)
    assert (accepted.accepted, accepted.rejected) == (2, {Reason.TIME: 1})
    assert accepted.message == "1 data points rejected: 1 x test.gauge: time_unix_nano is 0"
    assert consumer.values() == [1.0, 2.0]


def test_an_undecodable_request_is_refused_and_not_spooled(spool: Spool):
    with Pipeline(spool, MemoryConsumer(), settings=QUICK) as pipeline:
        with pytest.raises(UndecodableError, match="not a protobuf ExportMetricsServiceRequest"):
            pipeline.accept(Signal.METRICS, Encoding.PROTOBUF, b"\xff")
        assert spool.last_position == 0


def test_a_request_without_good_points_is_not_spooled(spool: Spool):
    with Pipeline(spool, MemoryConsumer(), settings=QUICK) as pipeline:
        accept(pipeline, 1.0, time_ns=0)
        assert spool.last_position == 0


def test_the_database_may_be_away_and_come_back(spool: Spool):
    behind = MemoryConsumer()
    consumer = UnavailableConsumer(behind)
    with Pipeline(spool, consumer, settings=QUICK) as pipeline:
        for index in range(5):
            accept(pipeline, float(index))
        assert not pipeline.flush(0.1)
        readiness = pipeline.check_readiness()
        assert (readiness.taking_requests, readiness.database_taking_data) == (True, False)
        assert "the test's database is away" in readiness.trouble
        consumer.recover()
        assert pipeline.flush(10)
        assert pipeline.check_readiness().database_taking_data
    assert behind.values() == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_the_database_may_go_away_in_the_middle(spool: Spool):
    behind = MemoryConsumer()
    consumer = UnavailableConsumer(behind)
    consumer.recover()
    with Pipeline(spool, consumer, settings=QUICK) as pipeline:
        accept(pipeline, 1.0)
        assert pipeline.flush(10)
        consumer.fail()
        accept(pipeline, 2.0)
        assert not pipeline.flush(0.1)
        consumer.recover()
        assert pipeline.flush(10)
    assert behind.values() == [1.0, 2.0]


def test_a_new_pipeline_delivers_what_the_last_one_left(tmp_path: Path):
    spool = Spool(tmp_path)
    with Pipeline(spool, UnavailableConsumer(), settings=QUICK) as pipeline:
        accept(pipeline, 1.0)
        pipeline.accept(Signal.LOGS, Encoding.PROTOBUF, logs_request().SerializeToString())
    spool.close()
    spool, consumer = Spool(tmp_path), MemoryConsumer()
    with Pipeline(spool, consumer, settings=QUICK):
        pass
    spool.close()
    assert consumer.values() == [1.0]
    assert len(consumer.batches[1].events) == 1


class ForgetfulConsumer(MemoryConsumer):
    """Commits, then loses the connection before it can say so."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = 0

    def write(self, source, batches):
        written = super().write(source, batches)
        if self.lost < 3:
            self.lost += 1
            raise DatabaseUnavailableError("the answer to COMMIT was lost")
        return written


def test_a_commit_without_an_answer_stores_nothing_twice(spool: Spool):
    consumer = ForgetfulConsumer()
    with Pipeline(spool, consumer, settings=QUICK) as pipeline:
        accept(pipeline, 1.0)
        accept(pipeline, 2.0)
        assert pipeline.flush(10)
    assert consumer.values() == [1.0, 2.0]


def test_rows_that_the_consumer_has_are_not_sent_again(tmp_path: Path):
    spool, consumer = Spool(tmp_path), MemoryConsumer()
    for index in range(3):
        body = numbered(index)
        spool.append(Signal.METRICS, Encoding.PROTOBUF, body, bytes([index]))
    consumer._positions[spool.source] = 3
    with Pipeline(spool, consumer, settings=QUICK) as pipeline:
        accept(pipeline, 9.0)
    assert consumer.values() == [9.0]
    assert spool.size_bytes == 0
    spool.close()


def test_a_spool_restored_from_an_old_copy_loses_nothing(spool: Spool):
    consumer = MemoryConsumer()
    consumer._positions[spool.source] = 1000
    with Pipeline(spool, consumer, settings=QUICK) as pipeline:
        accept(pipeline, 1.0)
        assert pipeline.flush(10)
    assert consumer.values() == [1.0]


class FencingConsumer(MemoryConsumer):
    """Lets another writer take over the first source that it sees, after `stored` requests."""

    def __init__(self, stored: int) -> None:
        super().__init__()
        self._left = stored
        self._fenced = ""

    def write(self, source, batches):
        if self._fenced in ("", source) and self._left < len(batches):
            self._fenced = source
            raise WriterFencedError("another writer has taken over")
        self._left -= len(batches)
        return super().write(source, batches)


def test_a_fenced_writer_goes_on_as_a_new_source_and_loses_nothing(spool: Spool):
    consumer, first_source = FencingConsumer(stored=2), spool.source
    with Pipeline(spool, consumer, settings=QUICK) as pipeline:
        for index in range(6):
            accept(pipeline, float(index))
            pipeline.flush(0.05)
        assert pipeline.flush(10)
    assert sorted(consumer.values()) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert spool.source != first_source


def test_a_request_that_no_database_can_hold_does_not_stop_the_others(spool: Spool):
    behind = MemoryConsumer()
    consumer = UnavailableConsumer(PickyConsumer(behind, lambda batch: 13.0 in batch.numbers.value))
    with Pipeline(spool, consumer, settings=QUICK) as pipeline:
        for value in (1.0, 13.0, 2.0):
            accept(pipeline, value)
        consumer.recover()
        assert pipeline.flush(10)
    assert behind.values() == [1.0, 2.0]
    assert spool.list_set_aside() == [(2, "ValueError: this cannot be stored")]


class FailingConsumer(MemoryConsumer):
    """Cannot hold the value 13, and takes the value 2 only after so many failures."""

    def __init__(self, error: DependencyError, failures: int) -> None:
        super().__init__()
        self._error = error
        self.failures = failures

    def write(self, source, batches):
        values = {value for batch in batches for value in batch.numbers.value.tolist()}
        if 13.0 in values:
            raise ValueError("this cannot be stored")
        if 2.0 in values and self.failures:
            self.failures -= 1
            raise self._error
        return super().write(source, batches)


def set_aside_by(spool: Spool, consumer: Consumer, *values: float) -> float:
    """Hand the values on as one group, and return how many requests were set aside."""
    away = UnavailableConsumer(consumer)
    with Pipeline(spool, away, settings=QUICK) as pipeline:
        for value in values:
            accept(pipeline, value)
        away.recover()
        assert pipeline.flush(10)
    (line,) = re.findall(
        r"(?m)^herald_collector_set_aside_requests_total (.*)$", pipeline.telemetry.render().decode()
    )
    return float(line)


def test_the_last_request_is_set_aside_for_good(tmp_path: Path):
    behind = MemoryConsumer()
    consumer = PickyConsumer(behind, lambda batch: 13.0 in batch.numbers.value)
    with closing(Spool(tmp_path)) as spool:
        assert set_aside_by(spool, consumer, 1.0, 13.0) == 1
    with closing(Spool(tmp_path)) as spool:
        assert set_aside_by(spool, consumer) == 0
    assert behind.read_position(spool.source) == 2


def test_a_crash_behind_a_request_that_was_set_aside_does_not_bring_it_back(spool: Spool):
    consumer = FailingConsumer(DatabaseUnavailableError("gone"), failures=1_000_000)
    away = UnavailableConsumer(consumer)
    with Pipeline(spool, away, settings=QUICK) as pipeline:
        for value in (1.0, 13.0, 2.0):
            accept(pipeline, value)
        away.recover()
        deadline = time.monotonic() + 10
        while not spool.list_set_aside() and time.monotonic() < deadline:
            pipeline.flush(0.01)
    assert consumer.read_position(spool.source) == 2
    consumer.failures = 0
    assert set_aside_by(spool, consumer) == 0
    assert consumer.values() == [1.0, 2.0]


def test_a_fenced_writer_does_not_set_a_request_aside_again(spool: Spool):
    consumer = FailingConsumer(WriterFencedError("another writer has taken over"), failures=1)
    assert set_aside_by(spool, consumer, 1.0, 13.0, 2.0) == 1
    assert consumer.values() == [1.0, 2.0]


def test_a_body_that_rotted_on_disk_is_set_aside(tmp_path: Path):
    spool, consumer = Spool(tmp_path), MemoryConsumer()
    with Pipeline(spool, UnavailableConsumer(), settings=QUICK, cached_bytes=0) as pipeline:
        accept(pipeline, 1.0)
        accept(pipeline, 2.0)
    (log,) = spool.directory.glob("*.log")
    rotten = bytearray(log.read_bytes())
    rotten[HEADER_BYTES] ^= 1
    log.write_bytes(rotten)
    with Pipeline(spool, consumer, settings=QUICK):
        pass
    assert consumer.values() == [2.0]
    assert spool.list_set_aside() == [(1, "the body has changed on disk")]
    spool.close()


def test_batches_that_did_not_fit_in_memory_come_from_the_spool(spool: Spool):
    consumer = MemoryConsumer()
    with Pipeline(spool, consumer, settings=QUICK, cached_bytes=0) as pipeline:
        for index in range(5):
            accept(pipeline, float(index))
    assert consumer.values() == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_a_full_spool_refuses_and_recovers(tmp_path: Path):
    spool, consumer = Spool(tmp_path, max_bytes=600), UnavailableConsumer()
    with Pipeline(spool, consumer, settings=QUICK) as pipeline:
        for index in range(4):
            accept(pipeline, float(index))
        with pytest.raises(SpoolFullError, match="of its 600 bytes"):
            accept(pipeline, 5.0)
        consumer.recover()
        assert pipeline.flush(10)
        accept(pipeline, 99.0)
    spool.close()


def test_requests_are_handed_on_in_groups(spool: Spool):
    behind = MemoryConsumer()
    consumer = UnavailableConsumer(behind)
    with Pipeline(spool, consumer, settings=QUICK) as pipeline:
        for index in range(10):
            accept(pipeline, float(index))
        consumer.recover()
        assert pipeline.flush(10)
    assert behind.groups == [10]


def test_the_budget_refuses_what_is_too_much_at_once():
    budget = ByteBudget(100)
    with budget.hold(60), pytest.raises(OverloadedError, match="60 bytes"), budget.hold(60):
        pass
    with budget.hold(60):
        pass


def test_a_single_request_always_fits_the_budget():
    with ByteBudget(100).hold(1000):
        pass


def test_the_cache_never_answers_with_another_request():
    cache = BatchCache(100)
    cache.put(1, Batch(position=0, digest=b"old"), 90)
    cache.put(1, Batch(position=0, digest=b"new"), 200)
    assert cache.take(1, b"old") is None


def test_the_direct_way_stores_at_once():
    consumer = MemoryConsumer()
    pipeline = DirectPipeline(consumer)
    accept(pipeline, 1.0)
    assert consumer.values() == [1.0]
    accept(DirectPipeline(consumer), 2.0)
    assert consumer.values() == [1.0, 2.0]


def test_the_direct_way_tells_the_caller_that_the_database_is_away():
    behind = MemoryConsumer()
    consumer = UnavailableConsumer(behind)
    pipeline = DirectPipeline(consumer)
    assert not pipeline.check_readiness().taking_requests
    with pytest.raises(DatabaseUnavailableError, match="away"):
        accept(pipeline, 1.0)
    consumer.recover()
    accept(pipeline, 1.0)
    assert behind.values() == [1.0]


def test_two_direct_ways_at_once_do_not_take_each_others_place():
    consumer = MemoryConsumer()
    one, other = DirectPipeline(consumer), DirectPipeline(consumer)
    for index in range(3):
        accept(one, float(index))
        accept(other, float(index + 10))
    assert sorted(consumer.values()) == [0.0, 1.0, 2.0, 10.0, 11.0, 12.0]


def test_a_direct_way_with_a_name_goes_on_where_it_was():
    consumer = MemoryConsumer()
    for value in (1.0, 2.0):
        accept(DirectPipeline(consumer, source="history"), value)
    assert consumer.values() == [1.0, 2.0]
    assert consumer.read_position("history") == 2
