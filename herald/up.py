"""`herald up`: the whole platform on one machine, from an empty directory to a URL.

Database, collector, history, engine, agents, web: each is started when what it needs answers, and all are stopped in
reverse order. What is stored stays; the next start fills the gap since the last point and goes on.
"""

import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import urllib3

from alert_rules import Webhooks, render_alertmanager
from herald.engine_state import read_judged_to
from herald.history import load_history
from herald.output import say
from herald.settings import DataDirectory
from herald.supervisor import Program, Supervisor, herald_program, require_free_ports
from model.clock import MINUTE_NS
from model.errors import DatabaseUnavailableError, DependencyError, PortInUseError
from store import EmbeddedServer, Store, migrate

ALERTMANAGER_PORT = 9093
_READY_S = 180.0
_DRAIN_S = 3600.0
_COUNT_S = 3600.0
_REVIVALS = 10
_FRESH_NS = 5 * MINUTE_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """What the user chose."""

    data: DataDirectory
    database: str | None
    days: int
    fleet: Path | None
    port: int
    grpc_port: int
    http_port: int
    prometheus_port: int
    simulate: bool
    seed: int
    alertmanagers: tuple[str, ...]


def run_up(options: UpOptions) -> None:
    """Run everything until Ctrl-C or SIGTERM; raise HeraldError for what cannot be started."""
    options.data.prepare()
    require_free_ports((options.port, options.grpc_port, options.http_port, options.prometheus_port))
    with _terminable(), ExitStack() as stack:
        server = None if options.database else _start_database(options.data, stack)
        database = server.url if server else str(options.database)
        migrate(database, patience_s=_READY_S)
        supervisor = Supervisor(logs=options.data.logs, say=say)
        stack.callback(supervisor.stop)
        try:
            _start_all(options, database, supervisor)
            while True:
                supervisor.check()
                if server and not server.is_running():
                    _revive(server)
                time.sleep(1)
        except KeyboardInterrupt:
            say("stopping; what is stored stays")


def _start_database(data: DataDirectory, stack: ExitStack) -> EmbeddedServer:
    say("starting the embedded PostgreSQL")
    return stack.enter_context(EmbeddedServer(data.postgres))


def _revive(server: EmbeddedServer) -> None:
    """Start a database that was killed again; the other programs wait for it, the collector keeps what comes in."""
    say("the embedded PostgreSQL ended; starting it again")
    server.stop()
    for _ in range(_REVIVALS - 1):  # what is left of the old server may hold on to its memory for a moment
        with suppress(DatabaseUnavailableError):
            server.start()
            return
        time.sleep(1)
    server.start()


def _start_all(options: UpOptions, database: str, supervisor: Supervisor) -> None:
    data = ("--data", str(options.data.path), "--database", database)
    doors = ("--grpc", f"127.0.0.1:{options.grpc_port}", "--http", f"127.0.0.1:{options.http_port}")
    supervisor.start(herald_program("collector", "collect", *data, *doors))
    _wait_until(supervisor, lambda: _answers(options.http_port), "the collector")
    if options.simulate:
        # What waits in the spool is a part of the past as well: history told beside it would be counted twice.
        _wait_until(supervisor, lambda: _has_stored_all(options.http_port), "the spool", patience_s=_DRAIN_S)
        reached_ns = load_history(
            database=database,
            collector_url=f"http://127.0.0.1:{options.http_port}",
            fleet=options.fleet,
            days=options.days,
            seed=options.seed,
        )
        handover = ("--start-ns", str(reached_ns))  # restarted, they go on from the present: no second is told twice
        supervisor.start(herald_program("agents", *_agents_arguments(options), once=handover))
    urls = options.alertmanagers or _start_alertmanager(options.data, supervisor)
    notify = [argument for url in urls for argument in ("--alertmanager", url)]
    reports = ("--reports", str(options.data.reports))
    web_url = f"http://localhost:{options.port}"
    supervisor.start(herald_program("engine", "engine", *data, "--web-url", web_url, *notify, *reports))
    supervisor.start(herald_program("web", "web", *data, "--port", str(options.port)))
    say("evaluating the objectives")
    # Counting a month of telemetry takes minutes on a busy machine; the supervisor tells if the engine ends.
    _wait_until(
        supervisor, lambda: _is_evaluated(database) and _answers(options.port), "the web page", patience_s=_COUNT_S
    )
    sys.stdout.write(f"Herald is up: http://127.0.0.1:{options.port}/\n")
    sys.stdout.flush()
    say("Ctrl-C stops it; logs are in " + str(options.data.logs))


def _agents_arguments(options: UpOptions) -> tuple[str, ...]:
    fleet = ("--fleet", str(options.fleet)) if options.fleet else ()
    return (
        "agents",
        *("--otlp", f"grpc://127.0.0.1:{options.grpc_port}"),
        *("--data", str(options.data.path)),
        *("--prometheus", str(options.prometheus_port)),
        *("--seed", str(options.seed)),
        *fleet,
    )


def _start_alertmanager(data: DataDirectory, supervisor: Supervisor) -> tuple[str, ...]:
    """Start an Alertmanager if this machine has one; return its URL."""
    binary = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if binary is None:
        say("no Alertmanager on this machine: alerts show under /alerts only (Debian: prometheus-alertmanager)")
        return ()
    try:
        require_free_ports((ALERTMANAGER_PORT,))
    except PortInUseError as exc:  # Debian's package runs one as a service, perhaps somebody's real one
        say(f"no Alertmanager of our own, {exc.message}: give --alertmanager URL to notify the one that runs")
        return ()
    config = data.path / "alertmanager.yml"
    config.write_text(render_alertmanager(Webhooks()), encoding="utf-8")
    arguments = (
        f"--config.file={config}",
        f"--storage.path={data.path / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{ALERTMANAGER_PORT}",
        "--cluster.listen-address=",
    )
    supervisor.start(Program(name="alertmanager", command=(binary, *arguments)))
    return (f"http://127.0.0.1:{ALERTMANAGER_PORT}",)


def _wait_until(
    supervisor: Supervisor, ready: Callable[[], bool], what: str, *, patience_s: float = _READY_S
) -> None:
    deadline = time.monotonic() + patience_s
    while not ready():
        supervisor.require_alive()
        if time.monotonic() > deadline:
            raise DependencyError(f"{what} was not ready within {patience_s:.0f} s", remedy="read the logs")
        time.sleep(0.2)


def _answers(port: int) -> bool:
    answer = _ask(port, "/healthz")
    return answer is not None and answer.status == 200


def _has_stored_all(http_port: int) -> bool:
    answer = _ask(http_port, "/readyz")
    return answer is not None and answer.json()["spool_bytes"] == 0


def _ask(port: int, path: str) -> urllib3.BaseHTTPResponse | None:
    try:
        return urllib3.request("GET", f"http://127.0.0.1:{port}{path}", retries=False, timeout=2.0)
    except urllib3.exceptions.HTTPError:
        return None


def _is_evaluated(database: str) -> bool:
    with Store(database) as store:
        evaluated_ns = read_judged_to(store)
    return evaluated_ns is not None and time.time_ns() - evaluated_ns < _FRESH_NS


@contextmanager
def _terminable() -> Iterator[None]:
    """Treat SIGTERM as Ctrl-C, and hear both: a shell starts background jobs deaf to SIGINT."""

    def interrupt(_signum: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    previous = {each: signal.signal(each, interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in previous.items():
            signal.signal(each, handler)
