"""`herald report`: all objectives over a window, as Markdown, HTML or JSON."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from herald import VERSION
from herald.commands.options import Data, DatabaseUrl, Objectives
from herald.databases import find_database
from herald.objectives import load_shipped_or
from herald.output import say
from herald.settings import DEFAULT_DATA, DataDirectory
from model.clock import HOUR_NS
from model.errors import DirectoryNotWritableError, InvalidInputError
from model.windows import parse_duration
from store import Store


class Format(StrEnum):
    """How a report is written."""

    MD = "md"
    HTML = "html"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command(epilog="Example: herald report --window 28d --format html --out report.html")(report)


def report(
    *,
    window: Annotated[str, typer.Option(help="How far back, e.g. 7d or 28d.")] = "28d",
    as_format: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.MD,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; default: stdout.")] = None,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    objectives: Objectives = None,
) -> None:
    """Say what was promised and what was kept."""
    from herald.slo_report import collect_report  # noqa: PLC0415  # charts take half a second to import
    from reports.render_html import render_html  # noqa: PLC0415
    from reports.render_text import render_json, render_markdown  # noqa: PLC0415

    render = {Format.MD: render_markdown, Format.HTML: render_html, Format.JSON: render_json}
    length_ns = parse_duration(window)
    if length_ns < HOUR_NS:
        raise InvalidInputError(f"a report over {window} says nothing", remedy="give --window at least 1h")
    with Store(find_database(database, DataDirectory(data))) as store:
        collected = collect_report(store, load_shipped_or(objectives), length_ns=length_ns, version=VERSION)
    write_document(render[as_format](collected), out)


def write_document(text: str, out: Path | None) -> None:
    """Write a document to a file, or to stdout; raise DirectoryNotWritableError where that is not possible."""
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise DirectoryNotWritableError(f"cannot write {out}: {exc.strerror}", remedy="choose another file") from exc
    say(f"wrote {out}")
