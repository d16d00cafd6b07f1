"""`herald incident` and `herald note`: what people do about incidents, and what they write down meanwhile."""

import time
from collections.abc import Callable
from typing import Annotated, Any

import typer

from herald.actor import name_actor
from herald.commands.options import AsJson, Data, DatabaseUrl
from herald.databases import find_database
from herald.incident_words import describe_incident, render_length
from herald.incidents import (
    IncidentPolicy,
    acknowledge,
    add_note,
    change_incident,
    mitigate,
    read_incident,
    resolve,
)
from herald.moments import parse_moment
from herald.output import print_json, print_table, say
from herald.settings import DEFAULT_DATA, DataDirectory
from herald.whom import find_strangers
from model.clock import DAY_NS, format_time
from model.errors import InvalidInputError
from model.names import ATTR_HERALD_DOMAIN
from model.registry import load_registry
from model.windows import Window
from store import IncidentRow, Store

app = typer.Typer(help="Incidents: what the engine or a person opened, and how far it is.", no_args_is_help=True)

Who = Annotated[
    str | None,
    typer.Option("--as", envvar="HERALD_ACTOR", help="Who does this, for the audit log; default: your user name."),
]
Number = Annotated[int, typer.Argument(help="Its id, as herald incident list shows it.", min=1)]
Take = Callable[[IncidentRow, int, str], IncidentRow]
"""What a step makes of an incident at a moment, and who takes it."""
_POLICY = IncidentPolicy()


def register(root: typer.Typer) -> None:
    """Add the group and `note` to the root."""
    root.add_typer(app, name="incident")
    root.command(epilog='Example: herald note 12 "pump restarted, T2 recovers"')(note)


