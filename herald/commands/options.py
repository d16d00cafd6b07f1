"""Options that several commands share, with one wording."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path,
    typer.Option("--data", envvar="HERALD_DATA", help="Where the database, the spool and the logs are kept."),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="HERALD_DATABASE",
        help="postgresql:// URL; without it, the embedded PostgreSQL that runs on --data.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document to stdout.")]
Fleet = Annotated[
    Path | None,
    typer.Option("--fleet", envvar="HERALD_FLEET", help="Fleet file (YAML); without it, the shipped default fleet."),
]
Objectives = Annotated[
    Path | None,
    typer.Option(
        "--objectives",
        envvar="HERALD_OBJECTIVES",
        help="Folder of OpenSLO files; without it, the shipped objectives.",
    ),
]
PageUrl = Annotated[
    str,
    typer.Option("--page-url", envvar="HERALD_PAGE_URL", help="Webhook that Alertmanager posts pages to."),
]
TicketUrl = Annotated[
    str,
    typer.Option("--ticket-url", envvar="HERALD_TICKET_URL", help="Webhook that Alertmanager posts tickets to."),
]
WebUrl = Annotated[
    str,
    typer.Option("--web-url", envvar="HERALD_WEB_URL", help="Where links in alerts lead."),
]
