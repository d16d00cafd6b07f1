"""Tokens, and the log of who changed what: in the transaction of the change, and only ever added to."""

from dataclasses import replace

import psycopg
import pytest

from model.access import AgentToken, digest_secret
from model.clock import DAY_NS
from model.errors import InvalidInputError
from model.windows import Window
from store import AccessStore, ObjectiveRow, Store, connect, pin
from tests.integration.telemetry import T0, query_all

TOKEN = AgentToken(
    name="delft", digest=digest_secret("herald_x"), tenant="lab", site="delft", created_ns=T0, expires_ns=T0 + DAY_NS
)
OBJECTIVE = ObjectiveRow(
    name="reads",
    display_name="Reads",
    description="",
    service="memory",
    domain="memory",
    target=0.99,
    window_ns=28 * DAY_NS,
    budgeting_method="Occurrences",
)


@pytest.fixture
def access(database: str):
    with AccessStore(database) as store:
        yield store


def log_of(access: AccessStore) -> list[tuple[str, str, str]]:
    return [(entry.actor, entry.action, entry.subject) for entry in access.read_audit(limit=100)]


def test_a_token_comes_back_as_it_was_put(access: AccessStore):
    gateway = replace(TOKEN, name="gateway", digest=digest_secret("herald_y"), site=None, expires_ns=None)
    access.add_token(TOKEN, actor="ada")
    access.add_token(gateway, actor="ada")
    assert access.read_tokens() == [TOKEN, gateway]


def test_a_name_is_free_again_once_its_token_is_revoked(access: AccessStore):
    access.add_token(TOKEN, actor="ada")
    renewed = replace(TOKEN, digest=digest_secret("herald_y"))
    with pytest.raises(InvalidInputError, match="there is a token 'delft' already"):
        access.add_token(renewed, actor="ada")
    access.revoke_token("delft", now_ns=T0 + 1000, actor="bob")
    access.add_token(renewed, actor="ada")
    assert access.read_tokens() == [renewed]
    assert access.read_tokens(revoked_too=True) == [replace(TOKEN, revoked_ns=T0 + 1000), renewed]


def test_what_is_not_there_cannot_be_revoked(access: AccessStore):
    with pytest.raises(InvalidInputError, match="there is no token 'delft'"):
        access.revoke_token("delft", now_ns=T0, actor="ada")
    assert log_of(access) == []


def test_the_log_says_who_did_what_to_tokens_objectives_and_pins(access: AccessStore, store: Store, database: str):
    access.add_token(TOKEN, actor="ada")
    access.revoke_token("delft", now_ns=T0, actor="bob (root)")
    for objectives in ([OBJECTIVE], [OBJECTIVE], [replace(OBJECTIVE, target=0.95)], []):
        with store.acting("engine"):
            store.sync_objectives(objectives, now_ns=T0)
    pin(database, reason="incident 7", window=Window(start_ns=T0, end_ns=T0 + DAY_NS))
    (user,) = query_all(database, "select session_user::text")[0]
    assert log_of(access) == [
        (f"{user} (herald)", "pin.add", "incident 7"),
        ("engine", "objective.remove", "reads"),
        ("engine", "objective.change", "reads"),
        ("engine", "objective.add", "reads"),
        ("bob (root)", "token.change", "delft"),
        ("ada", "token.add", "delft"),
    ]


def test_a_change_is_told_with_what_was_and_what_is(access: AccessStore, store: Store):
    store.sync_objectives([OBJECTIVE], now_ns=T0)
    store.sync_objectives([replace(OBJECTIVE, target=0.95)], now_ns=T0)
    assert access.read_audit(limit=1)[0].details == {"old": {"target": 0.99}, "new": {"target": 0.95}}


def test_the_log_keeps_no_digest(access: AccessStore):
    access.add_token(TOKEN, actor="ada")
    assert "digest" not in access.read_audit(limit=1)[0].details["new"]


def test_the_newest_entries_come_first_and_from_a_moment_on(access: AccessStore):
    access.add_token(TOKEN, actor="ada")
    access.revoke_token("delft", now_ns=T0, actor="ada")
    newest, oldest = access.read_audit(limit=10)
    assert newest.at_ns >= oldest.at_ns
    assert access.read_audit(limit=1) == [newest]
    assert access.read_audit(limit=10, since_ns=newest.at_ns + 1000) == []


@pytest.mark.parametrize(
    "statement", ["update audit_log set actor = 'nobody'", "delete from audit_log", "truncate audit_log"]
)
def test_the_log_can_only_be_added_to(access: AccessStore, database: str, statement):
    access.add_token(TOKEN, actor="ada")
    with connect(database) as connection, pytest.raises(psycopg.Error, match="can only be added to"):
        connection.execute(statement)


def test_a_change_that_is_rolled_back_is_not_logged(access: AccessStore):
    access.add_token(TOKEN, actor="ada")
    with pytest.raises(InvalidInputError, match="already"):
        revoke_and_add_twice(access)
    assert log_of(access) == [("ada", "token.add", "delft")]


def revoke_and_add_twice(access: AccessStore) -> None:
    with access.transaction():
        access.revoke_token("delft", now_ns=T0, actor="bob")
        for digit in "12":
            access.add_token(replace(TOKEN, digest=digest_secret(digit)), actor="bob")


@pytest.mark.parametrize("table", ["agent_token", "audit_log"])
def test_dashboards_may_not_read_them(database: str, table):
    assert query_all(database, f"select has_table_privilege('herald_reader', '{table}', 'select')") == [(False,)]


@pytest.mark.parametrize("actor", ["o'hara", "a\\b", "☂", "x; drop table pin"])
def test_any_name_can_be_an_actor(access: AccessStore, actor):
    access.add_token(TOKEN, actor=actor)
    assert log_of(access) == [(actor, "token.add", "delft")]
