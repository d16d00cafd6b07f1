"""`herald up|agents|collect|engine|web`: the programs that run until they are told to stop."""

import os
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from herald.commands.options import (
    CaFile,
    ClientCertificate,
    ClientKey,
    Data,
    DatabaseUrl,
    Fleet,
    Objectives,
    ReportsInto,
    ReportZone,
    TokenFile,
    find_credentials,
)
from herald.output import say
from herald.settings import (
    DEFAULT_DATA,
    GRPC_ADDRESS,
    GRPC_PORT,
    HTTP_ADDRESS,
    HTTP_PORT,
    PROMETHEUS_PORT,
    RETENTION_DAYS,
    WEB_PORT,
    DataDirectory,
)
from model.errors import InvalidInputError

# Not a docstring: the line breaks of one would be kept.
_COLLECT_HELP = (
    "Receive OpenTelemetry and store it; what is acknowledged is durable.\n\n"
    "Without options it serves this machine only. For others it wants TLS, and tokens (herald token create) or client"
    " certificates. What it has acknowledged waits in --data while the database is away and is stored afterwards;"
    " stopping or killing it loses nothing, and clients send again what was not acknowledged.\n\n"
    "GET /healthz, /readyz and /metrics on the HTTP address say how it is. How to size, secure, upgrade, back up and"
    " restore it: docs/how-to/run-the-collector.md and docs/how-to/back-up-and-restore.md."
)
_COLLECT_EXAMPLES = """Example: herald collect

Example: herald collect --database postgresql://herald@db/herald --grpc "" --http 127.0.0.1:4318

Example: herald collect --http 0.0.0.0:4318 --grpc "" --tls-certificate tls.crt --tls-key tls.key --require-token
"""
Port = Annotated[int, typer.Option("--port", min=1, max=65535, envvar="HERALD_PORT", help="Port of the web page.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of the simulated fleet.")]
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
    app.command(help=_COLLECT_HELP, epilog=_COLLECT_EXAMPLES)(collect)
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
        str,
        typer.Option(
            "--otlp",
            envvar="HERALD_OTLP",
            help="grpc://HOST:4317 or http://HOST:4318; with TLS grpcs:// or https://.",
        ),
    ] = f"grpc://{GRPC_ADDRESS}",
    fleet: Fleet = None,
    prometheus: Annotated[
        int | None, typer.Option("--prometheus", min=0, max=65535, help="Serve the same metrics on this port.")
    ] = None,
    prometheus_host: Annotated[
        str, typer.Option("--prometheus-host", help="Address on which --prometheus listens.")
    ] = "127.0.0.1",
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    client_certificate: ClientCertificate = None,
    client_key: ClientKey = None,
    data: Data = DEFAULT_DATA,
    seed: Seed = 1,
    start_ns: Annotated[
        int | None, typer.Option("--start-ns", hidden=True, help="The moment at which the history ended.")
    ] = None,
) -> None:
    """Run the simulated fleet and send its telemetry.

    A token comes from --token-file, which is read again when it changes, or from the variable HERALD_TOKEN.
    """
    from herald.agents import run_agents  # noqa: PLC0415  # the simulator takes a second to import

    run_agents(
        otlp_url=otlp,
        credentials=find_credentials(token_file, ca_file, client_certificate, client_key),
        fleet=fleet,
        faults=DataDirectory(data).faults,
        seed=seed,
        start_ns=start_ns,
        prometheus=None if prometheus is None else (prometheus_host, prometheus),
        stop=stop_event(),
    )


