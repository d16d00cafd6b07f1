"""The same load against any OTLP/HTTP endpoint, to measure peers with: how much it acknowledges a second.

What an acknowledgement is worth differs: Herald's says that the request has survived a loss of power.
"""

from collections.abc import Iterator

from benchmarks.processes import send
from benchmarks.progress import say
from benchmarks.results import Figure, Result

_AGENTS = 2
_WARM_UP = 3
_REQUESTS = {"numbers": 120, "histograms": 60, "spans": 60}


def measure_endpoint(url: str) -> Iterator[Result]:
    """Yield, of each kind, items acknowledged a second beside those acknowledged by one agent alone.

    Raises UnmeasurableError where the endpoint refuses a request for good.
    """
    for kind, requests in _REQUESTS.items():
        say(f"  {kind}")
        send(url, kind, agents=_AGENTS, requests=_WARM_UP)
        together = send(url, kind, agents=_AGENTS, requests=requests, skip=_WARM_UP)
        alone = send(url, kind, agents=1, requests=requests, skip=_WARM_UP + requests)
        yield Result(
            name=f"{kind} acknowledged by {url}",
            value=together["acknowledged"] / together["seconds"],
            unit=f"{kind}/s",
            beside=Figure("one agent alone", alone["acknowledged"] / alone["seconds"]),
        )
