"""The same load against any OTLP/HTTP endpoint, to measure peers with: how much it acknowledges a second.

What an acknowledgement is worth differs: Herald's says that the request has survived a loss of power. The points are
of the last hour, because endpoints refuse, or drop without a word, what is older than they keep.
"""

import time
from collections.abc import Iterator
from functools import partial

from benchmarks.processes import send
from benchmarks.progress import say
from benchmarks.results import Figure, Result, UnmeasurableError
from model.clock import HOUR_NS, SECOND_NS
from model.errors import DependencyError

_AGENTS = 2
_WARM_UP = 3
_REQUESTS = {"numbers": 120, "histograms": 60, "spans": 60}


def measure_endpoint(url: str) -> Iterator[Result]:
    """Yield, of each kind, items acknowledged a second beside those acknowledged by one agent alone.

    Raises DependencyError where the endpoint does not answer, or refuses a request or a part of it for good.
    """
    try:
        yield from _measure_kinds(url)
    except UnmeasurableError as exc:
        raise DependencyError(f"{url} does not take what is sent: {exc}") from exc


def _measure_kinds(url: str) -> Iterator[Result]:
    start_ns = (time.time_ns() - HOUR_NS) // SECOND_NS * SECOND_NS
    for kind, requests in _REQUESTS.items():
        say(f"  {kind}")
        send_some = partial(send, url, kind, start_ns=start_ns)
        send_some(agents=_AGENTS, requests=_WARM_UP)
        together = send_some(agents=_AGENTS, requests=requests, skip=_WARM_UP)
        alone = send_some(agents=1, requests=requests, skip=_WARM_UP + requests)
        yield Result(
            name=f"{kind} acknowledged by {url}",
            value=together["acknowledged"] / together["seconds"],
            unit=f"{kind}/s",
            beside=Figure("one agent alone", alone["acknowledged"] / alone["seconds"]),
        )
