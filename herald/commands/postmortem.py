"""`herald postmortem`: what happened, what it cost, and what most likely caused it."""

import time
from pathlib import Path
from typing import Annotated

import typer

from herald import VERSION
from herald.commands.options import Data, DatabaseUrl, Objectives
from herald.commands.report import Format, write_document
from herald.databases import find_database
from herald.engine_state import read_judged_to
from herald.incidents import read_incident
from herald.moments import parse_moment
from herald.objectives import load_shipped_or
from herald.settings import DEFAULT_DATA, DataDirectory
from model.errors import InvalidInputError
from model.windows import Window, floor_minute
from store import Store


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command(epilog="Example: herald postmortem --alert 12 --format html --out incident.html")(postmortem)


def postmortem(
    *,
    alert: Annotated[int | None, typer.Option(help="Id of an alert, as /alerts shows it.")] = None,
    incident: Annotated[int | None, typer.Option(help="Id of an incident, as herald incident list shows it.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="ISO 8601, or now-6h.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="ISO 8601, or now.")] = None,
    device: Annotated[str | None, typer.Option(help="Id of a device or link; needed with --from and --to.")] = None,
    as_format: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.MD,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; default: stdout.")] = None,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    objectives: Objectives = None,
) -> None:
    """Write what the record says about an alert, an incident, or a device in a stretch of time."""
    from herald.incident_postmortem import describe_row  # noqa: PLC0415
    from herald.postmortem import (  # noqa: PLC0415  # charts take half a second to import
        collect_postmortem,
        describe_stretch,
        find_incident,
    )
    from reports import render_postmortem as rendered  # noqa: PLC0415

    render = {
        Format.MD: rendered.render_postmortem_markdown,
        Format.HTML: rendered.render_postmortem_html,
        Format.JSON: rendered.render_postmortem_json,
    }
    loaded = load_shipped_or(objectives)
    with Store(find_database(database, DataDirectory(data))) as store:
        now_ns = read_judged_to(store) or floor_minute(time.time_ns())  # an unfinished minute looks like a collapse
        row = None if incident is None else read_incident(store, incident)
        if row is not None:
            told = describe_row(row, now_ns=now_ns)
        elif alert is not None:
            told = find_incident(store, loaded, alert, now_ns=now_ns)
        elif start is not None and end is not None and device is not None:
            window = Window(start_ns=parse_moment(start, now_ns), end_ns=parse_moment(end, now_ns))
            told = describe_stretch(device, window)
        else:
            raise InvalidInputError("write about what?", remedy="--alert, --incident, or --from, --to and --device")
        collected = collect_postmortem(store, loaded, told, version=VERSION, row=row)
    write_document(render[as_format](collected), out)
