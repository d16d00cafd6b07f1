from collections.abc import Iterator

import pytest

from collector import Caps, CardinalityLimit, Decoder, Encoding, Pipeline, Signal, Spool
from collector.cardinality import OVERFLOW, Stream
from collector.decode import Decoded, Reason
from collector.testing import MemoryConsumer
from model import names
from model.errors import DatabaseUnavailableError
from model.points import Series
from tests.unit.collector.conftest import QUICK
from tests.unit.collector.messages import CUMULATIVE, DELTA, TIME_NS, histogram, metrics_request

SMALL = Caps(per_metric=2, per_tenant=3, in_all=5)
DECODER = Decoder()


def limit(caps: Caps = SMALL, **more) -> CardinalityLimit:
    return CardinalityLimit(caps, identify=hash, **more)


def decode(
    *devices: str, metric: str = "test.metric", kind: str = "gauge", tenant: str = "", customer: str = ""
) -> Decoded:
    """Decode a request with one point of value 1 per device; `customer` is the tenant that the points name."""
    request = metrics_request()
    group = request.resource_metrics[0]
    if tenant:
        group.resource.attributes.add(key=names.ATTR_TENANT_ID).value.string_value = tenant
    sent = group.scope_metrics[0].metrics.add(name=metric, unit="1")
    points = sent.gauge.data_points if kind == "gauge" else sent.sum.data_points
    if kind != "gauge":
        sent.sum.aggregation_temporality = DELTA if kind == "delta" else CUMULATIVE  # type: ignore[assignment]
    for device in devices:
        point = points.add(time_unix_nano=TIME_NS, as_double=1.0)
        point.attributes.add(key="device").value.string_value = device
        if customer:
            point.attributes.add(key=names.ATTR_TENANT_ID).value.string_value = customer
    return DECODER.decode(Signal.METRICS, Encoding.PROTOBUF, request.SerializeToString())


def devices(decoded: Decoded) -> list[str]:
    """Return the devices of the points, `overflow` for the overflow series."""
    numbers = decoded.batch.numbers
    return [
        "overflow" if dict(s.attributes).get(OVERFLOW) else str(dict(s.attributes)["device"]) for s in numbers.series
    ]


def test_series_within_the_cap_are_untouched():
    decoded, bound = decode("a", "b"), limit()
    assert bound.apply(decoded) == (0, "")
    assert (devices(decoded), bound.size) == (["a", "b"], 2)


def test_known_series_stay_themselves_when_others_overflow():
    bound = limit()
    bound.apply(decode("a", "b"))
    decoded = decode("c", "a", "b")
    assert bound.apply(decoded)[0] == 1
    assert devices(decoded) == ["a", "b", "overflow"]


def test_sums_beyond_the_cap_are_added_up_so_that_the_total_stays_right():
    decoded = decode("a", "b", "c", "d", "e", kind="delta")
    limit().apply(decoded)
    assert (devices(decoded), list(decoded.batch.numbers.value)) == (["a", "b", "overflow"], [1.0, 1.0, 3.0])
    assert decoded.rejections.total == 0


def test_cumulative_streams_beyond_the_cap_are_rejected_with_the_reason():
    decoded = decode("a", "b", "c", kind="cumulative")
    assert limit().apply(decoded) == (0, "")
    assert devices(decoded) == ["a", "b"]
    assert decoded.rejections.counts() == {Reason.CARDINALITY: 1}


def test_histograms_beyond_the_cap_are_rejected_with_the_reason():
    bound = limit(Caps(per_metric=1, per_tenant=1, in_all=1))
    bound.apply(decode("a"))
    request = metrics_request(histogram([1.0], [1, 2]))
    decoded = DECODER.decode(Signal.METRICS, Encoding.PROTOBUF, request.SerializeToString())
    bound.apply(decoded)
    assert decoded.accepted == 0
    assert decoded.rejections.counts() == {Reason.CARDINALITY: 1}


def test_what_was_acknowledged_before_is_admitted_rather_than_rejected():
    decoded = decode("a", "b", "c", kind="cumulative")
    limit().apply(decoded, may_reject=False)
    assert devices(decoded) == ["a", "b", "c"]


def test_new_metrics_beyond_the_cap_of_their_tenant_are_rejected():
    bound = limit()
    bound.apply(decode("a", "b"))
    bound.apply(decode("a", metric="test.second"))
    decoded = decode("a", metric="test.third")
    bound.apply(decoded)
    assert decoded.rejections.counts() == {Reason.CARDINALITY: 1}


