"""Data that cannot be right, or nearly so: each bad point is refused with a count, and the good ones are stored."""

import gzip
import math
import signal
import time
import urllib.error
import urllib.request

from opentelemetry.proto.metrics.v1.metrics_pb2 import NumberDataPoint

from model import names
from model.clock import DAY_NS, HOUR_NS, SECOND_NS
from model.queries import MetricQuery, Reducer
from model.windows import Window
from store import Store, connect
from tests.faults.registry import fault
from tests.faults.requests import Request, build
from tests.faults.world import World

_PROTOBUF = "application/x-protobuf"
_MOST_PARTITIONS = 12
_CUMULATIVE = 2


@fault("21", loaded=False)
def impossible_times(world: World) -> None:
    """Times of 0, beyond 2262, decades ago and decades ahead: refused, and no partition is made for them."""
    good = world.source.points("times", 5)
    year = 365 * DAY_NS
    bad = [0, 2**63, 2**64 - 1, 1, 10 * year, time.time_ns() + 50 * year, time.time_ns() - 30 * year]
    request = build(good)
    for time_ns in bad:
        add_point(request, f"{world.run}-times", time_ns).as_double = 1.0
    world.deliver(Request(request.SerializeToString(), good, to_reject=len(bad)))
    world.wait_until_drained()
    with connect(world.server.url) as connection:
        count = connection.execute("select count(*) from pg_inherits where inhparent = 'point'::regclass").fetchone()
    world.expect(count is not None and count[0] <= _MOST_PARTITIONS, f"point has {count} partitions")


@fault("22", loaded=False)
def strange_values(world: World) -> None:
    """NaN, infinities, extreme integers, empty and huge attributes, keys given twice, text that is none."""
    values = [math.inf, -math.inf, -0.0, 5e-324, 1.7e308, float(2**63 - 1), float(-(2**63))]
    points = [(device, time_ns, value) for (device, time_ns, _), value in zip(
        world.source.points("strange", len(values)), values, strict=True)]  # fmt: skip
    request = build(points[:5])
    for device, time_ns, value in points[5:]:
        add_point(request, device, time_ns).as_int = min(int(value), 2**63 - 1)
    nan = add_point(request, f"nan-{world.run}", time.time_ns())
    nan.as_double = math.nan
    nan.attributes.add(key="", value={})
    huge = add_point(request, f"huge-{world.run}", time.time_ns())
    huge.as_double = 1.0
    huge.attributes.add(key="huge").value.string_value = "x" * 65_536
    huge.attributes.add(key="twice").value.string_value = "a"
    huge.attributes.add(key="twice").value.string_value = "b\0"
    world.deliver(Request(request.SerializeToString(), points))
    broken = (
        build(world.source.points("broken", 1)).SerializeToString().replace(b"-broken", b"-\xff\xfe\xfd\xfc\xfb\xfa")
    )
    status = post(world, broken)
    world.expect(status in (200, 400), f"invalid UTF-8 is answered with {status}")


@fault("23", loaded=False, quick=True)
def one_bad_point_among_many(world: World) -> None:
    """One bad point among ten thousand good ones: it alone is refused."""
    good = world.source.points("many", 10_000)
    request = build(good)
    add_point(request, f"{world.run}-many", 0).as_double = 1.0
    world.deliver(Request(request.SerializeToString(), good, to_reject=1))


@fault("24")
def hostile_bodies(world: World) -> None:
    """Bombs of gzip and empty parts, truncated gzip, a wrong type, a body too large: refused in bounded memory."""
    before = world.collector.memory_bytes()
    bomb = gzip.compress(bytes(200 * 1024**2), 6)
    whole = gzip.compress(b"x" * 1000)
    cases = {
        "a gzip bomb": (413, bomb, {"content-encoding": "gzip"}),
        "truncated gzip": (400, whole[:-4], {"content-encoding": "gzip"}),
        "a wrong content type": (415, b"x", {"content-type": "text/plain"}),
        "65 MiB": (413, bytes(65 * 1024**2), {}),
        "rubbish": (400, b"\xff" * 100, {}),
        "a million empty groups": (413, gzip.compress(b"\x0a\x00" * 1_000_000), {"content-encoding": "gzip"}),
    }
    for what, (expected, body, headers) in cases.items():
        status = post(world, body, **headers)
        world.expect(status == expected, f"{what} is answered with {status}, not {expected}")
    grown = world.collector.memory_bytes() - before
    world.expect(grown < 400 * 1024**2, f"the collector grew by {grown >> 20} MiB")


@fault("36")
def counters_that_reset(world: World) -> None:
    """Resets, gaps and unknown starts of cumulative counters through a kill: the counts are right all the same."""
    start_ns = world.source.start_ns
    device, expected, value, since_ns = f"{world.run}-counter", 0.0, 0.0, start_ns
    for number in range(1, 121):
        time_ns, chance = start_ns + number * SECOND_NS, world.chance.random()
        if chance < 0.1:  # restarted at a known time
            since_ns, value = time_ns - SECOND_NS // 2, 3.0
            expected += value
        elif chance < 0.2:  # restarted, nobody knows when
            since_ns, value = time_ns, 50.0
        elif chance > 0.9:
            continue  # a gap
        else:
            value, expected = value + 2.0, expected + 2.0
        world.deliver(Request(cumulative(device, since_ns, time_ns, value), [(device, time_ns, value)]))
        if number == 60:
            world.collector.end()
            world.server.end(signal.SIGKILL)
            world.server.start()
            world.collector.start()
    world.settle()
    query = MetricQuery(
        metric=names.METRIC_MEMORY_READS, reducer=Reducer.SUM, filters=((names.ATTR_DEVICE_ID, (device,)),)
    )
    window = Window(start_ns=start_ns // HOUR_NS * HOUR_NS, end_ns=start_ns // HOUR_NS * HOUR_NS + 2 * HOUR_NS)
    with Store(world.server.url) as store:
        counted = sum(minute.value for minute in store.read_minutes(query, window))
    world.expect(counted == expected, f"{counted} was counted, {expected} happened")


def cumulative(device: str, start_ns: int, time_ns: int, value: float) -> bytes:
    """Return a request with one point of a cumulative counter."""
    request = build([])
    metric = request.resource_metrics[0].scope_metrics[0].metrics[0]
    metric.name, metric.unit = names.METRIC_MEMORY_READS, "{read}"
    metric.sum.aggregation_temporality, metric.sum.is_monotonic = _CUMULATIVE, True  # type: ignore[assignment]
    point = metric.sum.data_points.add(start_time_unix_nano=start_ns, time_unix_nano=time_ns, as_double=value)
    point.attributes.add(key=names.ATTR_DEVICE_ID).value.string_value = device
    return request.SerializeToString()


def add_point(request: object, device: str, time_ns: int) -> NumberDataPoint:
    """Add a point without a value."""
    gauge = request.resource_metrics[0].scope_metrics[0].metrics[0].gauge  # type: ignore[attr-defined]
    point: NumberDataPoint = gauge.data_points.add(time_unix_nano=time_ns)
    point.attributes.add(key=names.ATTR_DEVICE_ID).value.string_value = device
    return point


def post(world: World, body: bytes, **headers: str) -> int:
    """Return the status of a request whose points nobody counts, 0 where there is no answer."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    request = urllib.request.Request(
        f"http://127.0.0.1:{world.collector.port}/v1/metrics",
        data=body,
        headers={"content-type": _PROTOBUF, **named},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as exc:
        exc.close()
        return exc.code
    except OSError:
        return 0
