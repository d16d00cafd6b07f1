"""The past on a virtual clock: step every source from `start` to `end` and send what it says as OTLP requests.

Covers `(start, end]` exactly once, on a grid of whole steps, so that minutes are whole. A request holds an hour
or two of one site and never more than a few megabytes. While the collector works on one chunk, the next is
simulated. The same sources, seed and times give the same bytes: a collector that has seen them drops them.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from exporters.announce import build_announcement
from exporters.delivery import Send, Signal
from exporters.encode import encode_metrics
from exporters.encode_events import encode_logs, encode_traces
from exporters.sources import Source
from model.clock import HOUR_NS, SECOND_NS, format_time
from model.errors import InvalidInputError
from model.readings import Readings
from model.windows import Window

CHUNK_NS: Final = 2 * HOUR_NS
LARGEST_REQUEST: Final = 4 * 1024 * 1024
_AHEAD: Final = 2  # chunks of requests that may wait for the collector

Request = tuple[Signal, bytes]
_ENCODERS: Final[tuple[tuple[Signal, Callable[[Sequence[Readings]], bytes]], ...]] = (
    (Signal.METRICS, encode_metrics),
    (Signal.LOGS, encode_logs),
    (Signal.TRACES, encode_traces),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a replay is: `reached_ns` is accepted by the collector up to there, for every site."""

    start_ns: int
    end_ns: int
    reached_ns: int
    points: int
    requests: int

    @property
    def share(self) -> float:
        """Return the part that is done, 0..1."""
        return (self.reached_ns - self.start_ns) / max(self.end_ns - self.start_ns, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    end_ns: int
    points: int
    requests: list[Request]


def replay_history(
    sources: Sequence[Source],
    start_ns: int,
    end_ns: int,
    step_s: int = 60,
    *,
    send: Send,
    chunk_ns: int = CHUNK_NS,
) -> Iterator[Progress]:
    """Send `(start_ns, end_ns]` of all sources through `send`, yielding after each accepted chunk.

    The sources must stand at `start_ns`; their topologies are announced first. `send` is called from one other
    thread, in order. Whatever it raises ends the replay; so does a source that leaves a gap
    (InvalidInputError).
    """
    Window(start_ns=start_ns, end_ns=end_ns)  # refuses an end before the start
    points = requests = 0
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="history") as sender:
        pending: deque[tuple[_Chunk, Future[None]]] = deque()
        try:
            for chunk in _build_chunks(sources, start_ns, end_ns, step_s * SECOND_NS, chunk_ns):
                pending.append((chunk, sender.submit(_send_all, send, chunk.requests)))
                while len(pending) > _AHEAD or (chunk.end_ns == end_ns and pending):
                    sent, future = pending.popleft()
                    future.result()
                    points, requests = points + sent.points, requests + len(sent.requests)
                    yield Progress(
                        start_ns=start_ns,
                        end_ns=end_ns,
                        reached_ns=sent.end_ns,
                        points=points,
                        requests=requests,
                    )
        finally:
            sender.shutdown(cancel_futures=True)


def _build_chunks(
    sources: Sequence[Source], start_ns: int, end_ns: int, step_ns: int, chunk_ns: int
) -> Iterator[_Chunk]:
    announcements = [build_announcement(source.site, source.topology, start_ns) for source in sources]
    yield _encode_chunk([[announcement] for announcement in announcements], start_ns)
    reached_ns = start_ns
    while reached_ns < end_ns:
        until_ns = min((reached_ns // chunk_ns + 1) * chunk_ns, end_ns)
        read = [list(_read(source, reached_ns, until_ns, step_ns)) for source in sources]
        yield _encode_chunk(read, until_ns)
        reached_ns = until_ns


def _read(source: Source, start_ns: int, end_ns: int, step_ns: int) -> Iterator[Readings]:
    """Advance a source over `(start_ns, end_ns]` to each whole step, and to the end."""
    reached_ns = start_ns
    while reached_ns < end_ns:
        until_ns = min((reached_ns // step_ns + 1) * step_ns, end_ns)
        readings = source.advance(until_ns)
        if (readings.start_ns, readings.end_ns) != (reached_ns, until_ns):
            raise InvalidInputError(
                f"site {source.site} read {format_time(readings.start_ns)} to {format_time(readings.end_ns)}"
                f" where {format_time(reached_ns)} to {format_time(until_ns)} was due",
                remedy="build the source to start where the replay starts",
            )
        yield readings
        reached_ns = until_ns


def _encode_chunk(read: Sequence[list[Readings]], end_ns: int) -> _Chunk:
    requests = [
        (signal, body)
        for of_one_site in read
        for signal, encode in _ENCODERS
        for body in _encode_within_limit(encode, of_one_site)
    ]
    points = sum(len(r.counts) + len(r.levels) + len(r.samples) for of_site in read for r in of_site)
    return _Chunk(end_ns=end_ns, points=points, requests=requests)


def _encode_within_limit(encode: Callable[[Sequence[Readings]], bytes], readings: list[Readings]) -> Iterator[bytes]:
    """Encode readings as one request, or as several where one would be too large."""
    body = encode(readings)
    if len(body) <= LARGEST_REQUEST or len(readings) == 1:
        if body:
            yield body
        return
    middle = len(readings) // 2
    yield from _encode_within_limit(encode, readings[:middle])
    yield from _encode_within_limit(encode, readings[middle:])


def _send_all(send: Send, requests: Sequence[Request]) -> None:
    for signal, body in requests:
        send(signal, body)