def test_tenants_do_not_take_each_others_room():
    bound = limit()
    bound.apply(decode("a", "b", "c", tenant="greedy"))
    decoded = decode("x", "y", tenant="modest")
    bound.apply(decoded)
    assert devices(decoded) == ["x", "y"]


def test_nobody_takes_a_tenants_room_by_naming_it_on_a_point():
    bound = limit()
    bound.apply(decode("a", "b", tenant="greedy", customer="modest"))
    decoded = decode("c", tenant="greedy", customer="another")
    bound.apply(decoded)
    assert devices(decoded) == ["overflow"]
    assert decoded.batch.numbers.series[0].resource == ((names.ATTR_TENANT_ID, "greedy"),)
    decoded = decode("x", "y", tenant="modest")
    bound.apply(decoded)
    assert devices(decoded) == ["x", "y"]


def test_the_tenant_of_a_point_counts_where_the_sender_names_none():
    bound = limit()
    bound.apply(decode("a", "b", customer="greedy"))
    decoded = decode("x", customer="modest")
    bound.apply(decoded)
    assert devices(decoded) == ["x"]


def test_the_overflow_series_is_its_tenants():
    decoded = decode("a", "b", "c", tenant="greedy")
    limit().apply(decoded)
    assert decoded.batch.numbers.series[-1].resource == ((names.ATTR_TENANT_ID, "greedy"),)


def test_memory_stays_within_the_caps_whatever_comes():
    bound = limit()
    for number in range(200):
        bound.apply(decode(f"device-{number}", metric=f"test.metric{number % 7}", tenant=f"tenant-{number % 5}"))
    assert bound.size == SMALL.in_all


class FixedCensus:
    """Says that these series are in use."""

    def __init__(self, *series: Series) -> None:
        self.series = series

    def read_series(self) -> Iterator[tuple[Stream, int]]:
        for s in self.series:
            yield ("", s.metric, s.kind, s.unit, s.temporality, s.monotonic), hash(s)


class LateCensus(FixedCensus):
    """The same, of a database that is away when it is asked first."""

    is_there = False

    def read_series(self) -> Iterator[tuple[Stream, int]]:
        if not self.is_there:
            self.is_there = True
            raise DatabaseUnavailableError("not there yet")
        yield from super().read_series()


def test_series_of_the_database_are_known_after_a_restart():
    known = decode("a", "b").batch.numbers.series
    bound = limit(census=FixedCensus(*known))
    bound.take_census()
    decoded = decode("new", "b", "a")
    bound.apply(decoded)
    assert devices(decoded) == ["b", "a", "overflow"]


def test_the_first_request_after_a_restart_finds_the_series_of_the_database_counted(spool: Spool):
    bound = limit(census=FixedCensus(*decode("a", "b").batch.numbers.series))
    with Pipeline(spool, MemoryConsumer(), cardinality=bound):
        assert bound.size == 2


def test_a_census_that_failed_is_taken_when_the_database_is_back():
    bound = limit(census=LateCensus(*decode("a", "b").batch.numbers.series))
    with pytest.raises(DatabaseUnavailableError, match="not there yet"):
        bound.take_census()
    bound.take_census()
    assert bound.size == 2


@pytest.mark.parametrize(("passed_s", "room"), [(10.0, False), (700.0, True)])
def test_series_that_are_gone_make_room_when_the_next_census_is_due(passed_s, room):
    now = [0.0]
    census = FixedCensus(*decode("a", "b").batch.numbers.series)
    bound = limit(census=census, monotonic=lambda: now[0])
    bound.take_census()
    bound.apply(decode("c"))
    census.series, now[0] = (), passed_s
    bound.take_census()
    decoded = decode("c")
    bound.apply(decoded)
    assert (devices(decoded) == ["c"]) is room


def test_the_client_is_warned_and_the_points_counted(spool: Spool):
    consumer = MemoryConsumer()
    with Pipeline(spool, consumer, settings=QUICK, cardinality=limit()) as pipeline:
        request = metrics_request()
        sent = request.resource_metrics[0].scope_metrics[0].metrics.add(name="test.metric", unit="1")
        for device in "abcd":
            point = sent.gauge.data_points.add(time_unix_nano=TIME_NS, as_double=1.0)
            point.attributes.add(key="device").value.string_value = device
        accepted = pipeline.accept(Signal.METRICS, Encoding.PROTOBUF, request.SerializeToString())
    assert (accepted.rejected_total, accepted.message) == (
        0, "2 data points of new series beyond the limit, of test.metric",
    )  # fmt: skip
    assert b"herald_collector_overflow_points_total 2.0" in pipeline.telemetry.render()
    assert len(consumer.values()) == 3
