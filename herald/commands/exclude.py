"""`herald exclude`: time that does not count against error budgets, afterwards too."""

import time
from typing import Annotated, Any

import typer

from herald.actor import name_actor
from herald.commands.options import AsJson, Data, DatabaseUrl
from herald.databases import find_database
from herald.moments import parse_moment
from herald.output import print_json, print_table, say
from herald.rows import kinds_left_out
from herald.settings import DEFAULT_DATA, DataDirectory
from model.clock import format_time
from model.errors import InvalidInputError
from slo import Excluded
from slo.exclusions import KINDS
from slo.recurrence import check_rule, find_zone
from store import ExclusionRow, Store

app = typer.Typer(help="Time that does not count against error budgets.", no_args_is_help=True)

Who = Annotated[
    str | None,
    typer.Option("--as", envvar="HERALD_ACTOR", help="Who does this, for the audit log; default: your user name."),
]


@app.command(
    epilog="Example: herald exclude add maintenance --device mem-delft --from 2026-03-01T02:00:00Z "
    "--to 2026-03-01T04:00:00Z --why 'pump replaced'"
)
def add(
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(KINDS)}; objectives name those that they allow.")],
    *,
    start: Annotated[str, typer.Option("--from", help="Its beginning, in the past too, e.g. 2026-03-01T02:00:00Z.")],
    why: Annotated[str, typer.Option(help="The reason, for those who read the report.")],
    end: Annotated[str | None, typer.Option("--to", help="Its end; without it, until it is revoked.")] = None,
    device: Annotated[str | None, typer.Option(help="Only this device.")] = None,
    link: Annotated[str | None, typer.Option(help="Only this link.")] = None,
    entity: Annotated[
        list[str] | None, typer.Option(help="Only where a column has a value, e.g. slot=slot-3; may be repeated.")
    ] = None,
    rule: Annotated[str, typer.Option("--rrule", help="Comes again by this RRULE, e.g. FREQ=WEEKLY;BYDAY=SU.")] = "",
    zone: Annotated[str, typer.Option(help="On the clock of this time zone, e.g. Europe/Amsterdam.")] = "UTC",
    mode: Annotated[
        Excluded | None, typer.Option(help="Leave its events out, or count all as good; default: as objectives say.")
    ] = None,
    who: Who = None,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Exclude a stretch of time; exactly the minutes it touches are counted again."""
    actor, now_ns = name_actor(who), time.time_ns()
    row = ExclusionRow(
        kind=_kind(kind),
        matchers=_matchers(device, link, entity or []),
        start_ns=parse_moment(start, now_ns),
        end_ns=None if end is None else parse_moment(end, now_ns),
        rule=rule,
        zone=zone,
        mode=None if mode is None else mode.value,
        who=actor,
        why=_reason(why),
        source="",
        created_ns=now_ns,
    )
    _check(row)
    with Store(find_database(database, DataDirectory(data))) as store:
        number = store.add_exclusion(row, actor=actor)
        objectives = store.read_objectives()
    sparing = [each.name for each in objectives if kind in kinds_left_out(each)]
    if as_json:
        print_json({"id": number, **_describe(row), "objectives": sparing})
        return
    say(f"exclusion {number} of {_covers(row)}; a running engine counts its minutes again within 5 s")
    say(_sparing(kind, len(sparing), len(objectives)))


@app.command("list", epilog="Example: herald exclude list --all --json")
def list_exclusions(
    *,
    every: Annotated[bool, typer.Option("--all", help="Show the revoked ones too.")] = False,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """List what is excluded, why, and who said so."""
    with Store(find_database(database, DataDirectory(data))) as store:
        rows = store.read_exclusions(revoked_too=every)
    if as_json:
        print_json({"exclusions": [{"id": row.exclusion_id, **_describe(row)} for row in rows]})
        return
    table = [
        (
            str(row.exclusion_id),
            row.kind,
            _covers(row),
            format_time(row.start_ns),
            "-" if row.end_ns is None else format_time(row.end_ns),
            f"{row.rule} {row.zone}" if row.rule else "-",
            row.mode or "as the objective says",
            "revoked" if row.revoked_ns is not None else "in force",
            row.who,
            row.why,
        )
        for row in rows
    ]
    print_table(("Id", "Kind", "Covers", "From", "To", "Again", "Events", "State", "Who", "Why"), table)


@app.command(epilog="Example: herald exclude revoke 7")
def revoke(
    number: Annotated[int, typer.Argument(help="Its id, as herald exclude list shows it.")],
    *,
    who: Who = None,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Take an exclusion back; it stays in the list of all, and its minutes count again."""
    with Store(find_database(database, DataDirectory(data))) as store:
        store.revoke_exclusion(number, now_ns=time.time_ns(), actor=name_actor(who))
    if as_json:
        print_json({"id": number, "revoked": True})
        return
    say(f"exclusion {number} is revoked; a running engine counts its minutes again within 5 s")


def _sparing(kind: str, sparing: int, objectives: int) -> str:
    if sparing or not objectives:
        return f"{sparing} of {objectives} objectives leave {kind} out"
    return f"no objective leaves {kind} out, so nothing changes: their files say so with herald.dev/exclude: {kind}"


def _check(row: ExclusionRow) -> None:
    """Raise InvalidInputError for a time or a rule that cannot be meant."""
    if row.end_ns is not None and row.end_ns <= row.start_ns:
        raise InvalidInputError("it ends before it begins", place="--to", remedy="swap --from and --to")
    if not row.rule:
        find_zone(row.zone)
        return
    check_rule(row.rule, row.zone)
    if row.end_ns is None:
        raise InvalidInputError("what comes again must end", place="--rrule", remedy="give the first end with --to")


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise InvalidInputError(f"{kind!r} is no kind of exclusion", remedy=f"choose one of {', '.join(KINDS)}")
    return kind


def _reason(why: str) -> str:
    if not why.strip():
        raise InvalidInputError("an exclusion needs a reason", place="--why", remedy="say it in a few words")
    return why.strip()


def _matchers(device: str | None, link: str | None, entities: list[str]) -> dict[str, str]:
    matchers = {column: value for column, value in (("device", device), ("link", link)) if value}
    for text in entities:
        column, equals, value = text.partition("=")
        if not (column and equals and value):
            raise InvalidInputError(f"{text!r} is not COLUMN=VALUE", place="--entity", remedy="e.g. slot=slot-3")
        matchers[column] = value
    return matchers


def _covers(row: ExclusionRow) -> str:
    return ", ".join(f"{column} {value}" for column, value in sorted(row.matchers.items())) or "the whole fleet"


def _describe(row: ExclusionRow) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "matchers": dict(row.matchers),
        "from": format_time(row.start_ns),
        "to": None if row.end_ns is None else format_time(row.end_ns),
        "rrule": row.rule or None,
        "zone": row.zone,
        "mode": row.mode,
        "who": row.who,
        "why": row.why,
        "source": row.source or None,
        "created": format_time(row.created_ns),
        "revoked": None if row.revoked_ns is None else format_time(row.revoked_ns),
    }
