"""Options that several commands share, with one wording."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from exporters import Credentials

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
PlatformUrl = Annotated[
    str,
    typer.Option(
        "--platform-url",
        envvar="HERALD_PLATFORM_URL",
        help="Webhook that Alertmanager posts tickets for the platform team to.",
    ),
]
WebUrl = Annotated[
    str,
    typer.Option("--web-url", envvar="HERALD_WEB_URL", help="Where links in alerts lead."),
]

# For agents; never the secret itself: a command line can be read by every user of the machine.
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        envvar="HERALD_TOKEN_FILE",
        help="File with the token to send; without it, the variable HERALD_TOKEN.",
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option("--ca-file", envvar="HERALD_CA_FILE", help="PEM file with the CA of the collector's certificate."),
]
ClientCertificate = Annotated[
    Path | None,
    typer.Option("--client-certificate", envvar="HERALD_CLIENT_CERTIFICATE", help="PEM file, for mutual TLS."),
]
ClientKey = Annotated[
    Path | None,
    typer.Option("--client-key", envvar="HERALD_CLIENT_KEY", help="PEM file with the key of that certificate."),
]


def find_credentials(
    token_file: Path | None, ca_file: Path | None, client_certificate: Path | None, client_key: Path | None
) -> "Credentials":
    """Return what the options and the variable HERALD_TOKEN give. Raises InvalidInputError for unreadable files."""
    from exporters import Credentials, TokenFile  # noqa: PLC0415  # the SDK takes a while to import

    given = os.environ.get("HERALD_TOKEN", "").strip()
    return Credentials(
        token=TokenFile(token_file) if token_file else lambda: given,
        ca_file=ca_file,
        client_certificate=client_certificate,
        client_key=client_key,
    )


ReportsInto = Annotated[
    Path | None,
    typer.Option(
        "--reports",
        help="Write reports of what has ended into this folder, in all formats: months and quarters, of the fleet and"
        " of each service, and each Monday the last 28 days.",
    ),
]
ReportZone = Annotated[
    str,
    typer.Option(
        "--report-zone",
        envvar="HERALD_REPORT_ZONE",
        help="On whose clocks the months of reports begin: an IANA time zone.",
    ),
]
