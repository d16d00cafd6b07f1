"""The past on a virtual clock: step every source from `start` to `end` and send what it says as OTLP requests.

Covers `(start, end]` exactly once, on a grid of whole steps, so that minutes are whole. A request holds an hour
or two of one site and never more than a few megabytes. While the collector works on one chunk, the next is
simulated, unless the caller may still change what happens next. The same sources, seed and times give the same
bytes: a collector that has seen them drops them.
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
from exporters.sources import Recorder
from model.clock import HOUR_NS, SECOND_NS, format_time
from model.errors import InvalidInputError
from model.recording import Recording, record_readings
from model.windows import Window

CHUNK_NS: Final = 2 * HOUR_NS
LARGEST_REQUEST: Final = 4 * 1024 * 1024
AHEAD: Final = 2
"""Chunks that may wait for the collector while the next is simulated."""

Request = tuple[Signal, bytes]
_ENCODERS: Final[tuple[tuple[Signal, Callable[[Sequence[Recording]], bytes]], ...]] = (
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
    sources: Sequence[Recorder],
    start_ns: int,
    end_ns: int,
    step_s: int = 60,
    *,
    send: Send,
    chunk_ns: int = CHUNK_NS,
    ahead: int = AHEAD,
) -> Iterator[Progress]:
    """Send `(start_ns, end_ns]` of all sources through `send`, yielding after each accepted chunk.

    The sources must stand at `start_ns`; their topologies are announced first. With `ahead` of 0 a chunk is
    simulated only when the caller comes back for it, so that what it does in between changes it. `send` is called
    from one other thread, in order. Whatever it raises ends the replay; so does a source that leaves a gap
    (InvalidInputError).
    """
    Window(start_ns=start_ns, end_ns=end_ns)  # refuses an end before the start
    points = requests = 0
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="history") as sender:
        pending: deque[tuple[_Chunk, Future[None]]] = deque()
        try:
            for chunk in _build_chunks(sources, start_ns, end_ns, step_s * SECOND_NS, chunk_ns):
                pending.append((chunk, sender.submit(_send_all, send, chunk.requests)))
                while len(pending) > ahead or (chunk.end_ns == end_ns and pending):
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
    sources: Sequence[Recorder], start_ns: int, end_ns: int, step_ns: int, chunk_ns: int
) -> Iterator[_Chunk]:
    announcements = [build_announcement(source.site, source.topology, start_ns) for source in sources]
    yield _encode_chunk([record_readings(announcement) for announcement in announcements], start_ns)
    reached_ns = start_ns
    while reached_ns < end_ns:
        until_ns = min((reached_ns // chunk_ns + 1) * chunk_ns, end_ns)
        yield _encode_chunk([_record(source, reached_ns, until_ns, step_ns) for source in sources], until_ns)
        reached_ns = until_ns


def _record(source: Recorder, start_ns: int, end_ns: int, step_ns: int) -> Recording:
    recording = source.record(end_ns, step_ns)
    if (recording.start_ns, recording.end_ns) != (start_ns, end_ns):
        raise InvalidInputError(
            f"site {source.site} recorded {format_time(recording.start_ns)} to {format_time(recording.end_ns)}"
            f" where {format_time(start_ns)} to {format_time(end_ns)} was due",
            remedy="build the source to start where the replay starts",
        )
    return recording


def _encode_chunk(recordings: Sequence[Recording], end_ns: int) -> _Chunk:
    requests = [
        (signal, body)
        for recording in recordings
        for signal, encode in _ENCODERS
        for body in _encode_within_limit(encode, recording)
    ]
    return _Chunk(end_ns=end_ns, points=sum(recording.points for recording in recordings), requests=requests)


def _encode_within_limit(encode: Callable[[Sequence[Recording]], bytes], recording: Recording) -> Iterator[bytes]:
    """Encode a recording as one request, or as several where one would be too large."""
    body = encode([recording])
    halves = recording.halves() if len(body) > LARGEST_REQUEST else None
    if halves:
        for half in halves:
            yield from _encode_within_limit(encode, half)
    elif body:
        yield body


def _send_all(send: Send, requests: Sequence[Request]) -> None:
    for signal, body in requests:
        send(signal, body)