@app.command("list", epilog="Example: herald incident list --days 7 --json")
def list_incidents(
    *,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back closed ones are listed.")] = 28,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """List incidents: those that are not resolved first, then the newest."""
    now_ns = time.time_ns()
    with Store(find_database(database, DataDirectory(data))) as store:
        rows = store.read_incidents(Window(start_ns=now_ns - days * DAY_NS, end_ns=now_ns))
    if as_json:
        print_json({"incidents": [describe_incident(row) for row in rows]})
        return
    print_table(("Id", "State", "Opened", "Repaired in", "Alerts", "Entities", "Title"), map(_line, rows))


@app.command(epilog="Example: herald incident show 12")
def show(number: Number, *, data: Data = DEFAULT_DATA, database: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Show one incident: its times, who acted, its alerts and its notes."""
    with Store(find_database(database, DataDirectory(data))) as store:
        row = read_incident(store, number)
        alerts = store.read_alerts_of(row.alert_ids)
    if as_json:
        print_json(describe_incident(row, alerts))
        return
    print_table(("", ""), _facts(row))
    for alert in alerts:
        over = "fires still" if alert.resolved_ns is None else f"until {format_time(alert.resolved_ns)}"
        entity = ", ".join(value for _, value in alert.group)
        say(
            f"alert {alert.alert_id}: {alert.severity} {alert.objective} {entity}, {format_time(alert.fired_ns)} "
            + over
        )
    for each in row.notes:
        say(f"{format_time(each.at_ns)} {each.author}: {each.text}")


@app.command(
    "open", epilog="Example: herald incident open 'fibre cut at the canal' --entity link-delft-hague --from now-20m"
)
def open_incident(
    title: Annotated[str, typer.Argument(help="What is wrong, in a few words.")],
    *,
    entity: Annotated[
        list[str] | None,
        typer.Option(help="What hurts, as the topology names it; may be repeated. Its alerts join by themselves."),
    ] = None,
    start: Annotated[str, typer.Option("--from", help="When it began to hurt, e.g. now-20m.")] = "now",
    domain: Annotated[str, typer.Option(help="In whose mean times it counts, e.g. memory; default: in none's.")] = "",
    who: Who = None,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Open an incident by hand: for what nothing has paged about."""
    now_ns, actor = time.time_ns(), name_actor(who)
    impact_ns = parse_moment(start, now_ns)
    if not title.strip():
        raise InvalidInputError("an incident needs a title", remedy="say in a few words what is wrong")
    if impact_ns > now_ns:
        raise InvalidInputError("it begins in the future", place="--from", remedy="give a time that has been")
    row = IncidentRow(
        title=" ".join(title.split()),
        domain=_domain(domain),
        entities=tuple(dict.fromkeys(entity or ())),
        impact_ns=impact_ns,
        detected_ns=now_ns,
        opened_ns=now_ns,
        opened_by=actor,
    )
    with Store(find_database(database, DataDirectory(data))) as store, store.acting(actor):
        number = store.add_incident(row, _POLICY.pin(row))
        row = read_incident(store, number)
        strangers = [*find_strangers(store, row.entities)]
    for words in strangers:
        say(f"{words}; alerts of it cannot join")
    if as_json:
        print_json(describe_incident(row))
        return
    say(f"incident {number} is open; telemetry around it is kept")


def _add_step(name: str, take: Take, *, text: str, example: str) -> None:
    @app.command(name, help=text, epilog=f"Example: {example}")
    def step(
        number: Number,
        *,
        who: Who = None,
        data: Data = DEFAULT_DATA,
        database: DatabaseUrl = None,
        as_json: AsJson = False,
    ) -> None:
        row = _change(number, take, who=name_actor(who), url=find_database(database, DataDirectory(data)))
        if as_json:
            print_json(describe_incident(row))
            return
        say(f"incident {number} is {row.state}")


_add_step("acknowledge", acknowledge, text="Say that you look after it.", example="herald incident acknowledge 12")
_add_step(
    "mitigate",
    mitigate,
    text="Say that nobody is hurt any more, though its cause may still be there.",
    example="herald incident mitigate 12 --as ann",
)
_add_step(
    "resolve",
    resolve,
    text="Close it. It opens again if one of its pages fires again within the hour.",
    example="herald incident resolve 12",
)


def note(
    number: Number,
    text: Annotated[str, typer.Argument(help="What was seen, tried or decided.")],
    *,
    who: Who = None,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Write a note into an incident; postmortems show it in the timeline."""

    def take(was: IncidentRow, now_ns: int, actor: str) -> IncidentRow:
        return add_note(was, now_ns, actor, text)

    actor = name_actor(who)
    row = _change(number, take, who=actor, url=find_database(database, DataDirectory(data)))
    if as_json:
        print_json(describe_incident(row))
        return
    say(f"incident {number}: noted as {actor}")


def _change(number: int, take: Take, *, who: str, url: str) -> IncidentRow:
    now_ns = time.time_ns()
    with Store(url) as store:
        return change_incident(store, number, lambda was: take(was, now_ns, who), actor=who, policy=_POLICY)


def _domain(domain: str) -> str:
    known = load_registry().attributes[ATTR_HERALD_DOMAIN].members
    if domain and domain not in known:
        raise InvalidInputError(
            f"{domain!r} is no domain", place="--domain", remedy=f"choose one of {', '.join(known)}"
        )
    return domain


def _line(row: IncidentRow) -> tuple[str, ...]:
    lasted = "-" if row.resolved_ns is None else render_length(row.resolved_ns - row.detected_ns)
    alerts, entities = str(len(row.alert_ids)), ", ".join(row.entities) or "-"
    return str(row.incident_id), row.state, format_time(row.opened_ns), lasted, alerts, entities, row.title


def _facts(row: IncidentRow) -> list[tuple[str, str]]:
    told: dict[str, Any] = describe_incident(row)
    times = ("impact", "detected", "opened", "acknowledged", "mitigated", "resolved", "closed")
    by = {name: f" by {told[f'{name}_by']}" for name in times if told.get(f"{name}_by")}
    return [
        ("incident", f"{row.incident_id}: {row.title}"),
        ("state", row.state),
        ("domain", row.domain or "-"),
        ("entities", ", ".join(row.entities) or "-"),
        *((name, f"{told[name]}{by.get(name, '')}") for name in times if told[name]),
    ]
