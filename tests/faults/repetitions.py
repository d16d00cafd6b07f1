"""Clients that send the same thing more than once, in other parts, out of order, late, or never seen before."""

import threading
from collections.abc import Sequence

from model.clock import HOUR_NS
from tests.faults.client import Client
from tests.faults.registry import fault
from tests.faults.requests import PointSource, Request, regroup
from tests.faults.world import World


@fault("18", quick=True)
def a_storm_of_retries(world: World) -> None:
    """Every request is sent two to five times, at once, on different connections."""
    requests = [world.source.request([f"storm-{n % 3}"], 20) for n in range(40)]
    world.requests += requests
    sends = [request for request in requests for _ in range(world.chance.randint(2, 5))]
    world.chance.shuffle(sends)
    send_at_once(world, sends, workers=8)


@fault("19")
def the_same_points_in_other_requests(world: World) -> None:
    """Points sent before come again in requests of other sizes, beside a restart."""
    requests = [world.source.request([f"again-{n % 3}"], 20) for n in range(30)]
    world.requests += requests
    send_at_once(world, requests, workers=3)
    again = regroup(requests, sizes=[7, 33, 50])
    world.requests += again
    world.collector.end()
    world.collector.start(wait=False)
    send_at_once(world, again, workers=1)
    send_at_once(world, requests, workers=4)


@fault("20")
def late_and_out_of_order(world: World) -> None:
    """Points up to 24 hours late, in random order, across partitions of weeks."""
    late = PointSource(world.run, world.source.start_ns - 23 * HOUR_NS)
    across = PointSource(world.run, (world.source.start_ns // WEEK_NS) * WEEK_NS - 10_000_000)
    requests = [
        source.request([name], 5) for name in ("late-a", "late-b") for source in (late, across) for _ in range(20)
    ]
    world.requests += requests
    world.chance.shuffle(requests)
    send_at_once(world, requests, workers=4)


@fault("27")
def a_race_for_new_series(world: World) -> None:
    """Sixteen clients send the same new series at once, beside a kill of the collector."""
    requests = [world.source.request([f"new-{n // 16}"], 3) for n in range(160)]
    world.requests += requests
    killer = threading.Timer(world.chance.uniform(0.0, 0.3), world.collector.end)
    killer.start()
    sender = threading.Thread(target=send_at_once, args=(world, requests), kwargs={"workers": 16})
    sender.start()
    killer.join()
    world.collector.start()
    sender.join()


WEEK_NS = 7 * 24 * HOUR_NS


def send_at_once(world: World, requests: Sequence[Request], *, workers: int) -> None:
    """Deliver the requests by several clients, each in the given order."""

    def work(part: Sequence[Request]) -> None:
        client = Client(world.collector.port)
        for request in part:
            client.deliver(request)
        client.close()

    threads = [threading.Thread(target=work, args=(requests[n::workers],)) for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
