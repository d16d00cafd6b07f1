"""Which tokens are let in: while the database answers, while it does not, and after a restart."""

import json
import time
from pathlib import Path

import pytest

from collector import TokenBook, TokenSettings
from collector.errors import TokensUnreadableError, UnauthenticatedError
from model.access import AgentToken, digest_secret
from model.clock import DAY_NS, HOUR_NS, SECOND_NS, VirtualClock
from model.errors import DatabaseUnavailableError

NOW_NS = 1_700_000_000 * SECOND_NS
SLOW = TokenSettings(refresh_s=3600.0)  # the test itself says when tokens are read
GOOD = "Bearer herald_good"


def token(secret: str = "herald_good", *, expires_ns: int | None = None) -> AgentToken:
    return AgentToken(
        name="delft",
        digest=digest_secret(secret),
        tenant="lab",
        site="delft",
        created_ns=NOW_NS,
        expires_ns=expires_ns,
    )


class Tokens:
    """A database of tokens that may be away."""

    def __init__(self, *tokens: AgentToken) -> None:
        self.tokens = list(tokens)
        self.away = False
        self.garbled = False
        self.reads = 0

    def read_tokens(self) -> list[AgentToken]:
        self.reads += 1
        if self.away:
            raise DatabaseUnavailableError("the test's database is away")
        if self.garbled:
            raise ValueError("a time written by hand that nobody can read")
        return list(self.tokens)


class Stopwatch:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW_NS)


@pytest.fixture
def source() -> Tokens:
    return Tokens(token())


@pytest.fixture
def make_book(source: Tokens, tmp_path: Path, clock: VirtualClock, stopwatch: Stopwatch):
    def make(settings: TokenSettings = SLOW) -> TokenBook:
        return TokenBook(source, tmp_path / "tokens.json", clock, settings=settings, monotonic=stopwatch)

    return make


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", " BEARER "])
def test_a_token_in_force_is_admitted(make_book, scheme):
    with make_book() as book:
        assert book.admit(f"{scheme} herald_good").site == "delft"
        assert book.recall(f"{scheme} herald_good") == token()


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic herald_good", "herald_good"])
def test_a_request_without_a_bearer_token_is_told_so(make_book, header):
    with make_book() as book, pytest.raises(UnauthenticatedError, match="no bearer token — send a token"):
        book.admit(header)


def test_an_unknown_token_is_refused(make_book):
    with make_book() as book, pytest.raises(UnauthenticatedError, match="not known, or was revoked"):
        book.admit("Bearer herald_other\udcff")


def test_a_token_expires_at_its_moment(make_book, source: Tokens, clock: VirtualClock):
    source.tokens = [token(expires_ns=NOW_NS + HOUR_NS)]
    with make_book() as book:
        clock.sleep_until(NOW_NS + HOUR_NS - 1)
        assert book.recall(GOOD) is not None
        clock.sleep_until(NOW_NS + HOUR_NS)
        assert book.recall(GOOD) is None
        with pytest.raises(UnauthenticatedError, match="'delft' has expired"):
            book.admit(GOOD)


def test_a_new_token_works_at_once(make_book, source: Tokens, stopwatch: Stopwatch):
    with make_book() as book:
        source.tokens.append(token("herald_new"))
        stopwatch.now_s += 1
        assert book.recall("Bearer herald_new") is None
        assert book.admit("Bearer herald_new")


def test_guessing_reaches_the_database_only_so_often(make_book, source: Tokens):
    with make_book() as book:
        for guess in range(5):
            with pytest.raises(UnauthenticatedError):
                book.admit(f"Bearer herald_{guess}")
    assert source.reads == 1


def test_a_revocation_takes_effect_with_the_next_reading(make_book, source: Tokens):
    with make_book(TokenSettings(refresh_s=0.01)) as book:
        source.tokens = []
        wait_for_a_reading(source)
        with pytest.raises(UnauthenticatedError):
            book.admit(GOOD)


def test_rows_that_cannot_be_read_do_not_end_the_reading(make_book, source: Tokens):
    with make_book(TokenSettings(refresh_s=0.01)) as book:
        source.garbled = True
        wait_for_a_reading(source)
        assert book.admit(GOOD)
        source.tokens, source.garbled = [], False
        wait_for_a_reading(source)
        with pytest.raises(UnauthenticatedError):
            book.admit(GOOD)


def wait_for_a_reading(source: Tokens) -> None:
    before, deadline = source.reads, time.monotonic() + 60
    while source.reads < before + 2:  # the second has begun: the first is done
        assert time.monotonic() < deadline, "nobody reads the tokens"
        time.sleep(0.005)


def test_a_database_that_is_away_locks_nobody_out(make_book, source: Tokens, stopwatch: Stopwatch):
    with make_book() as book:
        source.away = True
        stopwatch.now_s += 23 * 3600
        assert book.recall(GOOD)


def test_an_unknown_token_is_asked_to_come_back_while_nobody_can_tell(
    make_book, source: Tokens, stopwatch: Stopwatch
):
    with make_book() as book:
        source.away = True
        stopwatch.now_s += 1
        with pytest.raises(TokensUnreadableError, match="cannot be checked: the test's database is away"):
            book.admit("Bearer herald_new")


def test_tokens_survive_a_restart_without_a_database(make_book, source: Tokens):
    with make_book():
        pass
    source.away = True
    with make_book() as book:
        assert book.recall(GOOD) == token()


def test_memory_serves_for_a_day_and_no_longer(make_book, source: Tokens, clock: VirtualClock):
    with make_book():
        pass
    source.away = True
    clock.sleep_until(NOW_NS + DAY_NS)
    with make_book() as book:
        assert book.recall(GOOD) is None
        with pytest.raises(TokensUnreadableError, match="cannot be checked"):
            book.admit(GOOD)


def test_only_digests_are_remembered_and_only_for_this_user(make_book, tmp_path: Path):
    with make_book():
        pass
    memory = tmp_path / "tokens.json"
    assert memory.stat().st_mode & 0o777 == 0o600
    assert "herald_good" not in memory.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["", "{}", "[]", json.dumps({"read_ns": 0, "tokens": [{}]}), "\x00"])
def test_a_spoilt_memory_is_as_good_as_none(make_book, source: Tokens, tmp_path: Path, text):
    (tmp_path / "tokens.json").write_text(text, encoding="utf-8")
    source.away = True
    with make_book() as book, pytest.raises(TokensUnreadableError):
        book.admit(GOOD)
