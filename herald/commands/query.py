"""`herald query`: the questions of a postmortem review, asked of the database by name."""

import csv
import difflib
import sys
import time
from enum import StrEnum
from typing import Annotated, Any

import typer

from herald.commands.options import AsJson, Data, DatabaseUrl
from herald.databases import find_database
from herald.moments import parse_moment
from herald.output import print_json, print_table, say
from herald.question import Asked, find_asked, render_cell, value_for_json
from herald.settings import DEFAULT_DATA, DataDirectory
from herald.whom import check_named
from model.clock import format_time
from model.errors import InvalidInputError
from model.windows import Window
from store import PostmortemQuery, Store, TableRows, list_postmortem_queries, run_readonly

_EXAMPLES = """Example: herald query changes --alert 12

Example: herald query fidelity_histogram --from 2026-11-27T08:00Z --to 2026-11-27T10:00Z --device mem-delft

Example: herald query telemetry_gaps --from now-6h --csv"""


class Form(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    SQL = "sql"


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command(epilog=_EXAMPLES)(query)


def query(
    name: Annotated[str | None, typer.Argument(help="Name of a query; without it, all are listed.")] = None,
    *,
    list_all: Annotated[bool, typer.Option("--list", help="List the queries with their questions.")] = False,
    start: Annotated[str, typer.Option("--from", help="ISO 8601, or now-6h.")] = "now-2h",
    end: Annotated[str, typer.Option("--to", help="ISO 8601, or now.")] = "now",
    device: Annotated[str, typer.Option(help="Only what concerns this device.")] = "",
    link: Annotated[str, typer.Option(help="Only what concerns this link.")] = "",
    backend: Annotated[str, typer.Option(help="Only what concerns this backend.")] = "",
    site: Annotated[str, typer.Option(help="Only what concerns this site.")] = "",
    tenant: Annotated[str, typer.Option(help="Only what concerns this tenant.")] = "",
    alert: Annotated[int | None, typer.Option(help="Id of an alert: sets the range and whom it is about.")] = None,
    incident: Annotated[int | None, typer.Option(help="Id of an incident: does the same.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many rows at most.")] = 10_000,
    timeout_s: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds that it may take.")] = 30.0,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV with a header.")] = False,
    as_sql: Annotated[bool, typer.Option("--sql", help="Print the statement for psql and for Grafana.")] = False,
) -> None:
    """Ask a question of a postmortem review. It only reads; NAME --list says what every column of an answer holds."""
    if name is None or list_all:
        _list(list_postmortem_queries() if name is None else (_find(name),), as_json=as_json, told=name is not None)
        return
    wanted, form = _find(name), _form(as_json=as_json, as_csv=as_csv, as_sql=as_sql)
    is_offline = form is Form.SQL and alert is None and incident is None
    url = "" if is_offline else find_database(database, DataDirectory(data))
    now_ns = time.time_ns()
    window = Window(start_ns=parse_moment(start, now_ns), end_ns=parse_moment(end, now_ns))
    named = [entity for entity in (device, link, backend, site, tenant) if entity]
    asked = find_asked(url, window, named, alert=alert, incident=incident)
    if url and named:
        with Store(url) as store:
            check_named(store, named[0])
    if form is Form.SQL:
        sys.stdout.write(f"-- psql\n{wanted.ask(asked.window, asked.about)};\n-- Grafana\n{wanted.grafana};\n")
        return
    answer = run_readonly(url, wanted.ask(asked.window, asked.about), row_limit=limit, timeout_s=timeout_s)
    _print(form, wanted, asked, answer)
    if answer.truncated:
        say(f"only the first {limit} rows are shown; ask for more with --limit")


def _form(*, as_json: bool, as_csv: bool, as_sql: bool) -> Form:
    wanted = [form for form, on in ((Form.JSON, as_json), (Form.CSV, as_csv), (Form.SQL, as_sql)) if on]
    if len(wanted) > 1:
        raise InvalidInputError("an answer has one form", remedy="give one of --json, --csv and --sql")
    return wanted[0] if wanted else Form.TABLE


def _find(name: str) -> PostmortemQuery:
    known = {query.name: query for query in list_postmortem_queries()}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
        remedy = f"did you mean {' or '.join(near)}?" if near else "see herald query --list"
        raise InvalidInputError(f"there is no query {name!r}", remedy=remedy)
    return known[name]


def _list(queries: tuple[PostmortemQuery, ...], *, as_json: bool, told: bool) -> None:
    if as_json:
        print_json({"queries": [_described(query) for query in queries]})
        return
    print_table(("Query", "Question"), [(query.name, query.question) for query in queries])
    if told:
        print_table(("Column", "What it holds"), list(queries[0].columns.items()))


def _described(query: PostmortemQuery) -> dict[str, Any]:
    return {
        "name": query.name,
        "question": query.question,
        "catalogue": list(query.catalogue_ids),
        "columns": query.columns,
        "example": query.example,
    }


def _print(form: Form, query: PostmortemQuery, asked: Asked, answer: TableRows) -> None:
    names = [column.name for column in answer.columns]
    if form is Form.JSON:
        rows = [dict(zip(names, map(value_for_json, row), strict=True)) for row in answer.rows]
        about = {
            "from": format_time(asked.window.start_ns),
            "to": format_time(asked.window.end_ns),
            "about": asked.about,
        }
        print_json({**_described(query), **about, "rows": rows})
    elif form is Form.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([["" if cell is None else value_for_json(cell) for cell in row] for row in answer.rows])
    else:
        print_table(names, [[render_cell(cell) for cell in row] for row in answer.rows])
        if not answer.rows:
            say("nothing: the answer has no rows")
