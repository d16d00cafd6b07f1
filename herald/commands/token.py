"""`herald token` and `herald audit`: who may send telemetry, and who changed what."""

import secrets
import sys
import time
from typing import Annotated

import typer

from herald.actor import name_actor
from herald.commands.options import AsJson, Data, DatabaseUrl
from herald.databases import find_database
from herald.output import print_json, print_table, say
from herald.settings import DEFAULT_DATA, DataDirectory
from model.access import SECRET_PREFIX, AgentToken, digest_secret
from model.clock import SECOND_NS, format_time
from model.errors import InvalidInputError
from model.windows import parse_duration
from store import AccessStore

app = typer.Typer(help="Tokens with which agents send telemetry.", no_args_is_help=True)

Who = Annotated[
    str | None,
    typer.Option("--as", envvar="HERALD_ACTOR", help="Who does this, for the audit log; default: your user name."),
]
_SECRET_BYTES = 32


def register(root: typer.Typer) -> None:
    """Add the commands to the root."""
    root.add_typer(app, name="token")
    root.command(epilog="Example: herald audit --limit 20 --json")(audit)


@app.command(epilog="Example: herald token create delft --tenant lab --site delft --expires 90d > delft.token")
def create(
    name: Annotated[str, typer.Argument(help="What to call it, e.g. the agent's host.")],
    *,
    tenant: Annotated[str, typer.Option(help="Whose telemetry it is, whatever the sender claims.")],
    site: Annotated[str | None, typer.Option(help="Where it comes from, whatever the sender claims.")] = None,
    any_site: Annotated[
        bool, typer.Option("--any-site", help="Instead of --site: for a gateway, whose senders name their own.")
    ] = False,
    expires: Annotated[str | None, typer.Option(help="For how long it is good, e.g. 90d; default: for good.")] = None,
    who: Who = None,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Make a token and print its secret, which is kept nowhere and shown this once."""
    if (site is None) != any_site:
        raise InvalidInputError("where may it send from?", remedy="give one of --site and --any-site")
    secret = SECRET_PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    now_ns = time.time_ns() // SECOND_NS * SECOND_NS
    token = AgentToken(
        name=_text("NAME", name),
        digest=digest_secret(secret),
        tenant=_text("--tenant", tenant),
        site=None if site is None else _text("--site", site),
        created_ns=now_ns,
        expires_ns=None if expires is None else now_ns + _lifetime_ns(expires),
    )
    with AccessStore(find_database(database, DataDirectory(data))) as store:
        store.add_token(token, actor=name_actor(who))
    if as_json:
        print_json({**_describe(token, now_ns), "secret": secret})
        return
    say(f"token {token.name} for tenant {token.tenant} and {_site(token)}; keep the secret, it is not shown again")
    sys.stdout.write(secret + "\n")


@app.command("list", epilog="Example: herald token list --all")
def list_tokens(
    *,
    every: Annotated[bool, typer.Option("--all", help="Show the revoked ones too.")] = False,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """List the tokens; their secrets are known to nobody."""
    with AccessStore(find_database(database, DataDirectory(data))) as store:
        tokens = store.read_tokens(revoked_too=every)
    now_ns = time.time_ns()
    if as_json:
        print_json({"tokens": [_describe(token, now_ns) for token in tokens]})
        return
    rows = [
        (token.name, _state(token, now_ns), token.tenant, token.site or "any", *map(_moment, _times(token)))
        for token in tokens
    ]
    print_table(("Token", "State", "Tenant", "Site", "Created", "Expires", "Revoked"), rows)


@app.command(epilog="Example: herald token revoke delft")
def revoke(
    name: Annotated[str, typer.Argument(help="Which one.")],
    *,
    who: Who = None,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Take a token out of force; running collectors refuse it within 5 seconds."""
    with AccessStore(find_database(database, DataDirectory(data))) as store:
        store.revoke_token(name, now_ns=time.time_ns(), actor=name_actor(who))
    say(f"token {name} is revoked; collectors refuse it within 5 s")


def audit(
    *,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many entries at most.")] = 100,
    since: Annotated[str | None, typer.Option(help="How far back, e.g. 7d; default: all.")] = None,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show who did what to tokens, objectives, exclusions, incidents and pins, the newest first."""
    since_ns = None if since is None else time.time_ns() - parse_duration(since)
    with AccessStore(find_database(database, DataDirectory(data))) as store:
        entries = store.read_audit(limit=limit, since_ns=since_ns)
    if as_json:
        print_json(
            {
                "entries": [
                    {
                        "at": format_time(entry.at_ns),
                        "actor": entry.actor,
                        "action": entry.action,
                        "subject": entry.subject,
                        "details": dict(entry.details),
                    }
                    for entry in entries
                ]
            }
        )
        return
    rows = [
        (_moment(entry.at_ns), entry.actor, entry.action, entry.subject, ", ".join(entry.details.get("new") or ()))
        for entry in entries
    ]
    print_table(("When", "Who", "What", "To", "Changed"), rows)


def _describe(token: AgentToken, now_ns: int) -> dict[str, str | None]:
    created, expires, revoked = (None if ns is None else format_time(ns) for ns in _times(token))
    return {
        "name": token.name,
        "state": _state(token, now_ns),
        "tenant": token.tenant,
        "site": token.site,
        "created": created,
        "expires": expires,
        "revoked": revoked,
    }


def _state(token: AgentToken, now_ns: int) -> str:
    if token.revoked_ns is not None:
        return "revoked"
    return "expired" if token.is_expired_at(now_ns) else "in force"


def _times(token: AgentToken) -> tuple[int | None, int | None, int | None]:
    return token.created_ns, token.expires_ns, token.revoked_ns


def _moment(when_ns: int | None) -> str:
    return "-" if when_ns is None else format_time(when_ns // SECOND_NS * SECOND_NS)


def _site(token: AgentToken) -> str:
    return "any site" if token.site is None else f"site {token.site}"


def _lifetime_ns(text: str) -> int:
    """Return for how long a token is good. Raises InvalidInputError for no time at all."""
    lifetime_ns = parse_duration(text)
    if not lifetime_ns:
        raise InvalidInputError("a token needs some time to be good", place="--expires", remedy="give e.g. 90d")
    return lifetime_ns


def _text(place: str, text: str) -> str:
    """Return a name as it was given. Raises InvalidInputError for none, and for what does not fit a line."""
    if not text or len(text) > 100 or not text.isprintable():
        raise InvalidInputError("write 1 to 100 printable characters", place=place)
    return text
