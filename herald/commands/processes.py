"""`herald up|agents|collect|engine|web`: the programs that run until they are told to stop."""

import signal
import threading
from types import FrameType
from typing import Annotated

import typer

from herald.commands.options import Data, DatabaseUrl, Fleet, Objectives
from herald.output import say
from herald.settings import (
    DEFAULT_DATA,
    GRPC_ADDRESS,
    GRPC_PORT,
    HTTP_ADDRESS,
    HTTP_PORT,
    PROMETHEUS_PORT,
    WEB_PORT,
    DataDirectory,
)

Port = Annotated[int, typer.Option("--port", min=1, max=65535, envvar="HERALD_PORT", help="Port of the web page.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of the simulated fleet.")]
Alertmanager = Annotated[
    list[str] | None,
    typer.Option(
        "--alertmanager",
        envvar="HERALD_ALERTMANAGER",
        help="URL of an Alertmanager; give it again for each replica.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the root."""
    app.command(epilog="Example: herald up --days 7 --port 8081")(up)
    app.command(epilog="Example: herald agents --otlp grpc://localhost:4317 --prometheus 9464")(agents)
    app.command(epilog="Example: herald collect --grpc 0.0.0.0:4317 --database postgresql://herald@db/herald")(
        collect
    )
    app.command(epilog="Example: herald engine --alertmanager http://localhost:9093")(engine)
    app.command(epilog="Example: herald web --port 8080")(web)


def up(
    *,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    days: Annotated[int, typer.Option(min=1, max=31, help="Days of simulated history to begin with.")] = 30,
    fleet: Fleet = None,
    port: Port = WEB_PORT,
    grpc_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of OTLP/gRPC.")] = GRPC_PORT,
    http_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of OTLP/HTTP.")] = HTTP_PORT,
    prometheus_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of the agents' Prometheus endpoint.")
    ] = PROMETHEUS_PORT,
    seed: Seed = 1,
    no_sim: Annotated[bool, typer.Option("--no-sim", help="Run without the simulated fleet.")] = False,
    alertmanager: Alertmanager = None,
) -> None:
    """Run the whole platform on this machine and print its URL; Ctrl-C stops it."""
    from herald.up import UpOptions, run_up  # noqa: PLC0415  # the simulator takes a second to import

    run_up(
        UpOptions(
            data=DataDirectory(data),
            database=database,
            days=days,
            fleet=fleet,
            port=port,
            grpc_port=grpc_port,
            http_port=http_port,
            prometheus_port=prometheus_port,
            simulate=not no_sim,
            seed=seed,
            alertmanagers=tuple(alertmanager or ()),
        )
    )


def agents(
    *,
    otlp: Annotated[
        str, typer.Option("--otlp", envvar="HERALD_OTLP", help="grpc://HOST:4317 or http://HOST:4318.")
    ] = f"grpc://{GRPC_ADDRESS}",
    fleet: Fleet = None,
    prometheus: Annotated[
        int | None, typer.Option("--prometheus", min=0, max=65535, help="Serve the same metrics on this port.")
    ] = None,
    prometheus_host: Annotated[
        str, typer.Option("--prometheus-host", help="Address on which --prometheus listens.")
    ] = "127.0.0.1",
    data: Data = DEFAULT_DATA,
    seed: Seed = 1,
    start_ns: Annotated[
        int | None, typer.Option("--start-ns", hidden=True, help="The moment at which the history ended.")
    ] = None,
) -> None:
    """Run the simulated fleet and send its telemetry."""
    from herald.agents import run_agents  # noqa: PLC0415  # the simulator takes a second to import

    run_agents(
        otlp_url=otlp,
        fleet=fleet,
        faults=DataDirectory(data).faults,
        seed=seed,
        start_ns=start_ns,
        prometheus=None if prometheus is None else (prometheus_host, prometheus),
        stop=stop_event(),
    )


def collect(
    *,
    grpc: Annotated[str, typer.Option("--grpc", help="Address of OTLP/gRPC; empty for none.")] = GRPC_ADDRESS,
    http: Annotated[str, typer.Option("--http", help="Address of OTLP/HTTP; empty for none.")] = HTTP_ADDRESS,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    oldest_days: Annotated[
        int, typer.Option(min=0, help="Refuse points that are older, as retention would drop them; 0 takes all.")
    ] = 0,
) -> None:
    """Receive OpenTelemetry and store it; what is acknowledged is durable."""
    from herald.wiring import run_collector  # noqa: PLC0415

    directory = DataDirectory(data)
    directory.prepare()
    run_collector(
        grpc=grpc or None,
        http=http or None,
        data=directory,
        database=database,
        stop=stop_event(),
        oldest_days=oldest_days,
    )


def engine(
    *,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    objectives: Objectives = None,
    alertmanager: Alertmanager = None,
    metrics: Annotated[
        int | None, typer.Option("--metrics", min=0, max=65535, help="Serve the engine's own metrics on this port.")
    ] = None,
    metrics_host: Annotated[
        str, typer.Option("--metrics-host", help="Address on which --metrics listens.")
    ] = "127.0.0.1",
    web_url: Annotated[
        str, typer.Option("--web-url", envvar="HERALD_WEB_URL", help="Where links in alerts lead.")
    ] = f"http://localhost:{WEB_PORT}",
) -> None:
    """Evaluate the objectives each minute, keep the budgets, raise and resolve alerts."""
    from herald.engine_loop import run_engine  # noqa: PLC0415

    run_engine(
        database=database,
        data=DataDirectory(data),
        objectives=objectives,
        alertmanagers=tuple(alertmanager or ()),
        metrics=None if metrics is None else (metrics_host, metrics),
        web_url=web_url,
        stop=stop_event(),
    )


def web(
    *,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    objectives: Objectives = None,
    port: Port = WEB_PORT,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve the SLO pages and the dashboards."""
    from herald.wiring import run_web  # noqa: PLC0415

    run_web(database=database, data=DataDirectory(data), objectives=objectives, host=host, port=port)


def stop_event() -> threading.Event:
    """Return an event that SIGTERM and Ctrl-C set."""
    stop = threading.Event()

    def on_signal(signum: int, _frame: FrameType | None) -> None:
        say(f"stopping on {signal.Signals(signum).name}")
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop
