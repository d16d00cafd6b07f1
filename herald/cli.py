"""The `herald` command: its subcommands stand in `herald/commands/`, one module per door.

Exit codes: 0 fine, 1 the answer is no, 2 bad usage or unreadable input, 3 a dependency is down, 130 interrupted.
"""

import sys

import typer

from herald import VERSION
from herald.commands import (
    build,
    data,
    exclude,
    fault,
    gameday,
    incident,
    postmortem,
    processes,
    query,
    report,
    slo,
    slo_history,
    token,
)
from herald.output import say
from model.errors import HeraldError

INTERRUPTED = 130

app = typer.Typer(
    name="herald",
    help="Observability and SLOs for quantum hardware.",
    epilog="First steps: herald up, then open the URL that it prints.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
processes.register(app)
app.add_typer(data.db_app, name="db")
app.add_typer(data.import_app, name="import")
app.add_typer(slo.app, name="slo")
slo_history.register(slo.app)
app.add_typer(exclude.app, name="exclude")
app.add_typer(build.rules_app, name="rules")
app.add_typer(build.dashboards_app, name="dashboards")
app.add_typer(gameday.app, name="gameday")
app.add_typer(fault.app, name="fault")
token.register(app)
report.register(app)
postmortem.register(app)
query.register(app)
incident.register(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"herald {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(  # eager: typer calls it before the command
        False, "--version", callback=_show_version, is_eager=True, help="Print the version and leave."
    ),
) -> None:
    pass


def main() -> None:
    """Run the command line; every error that Herald can explain is one sentence on stderr."""
    try:
        app()
    except HeraldError as exc:
        say(f"herald: {exc}")
        sys.exit(exc.exit_code)
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
