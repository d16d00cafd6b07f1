"""`herald postmortem`: what happened, what it cost, and what most likely caused it."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from herald import VERSION
from herald.commands.options import Data, DatabaseUrl, Objectives
from herald.commands.report import Format, write_document
from herald.databases import find_database
from herald.engine_state import read_judged_to
from herald.incidents import read_incident
from herald.moments import parse_moment
from herald.objectives import load_shipped_or
from herald.output import say
from herald.settings import DEFAULT_DATA, DataDirectory
from model.clock import format_time
from model.errors import InvalidInputError
from model.windows import Window, floor_minute
from store import Store

if TYPE_CHECKING:
    from reports.postmortem import Incident


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command(epilog="Example: herald postmortem --alert 12 --format html --out incident.html")(postmortem)


def postmortem(
    *,
    alert: Annotated[int | None, typer.Option(help="Id of an alert, as /alerts shows it.")] = None,
    incident: Annotated[int | None, typer.Option(help="Id of an incident, as herald incident list shows it.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="ISO 8601, or now-6h.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="ISO 8601, or now.")] = None,
    device: Annotated[
        str | None,
        typer.Option(help="Id of a device or link, with --from and --to; default: what was paged about first."),
    ] = None,
    as_format: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.MD,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File to write; default: stdout. Markdown keeps what people wrote into it."),
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option("--into", help="Directory to write it to in every format; keeps what people wrote into it."),
    ] = None,
    web_url: Annotated[str, typer.Option("--web-url", help="Address of the web page, put before links to it.")] = "",
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    objectives: Objectives = None,
) -> None:
    """Write what the record says about an alert, an incident, or a device in a stretch of time."""
    from herald.incident_postmortem import describe_row  # noqa: PLC0415
    from herald.postmortem import collect_postmortem, find_incident  # noqa: PLC0415  # charts are slow to import
    from herald.postmortem_files import (  # noqa: PLC0415
        keep_written,
        name_postmortem,
        render_postmortem,
        write_postmortem,
    )
    from herald.postmortem_record import PostmortemRecord  # noqa: PLC0415
    from herald.stretch import find_stretch  # noqa: PLC0415

    if sum(named is not None for named in (alert, incident, start or end)) > 1:
        raise InvalidInputError(
            "a postmortem is about one thing", remedy="give one of --alert, --incident, and --from with --to"
        )
    if device is not None and (start is None or end is None):
        raise InvalidInputError("says whom a time is about", place="--device", remedy="give --from and --to")
    if out is not None and directory is not None:
        raise InvalidInputError("a postmortem goes to one place", remedy="give one of --out and --into")
    loaded = load_shipped_or(objectives)
    url = find_database(database, DataDirectory(data))
    with Store(url) as store:
        now_ns = read_judged_to(store) or floor_minute(time.time_ns())  # an unfinished minute looks like a collapse
        row = None if incident is None else read_incident(store, incident)
        if row is not None:
            told = describe_row(row, now_ns=now_ns)
        elif alert is not None:
            told = find_incident(store, loaded, alert, now_ns=now_ns)
        elif start is not None and end is not None:
            window = Window(start_ns=parse_moment(start, now_ns), end_ns=parse_moment(end, now_ns))
            told = find_stretch(store, window, judged_ns=now_ns, entity=device)
            _say_what_is_left_out(told, window)
        else:
            raise InvalidInputError("write about what?", remedy="give --alert, --incident, or --from and --to")
        record = PostmortemRecord(store, url)
        collected = collect_postmortem(record, loaded, told, version=VERSION, row=row, web_url=web_url)
    if directory is None:
        if out is not None and as_format is Format.MD:
            collected = keep_written(collected, out)
        write_document(render_postmortem(collected, as_format.value), out)
        return
    for file in write_postmortem(collected, directory, name_postmortem(told, alert=alert)):
        say(f"wrote {file}")


def _say_what_is_left_out(told: "Incident", asked: Window) -> None:
    known = Window(start_ns=told.impact_ns, end_ns=told.resolved_ns or told.window.end_ns)
    if known != asked:
        start, end = format_time(known.start_ns), format_time(known.end_ns)
        say(f"minutes are judged from {start} to {end}; the rest of that time is left out")
