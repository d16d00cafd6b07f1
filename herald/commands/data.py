"""`herald db` and `herald import`: the database's schema, and telemetry that lies in files."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from herald.commands.options import (
    AsJson,
    CaFile,
    ClientCertificate,
    ClientKey,
    Data,
    DatabaseUrl,
    TokenFile,
    find_credentials,
)
from herald.databases import server
from herald.output import print_json, print_table, say
from herald.settings import DEFAULT_DATA, HTTP_ADDRESS, DataDirectory
from model.errors import HeraldError, InvalidInputError
from store import migrate, read_migration_status

if TYPE_CHECKING:
    from exporters import OtlpClient, Send
    from exporters.ibm_properties import Snapshot

db_app = typer.Typer(help="The database's schema.", no_args_is_help=True)
import_app = typer.Typer(help="Bring telemetry from files through the collector's door.", no_args_is_help=True)

_NO = 1
_PATIENCE_S = 30.0


@db_app.command("migrate", epilog="Example: herald db migrate --database postgresql://herald@db/herald")
def migrate_database(*, data: Data = DEFAULT_DATA, database: DatabaseUrl = None) -> None:
    """Bring the schema up to date; safe to repeat."""
    with server(database, DataDirectory(data)) as url:
        state = migrate(url)
    say(f"the schema is up to date: {', '.join(state.applied)}")


@db_app.command(epilog="Example: herald db status --json")
def status(*, data: Data = DEFAULT_DATA, database: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Say which migrations are applied; exit with 1 if some are not."""
    with server(database, DataDirectory(data)) as url:
        state = read_migration_status(url)
    if as_json:
        print_json({"applied": state.applied, "pending": state.pending, "timescale": state.timescale})
    else:
        rows = [(name, "yes") for name in state.applied] + [(name, "no") for name in state.pending]
        print_table(("Migration", "Applied"), rows)
        say(f"TimescaleDB {state.timescale}" if state.timescale else "PostgreSQL without TimescaleDB")
    if state.pending:
        raise typer.Exit(_NO)


Otlp = Annotated[str, typer.Option("--otlp", envvar="HERALD_OTLP_HTTP", help="The collector's OTLP/HTTP URL.")]
Imported = TypeVar("Imported")


@import_app.command("ibm-properties", epilog="Example: herald import ibm-properties props_*.json")
def import_ibm(
    files: Annotated[list[Path], typer.Argument(help="IBM calibration snapshots (props_*.json).")],
    *,
    otlp: Otlp = f"http://{HTTP_ADDRESS}",
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    client_certificate: ClientCertificate = None,
    client_key: ClientKey = None,
    as_json: AsJson = False,
) -> None:
    """Send calibration snapshots, each value at the time it was measured.

    A file that cannot be read as a snapshot is refused whole and named; the others are sent. Sending a file again
    stores nothing twice.
    """
    from exporters import OtlpClient, import_ibm_properties  # noqa: PLC0415  # the SDK takes a while to import

    credentials = find_credentials(token_file, ca_file, client_certificate, client_key)
    snapshots, refused = _import_each(files, import_ibm_properties, OtlpClient(otlp, credentials=credentials))
    _print_import(snapshots, refused, as_json=as_json)
    if refused:
        raise typer.Exit(InvalidInputError.exit_code)


@import_app.command("bb84-sessions", epilog="Example: herald import bb84-sessions session-*.json")
def import_bb84(
    files: Annotated[list[Path], typer.Argument(help="QKD sessions of another simulator or of an instrument.")],
    *,
    otlp: Otlp = f"http://{HTTP_ADDRESS}",
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    client_certificate: ClientCertificate = None,
    client_key: ClientKey = None,
    as_json: AsJson = False,
) -> None:
    """Send QKD sessions: sifted bits, error ratio and transmission, with their standard errors.

    A file that is no session is refused whole and named; the others are sent. Sending one again stores nothing twice.
    """
    from exporters import OtlpClient  # noqa: PLC0415  # as above
    from exporters.bb84_sessions import import_bb84_session  # noqa: PLC0415

    credentials = find_credentials(token_file, ca_file, client_certificate, client_key)
    sessions, refused = _import_each(files, import_bb84_session, OtlpClient(otlp, credentials=credentials))
    if as_json:
        told = [{**asdict(s), "error_ratio": s.error_ratio, "transmission": s.transmission} for s in sessions]
        print_json({"sessions": told, "errors": [str(error) for error in refused]})
    else:
        rows = [(s.pair, f"{s.sifted_bits:,}", f"{s.error_ratio:.4f}", f"{s.transmission:.4f}") for s in sessions]
        print_table(("Pair", "Sifted bits", "Error ratio", "Transmission"), rows)
    if refused:
        raise typer.Exit(InvalidInputError.exit_code)


def _import_each(
    files: Sequence[Path], import_one: Callable[[Path, "Send"], Imported], client: "OtlpClient"
) -> tuple[list[Imported], list[HeraldError]]:
    """Import file by file; return what was sent and why the others were refused, which is said at once too."""
    imported: list[Imported] = []
    refused: list[HeraldError] = []
    with closing(client):
        send = partial(client.send, deadline_s=_PATIENCE_S)
        for path in files:
            try:
                imported.append(import_one(path, send))
            except InvalidInputError as exc:
                refused.append(exc)
                say(f"herald: {exc}")
    return imported, refused


def _print_import(snapshots: "list[Snapshot]", refused: list[HeraldError], *, as_json: bool) -> None:
    totals = {
        "files": len(snapshots),
        "files_refused": len(refused),
        "stored": sum(s.stored for s in snapshots),
        "flagged": sum(s.flagged for s in snapshots),
        "refused": sum(len(s.refused) for s in snapshots),
    }
    if as_json:
        each = [
            {
                "file": s.file,
                "backend": s.backend,
                "stored": s.stored,
                "flagged": s.flagged,
                "refused": [{"place": r.place, "reason": r.reason} for r in s.refused],
            }
            for s in snapshots
        ]
        print_json({**totals, "snapshots": each, "errors": [str(error) for error in refused]})
        return
    for snapshot in snapshots:
        for refusal in snapshot.refused:
            say(f"{snapshot.file}: {refusal.place}: {refusal.reason}")
    rows = [(s.backend, str(s.stored), str(s.flagged), str(len(s.refused))) for s in snapshots]
    print_table(("Backend", "Stored", "Flagged", "Refused"), rows)
    say(
        f"{totals['files']} files: {totals['stored']:,} values stored or there already, "
        f"{totals['flagged']} flagged, "
        f"{totals['refused']} refused; {totals['files_refused']} files refused"
    )
