"""Where the parts meet: the collector gets its database; for the web page see `herald/web_page.py`."""

import gc
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from collector import (
    Address,
    Caps,
    CardinalityLimit,
    Pipeline,
    Spool,
    TimeLimits,
    TlsFiles,
    TokenBook,
    allow_many_connections,
    find_exposures,
    is_local,
    load_tls,
    refuse_exposure,
    serve,
)
from herald.databases import find_database
from herald.output import say
from herald.settings import RETENTION_DAYS, DataDirectory
from model.clock import DAY_NS, RealClock
from model.registry import load_registry
from store import AccessStore, SeriesCensus, Writer, number_series


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorSettings:
    """Where the collector listens, and whom it lets in; an address of None leaves that door out."""

    grpc: str | None
    http: str | None
    tls: TlsFiles | None = None
    require_token: bool = False
    allow_insecure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorBounds:
    """What a collector takes: bytes of requests that wait for the database, series, and how old points may be.

    `oldest_days` of 0 is as old as you like.
    """

    spool_bytes: int = 4 * 1024**3
    series: Caps = field(default_factory=Caps)
    oldest_days: int = RETENTION_DAYS


def run_collector(
    *,
    doors: DoorSettings,
    bounds: CollectorBounds,
    data: DataDirectory,
    database: str | None,
    stop: threading.Event,
) -> None:
    """Receive and store until `stop`; what was acknowledged is stored now or after the next start.

    Raises InvalidInputError for a door that is open to the network when nobody asked for that.
    """
    warning = check_exposure(doors)
    tls = None if doors.tls is None else load_tls(doors.tls)
    url = find_database(database, data)
    allow_many_connections()
    with ExitStack() as stack:
        writer = Writer(url)
        stack.callback(writer.close)
        spool = Spool(data.spool, max_bytes=bounds.spool_bytes)
        stack.callback(spool.close)
        tokens = stack.enter_context(_token_book(url, data)) if doors.require_token else None
        cardinality = CardinalityLimit(bounds.series, identify=number_series, census=SeriesCensus(url))
        limits = TimeLimits(
            clock=RealClock(),
            past_ns=bounds.oldest_days * DAY_NS if bounds.oldest_days else None,
            kept=load_registry().kept,
        )
        pipeline = stack.enter_context(Pipeline(spool, writer, cardinality=cardinality, time_limits=limits))
        if tokens is not None:
            pipeline.telemetry.watch_tokens(tokens.age_s)
        _collect_garbage_seldom()
        say(f"collecting on {doors.grpc or 'no gRPC'} and {doors.http or 'no HTTP'}, {warning or _describe(doors)}")
        serve(doors.grpc, doors.http, pipeline, stop, tls=tls, tokens=tokens)


def _collect_garbage_seldom() -> None:
    """Spare a busy collector what it hardly needs: a request makes thousands of objects, none of them in a cycle.

    Cycles (of exceptions, of connections) are still found: every fifty thousand objects, not every seven hundred.
    """
    gc.freeze()  # what the start has made lives as long as the process
    gc.set_threshold(50_000, 20, 20)


def check_exposure(doors: DoorSettings) -> str:
    """Return a warning about what is open to the network on purpose; raise InvalidInputError where it is not."""
    addresses = [Address.parse(text) for text in (doors.grpc, doors.http) if text]
    authenticated = doors.require_token or (doors.tls is not None and doors.tls.client_ca is not None)
    exposures = find_exposures(addresses, encrypted=doors.tls is not None, authenticated=authenticated)
    if not doors.allow_insecure:
        refuse_exposure(exposures)
    return f"WARNING: {exposures}" if exposures else ""


def _describe(doors: DoorSettings) -> str:
    if all(is_local(Address.parse(text)) for text in (doors.grpc, doors.http) if text):
        return "for programs of this machine only"
    return "with TLS" + (", for senders with a token" if doors.require_token else "")


@contextmanager
def _token_book(url: str, data: DataDirectory) -> Iterator[TokenBook]:
    with AccessStore(url) as store, TokenBook(store, data.tokens, RealClock()) as tokens:
        yield tokens
