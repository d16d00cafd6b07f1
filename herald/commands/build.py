"""`herald rules build` and `herald dashboards build`: configuration for Prometheus, Alertmanager and Grafana."""

from pathlib import Path
from typing import Annotated

import typer

from alert_rules import Webhooks, build
from alert_rules.mutes import load_mutes
from herald.commands.options import Objectives, PageUrl, PlatformUrl, TicketUrl, WebUrl
from herald.objectives import load_shipped_or
from herald.output import say
from herald.settings import WEB_PORT

rules_app = typer.Typer(help="Rules for Prometheus and routes for Alertmanager.", no_args_is_help=True)
dashboards_app = typer.Typer(help="Dashboards and provisioning for Grafana.", no_args_is_help=True)

Out = Annotated[Path, typer.Option("--out", help="Folder to write to; made if missing.")]
_NO = 1
_WEBHOOKS = Webhooks()


@rules_app.command("build", epilog="Example: herald rules build --out build/rules --mutes mutes.yaml")
def build_rule_files(
    *,
    out: Out,
    objectives: Objectives = None,
    page_url: PageUrl = _WEBHOOKS.page_url,
    ticket_url: TicketUrl = _WEBHOOKS.ticket_url,
    platform_url: PlatformUrl = _WEBHOOKS.platform_url,
    web_url: WebUrl = f"http://localhost:{WEB_PORT}",
    mutes: Annotated[
        Path | None,
        typer.Option(
            "--mutes",
            envvar="HERALD_MUTES",
            help="YAML list of {name, matchers, times}: at these times Alertmanager notifies nobody of such alerts.",
        ),
    ] = None,
    sloth: Annotated[
        bool,
        typer.Option("--sloth", help="Record under Sloth's names and labels too, for dashboards made for Sloth."),
    ] = False,
) -> None:
    """Write Prometheus' rules, promtool's tests of them, and alertmanager.yml.

    Check them: promtool test rules prometheus/tests/*.yml; amtool check-config alertmanager.yml.
    """
    webhooks = Webhooks(page_url=page_url, ticket_url=ticket_url, platform_url=platform_url)
    scheduled = load_mutes(mutes) if mutes is not None else ()
    written = build(
        out,
        objectives=load_shipped_or(objectives),
        webhooks=webhooks,
        base_url=web_url,
        mutes=scheduled,
        sloth=sloth,
    )
    for path in written:
        say(f"wrote {path}")


@dashboards_app.command("build", epilog="Example: herald dashboards build --out build/grafana")
def build_board_files(
    out: Out,
    objectives: Objectives = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if a file would change.")
    ] = False,
) -> None:
    """Write Grafana's dashboard JSON and provisioning files."""
    from dashboards import check_boards, write_boards  # noqa: PLC0415  # grafanalib takes a while to import

    loaded = load_shipped_or(objectives)
    if not check:
        for path in write_boards(out, loaded):
            say(f"wrote {path}")
        return
    stale = check_boards(out, loaded)
    for name in stale:
        say(f"out of date: {name}")
    if stale:
        raise typer.Exit(_NO)