def collect(
    *,
    grpc: Annotated[
        str, typer.Option("--grpc", envvar="HERALD_GRPC", help="Address of OTLP/gRPC; empty for none.")
    ] = GRPC_ADDRESS,
    http: Annotated[
        str, typer.Option("--http", envvar="HERALD_HTTP", help="Address of OTLP/HTTP; empty for none.")
    ] = HTTP_ADDRESS,
    tls_certificate: Annotated[
        Path | None,
        typer.Option(envvar="HERALD_TLS_CERTIFICATE", help="PEM file: the certificate, then its chain."),
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(envvar="HERALD_TLS_KEY", help="PEM file: its key, without a passphrase.")
    ] = None,
    client_ca: Annotated[
        Path | None,
        typer.Option(envvar="HERALD_CLIENT_CA", help="PEM file: take only clients with a certificate of this CA."),
    ] = None,
    require_token: Annotated[
        bool,
        typer.Option(
            "--require-token", envvar="HERALD_REQUIRE_TOKEN", help="Take only what comes with a token in force."
        ),
    ] = False,
    allow_insecure: Annotated[
        bool,
        typer.Option(
            "--allow-insecure",
            envvar="HERALD_ALLOW_INSECURE",
            help="Let other machines in without TLS or without tokens: for a network that you trust.",
        ),
    ] = False,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    spool_mib: Annotated[
        int, typer.Option(min=1, envvar="HERALD_SPOOL_MIB", help="What may wait for the database, in MiB.")
    ] = 4096,
    series_per_metric: Annotated[
        int,
        typer.Option(min=1, envvar="HERALD_SERIES_PER_METRIC", help="Series a tenant may have of one metric."),
    ] = 50_000,
    series_per_tenant: Annotated[
        int, typer.Option(min=1, envvar="HERALD_SERIES_PER_TENANT", help="Series a tenant may have.")
    ] = 200_000,
    series_in_all: Annotated[
        int, typer.Option(min=1, envvar="HERALD_SERIES_IN_ALL", help="Series that all tenants together may have.")
    ] = 500_000,
    oldest_days: Annotated[
        int,
        typer.Option(
            min=0,
            envvar="HERALD_OLDEST_DAYS",
            help="Refuse points that are older, as retention would drop them; 0 takes all.",
        ),
    ] = RETENTION_DAYS,
) -> None:
    """Receive OpenTelemetry and store it; what is acknowledged is durable."""
    from collector import Caps, TlsFiles  # noqa: PLC0415
    from herald.wiring import CollectorBounds, DoorSettings, run_collector  # noqa: PLC0415

    if not (grpc or http):
        raise InvalidInputError("there is no door to collect at", remedy="give --grpc or --http an address")
    if (tls_certificate is None) != (tls_key is None) or (client_ca and not tls_key):
        raise InvalidInputError(
            "TLS needs both --tls-certificate and --tls-key", remedy="give both; --client-ca comes on top of them"
        )
    tls = (
        TlsFiles(certificate=tls_certificate, key=tls_key, client_ca=client_ca)
        if tls_certificate and tls_key
        else None
    )
    doors = DoorSettings(
        grpc=grpc or None, http=http or None, tls=tls, require_token=require_token, allow_insecure=allow_insecure
    )
    directory = DataDirectory(data)
    directory.prepare()
    bounds = CollectorBounds(
        spool_bytes=spool_mib * 1024**2,
        series=Caps(per_metric=series_per_metric, per_tenant=series_per_tenant, in_all=series_in_all),
        oldest_days=oldest_days,
    )
    run_collector(doors=doors, bounds=bounds, data=directory, database=database, stop=stop_event())


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
    reports: ReportsInto = None,
    report_zone: ReportZone = "UTC",
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
        reports=reports,
        report_zone=report_zone,
        stop=stop_event(),
    )


def web(
    *,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    objectives: Objectives = None,
    port: Port = WEB_PORT,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    reports: Annotated[
        Path | None,
        typer.Option(envvar="HERALD_REPORTS", help="Folder of written reports to show; default: reports in --data."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            envvar="HERALD_WEB_TOKEN_FILE",
            help="File with the token that lets in; without it, the variable HERALD_WEB_TOKEN; without both, all"
            " are let in.",
        ),
    ] = None,
    allow_insecure: Annotated[
        bool,
        typer.Option(
            "--allow-insecure",
            envvar="HERALD_ALLOW_INSECURE",
            help="Show everything to other machines without a token: for a network that you trust.",
        ),
    ] = False,
) -> None:
    """Serve the SLO pages and the dashboards."""
    from herald.web_page import run_web  # noqa: PLC0415

    run_web(
        database=database,
        data=DataDirectory(data),
        objectives=objectives,
        host=host,
        port=port,
        reports=reports,
        token=read_web_token(token_file),
        allow_insecure=allow_insecure,
    )


def read_web_token(file: Path | None) -> str:
    """Return the token in a file, without one that in HERALD_WEB_TOKEN. Raises InvalidInputError."""
    if file is None:
        return os.environ.get("HERALD_WEB_TOKEN", "").strip()
    try:
        token = file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as exc:
        raise InvalidInputError(f"the token cannot be read: {exc}", place=str(file)) from exc
    if not token:
        raise InvalidInputError("the file holds no token", place=str(file))
    return token


def stop_event() -> threading.Event:
    """Return an event that SIGTERM and Ctrl-C set."""
    stop = threading.Event()

    def on_signal(signum: int, _frame: FrameType | None) -> None:
        say(f"stopping on {signal.Signals(signum).name}")
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop
