"""`herald report`: all objectives over a window or a calendar period, as Markdown, HTML, PDF, JSON or CSV."""

import sys
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from herald import VERSION
from herald.commands.options import Data, DatabaseUrl, Objectives
from herald.databases import find_database
from herald.moments import parse_moment
from herald.objectives import load_shipped_or
from herald.output import say
from herald.report_period import ReportPeriod, name_report, name_rolling, parse_period, rolling_period
from herald.settings import DEFAULT_DATA, DataDirectory
from model.clock import DAY_NS, HOUR_NS, format_time
from model.errors import InvalidInputError
from model.files import write_bytes
from model.windows import floor_minute, parse_duration
from slo import Objective
from slo.recurrence import find_zone
from store import Store

if TYPE_CHECKING:
    from reports.slo_report import Report

_WINDOW = "28d"
_LONGEST_NS = 366 * DAY_NS
_EXAMPLES = """Example: herald report --window 7d

Example: herald report --period 2026-10 --zone Europe/Amsterdam --format pdf --out october.pdf

Example: herald report --period 2026-Q3 --service quantum-memory --to reports/

Example: herald report --window 7d --as-of 2026-11-23T00:00Z --to reports/
"""


class Format(StrEnum):
    """How a report is written."""

    MD = "md"
    HTML = "html"
    PDF = "pdf"
    JSON = "json"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command(epilog=_EXAMPLES)(report)


def report(
    *,
    window: Annotated[str | None, typer.Option(help="How far back, e.g. 7d; default: 28d.")] = None,
    period: Annotated[
        str | None, typer.Option(help="A calendar month 2026-10, quarter 2026-Q4 or year 2026 instead of --window.")
    ] = None,
    zone: Annotated[
        str,
        typer.Option(envvar="HERALD_REPORT_ZONE", help="Whose months: an IANA time zone, e.g. Europe/Amsterdam."),
    ] = "UTC",
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            help="The moment up to which it is told: ISO 8601 or now-6h; default: up to where all has been judged.",
        ),
    ] = None,
    service: Annotated[
        str | None, typer.Option(help="Only the objectives of this service, e.g. quantum-memory.")
    ] = None,
    as_format: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.MD,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; default: stdout.")] = None,
    directory: Annotated[
        Path | None, typer.Option("--to", help="Directory to write it to in every format, named by its period.")
    ] = None,
    web_url: Annotated[str, typer.Option("--web-url", help="Address of the web page, put before links to it.")] = "",
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    objectives: Objectives = None,
) -> None:
    """Say what was promised and what was kept."""
    from herald.slo_reports import collect_report  # noqa: PLC0415  # charts take half a second to import
    from herald.standings import read_judged  # noqa: PLC0415

    if (period and window) or (directory and out):
        raise InvalidInputError(
            "a report has one period and one place", remedy="give --period or --window, --out or --to"
        )
    length = window or _WINDOW
    chosen, asked = _choose(load_shipped_or(objectives), service), _period(period, length, zone)
    with Store(find_database(database, DataDirectory(data))) as store:
        known_ns = _moment(as_of, read_judged(store))
        told = asked(known_ns)
        collected = collect_report(
            store, chosen, told, version=VERSION, service=service or "", as_of_ns=known_ns, web_url=web_url
        )
    if directory is None:
        write_document(_render(collected, as_format), out)
        return
    asked_for = period or (f"last-{length}" if as_of is None else name_rolling(length, known_ns, zone))
    name = name_report(asked_for, told, service or "")
    for each, document in _render_all(collected):
        write_document(document, directory / f"{name}.{each.value}")


def _render(report: "Report", as_format: Format) -> str | bytes:
    return next(document for each, document in _render_all(report, (as_format,)) if each is as_format)


def _render_all(
    report: "Report", formats: Sequence[Format] = tuple(Format)
) -> "Iterator[tuple[Format, str | bytes]]":
    """Yield the report in these formats; HTML is the last: who sees it finds the others beside it."""
    from reports.render_html import lay_out_pdf, render_html  # noqa: PLC0415  # as above
    from reports.render_text import render_csv, render_json, render_markdown  # noqa: PLC0415

    texts = {Format.MD: render_markdown, Format.JSON: render_json, Format.CSV: render_csv}
    for each, render in texts.items():
        if each in formats:
            yield each, render(report)
    if Format.PDF in formats or Format.HTML in formats:
        page = render_html(report)
        if Format.PDF in formats:
            yield Format.PDF, lay_out_pdf(page)
        yield Format.HTML, page


def _period(period: str | None, window: str, zone: str) -> Callable[[int], ReportPeriod]:
    """Return what is asked for, given up to when it is known. Raises InvalidInputError."""
    find_zone(zone)
    if period is not None:
        return parse_period(period, zone).until
    length_ns = parse_duration(window)
    if length_ns < HOUR_NS:
        raise InvalidInputError(f"a report over {window} says nothing", remedy="give --window at least 1h")
    if length_ns > _LONGEST_NS:
        raise InvalidInputError(f"a report over {window} is too long", remedy="give --window at most 366d")
    return lambda known_ns: rolling_period(length_ns, known_ns, zone)


def _moment(as_of: str | None, judged_ns: int) -> int:
    """Return the moment up to which is told. Raises InvalidInputError for one that has not been judged yet."""
    if as_of is None:
        return judged_ns
    known_ns = floor_minute(parse_moment(as_of, judged_ns))
    if known_ns > judged_ns:
        raise InvalidInputError(
            f"nothing after {format_time(judged_ns)} has been judged yet", place="--as-of", remedy="ask for it later"
        )
    return known_ns


def _choose(objectives: Sequence[Objective], service: str | None) -> Sequence[Objective]:
    if service is None:
        return objectives
    chosen = [objective for objective in objectives if objective.service == service]
    if not chosen:
        known = ", ".join(sorted({objective.service for objective in objectives}))
        raise InvalidInputError(f"no objective belongs to a service {service!r}", remedy=f"choose one of {known}")
    return chosen


def write_document(document: str | bytes, out: Path | None) -> None:
    """Write a document to a file, or to stdout; raise DirectoryNotWritableError where that is not possible."""
    encoded = document.encode() if isinstance(document, str) else document
    if out is None:
        if isinstance(document, bytes) and sys.stdout.isatty():
            raise InvalidInputError("a PDF is nothing for a terminal", remedy="give --out FILE")
        sys.stdout.flush()
        sys.stdout.buffer.write(encoded)
        sys.stdout.buffer.flush()
        return
    say(f"wrote {write_bytes(out, encoded, remedy='choose another file')}")
