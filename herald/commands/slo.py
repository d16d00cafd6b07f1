"""`herald slo`: check objective files, list objectives, say how they stand."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from herald.commands.options import AsJson, Data, DatabaseUrl, Objectives
from herald.commands.slo_backtest import backtest
from herald.commands.slo_gate import gate
from herald.databases import find_database
from herald.moments import parse_moment
from herald.objective_words import describe_objective, render_method, render_window
from herald.objectives import load_shipped_or
from herald.output import print_json, print_table, say
from herald.settings import DEFAULT_DATA, DataDirectory
from herald.standings import Standing, read_standings, with_uncounted
from model.clock import format_time
from model.windows import render_duration
from reports.numbers import render_count, render_ratio
from slo.openslo import FileReport, Finding, Lint, read_files
from store import Store

app = typer.Typer(help="Objectives: check, list, status, gate, backtest.", no_args_is_help=True)

_NO = 1


@app.command(epilog="Example: herald slo check objectives/*.yaml --json")
def check(
    files: Annotated[
        list[Path], typer.Argument(help="OpenSLO v1 files; references are resolved across all of them.")
    ],
    strict: Annotated[bool, typer.Option("--strict", help="Judge as the OpenSLO reference SDK does.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with objective files: every error of every file at once."""
    reports = read_files(files, strict=strict).reports
    if as_json:
        print_json({"files": [report.as_dict() for report in reports]})
    else:
        for report in reports:
            _say_report(report)
    if not all(report.valid for report in reports):
        raise typer.Exit(_NO)


@app.command("list", epilog="Example: herald slo list --json")
def list_objectives(objectives: Objectives = None, as_json: AsJson = False) -> None:
    """List the objectives with their targets, windows and methods."""
    loaded = load_shipped_or(objectives)
    if as_json:
        print_json({"objectives": [describe_objective(objective) for objective in loaded]})
        return
    rows = [
        (
            o.name,
            o.catalogue_id,
            render_ratio(float(o.target), 1),
            render_window(o),
            render_method(o),
            o.owner,
            o.display_name,
        )
        for o in loaded
    ]
    print_table(("Objective", "Catalogue", "Target", "Window", "Method", "Owner", "Means"), rows)


@app.command(epilog="Example: herald slo status --json | jq '.objectives[] | select(.state != \"ok\")'")
def status(
    *,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="How it stood then, by all that is known now; e.g. now-6h.")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option("--known-at", help="What was known then, before late data and exclusions.")
    ] = None,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    objectives: Objectives = None,
    as_json: AsJson = False,
) -> None:
    """Say how every objective stands, or stood, worst first."""
    now_ns = time.time_ns()
    as_of_ns, known_at_ns = (None if text is None else parse_moment(text, now_ns) for text in (as_of, known_at))
    with Store(find_database(database, DataDirectory(data))) as store:
        loaded = load_shipped_or(objectives)
        at_ns, standings = read_standings(store, loaded, as_of_ns=as_of_ns, known_at_ns=known_at_ns)
    if known_at_ns is None:  # what was not known then is not told at all
        standings = with_uncounted(standings, loaded, at_ns)
    if as_json:
        print_json({"as_of": format_time(at_ns), "objectives": [_standing(standing) for standing in standings]})
        return
    rows = [
        (
            s.objective.name,
            s.entity,
            render_ratio(float(s.objective.target), 1),
            render_ratio(_float(s.status.sli)),
            f"{render_count(s.status.bad)} of {render_count(s.status.total)}",
            render_ratio(_float(s.status.budget_remaining), 1),
            s.status.state.value,
            str(s.excluded_minutes),
        )
        for s in standings
    ]
    print_table(
        ("Objective", "Entity", "Target", "Attained", "Bad", "Budget left", "State", "Minutes excluded"), rows
    )
    say(f"as of {format_time(at_ns)}")


app.command(epilog="Example: herald slo gate memory-read-success --min-budget 0.25 && deploy-firmware")(gate)
app.command(epilog="Example: herald slo backtest my-objective.yaml --from now-7d --to now")(backtest)


def _say_report(report: FileReport) -> None:
    for error in report.errors:
        say(f"{_place(report, error)}: {error.message} [{error.code}]")
    for lint in report.lints:
        say(f"{_place(report, lint)}: {lint.message} [lint: {lint.code}]")
    say(f"{report.file}: {'valid' if report.valid else 'invalid'}")


def _place(report: FileReport, finding: Finding | Lint) -> str:
    """Return `file:line: path`, without what is unknown, as where the file itself cannot be read."""
    line = f":{finding.line}" if finding.line else ""
    path = f": {finding.path}" if finding.path else ""
    return f"{report.file}{line}{path}"


def _standing(standing: Standing) -> dict[str, Any]:
    status = standing.status
    return {
        "objective": standing.objective.name,
        "group": dict(standing.group),
        "target": float(standing.objective.target),
        "window": render_duration(standing.objective.window_ns),
        "good": status.good,
        "total": status.total,
        "coverage": float(status.coverage),
        "sli": _float(status.sli),
        "budget_remaining": _float(status.budget_remaining),
        "burn": {window: _float(burn) for window, burn in status.burns.items()},
        "state": status.state.value,
        "verdict": status.verdict.value,
        "excluded_minutes": standing.excluded_minutes,
        "last_data_at": None if status.last_data_ns is None else format_time(status.last_data_ns),
    }


def _float(number: Any) -> float | None:
    return None if number is None else float(number)
