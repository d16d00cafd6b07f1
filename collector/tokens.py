"""Which tokens are in force: read from the database every few seconds and remembered on disk.

A database that is away locks nobody out: what was last read serves for a day, after a restart of the collector too.
A revocation takes effect within one refresh, 5 s. A token that is not known is looked for again before it is refused,
so that a new one works at once; while that cannot be done the client is asked to come back, because a refused
request is lost for good.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from collector.errors import TokensUnreadableError, UnauthenticatedError
from model.access import AgentToken, digest_secret
from model.clock import SECOND_NS, Clock
from model.errors import HeraldError

_log = logging.getLogger(__name__)
_SCHEME = "bearer"
_REMEMBER_EVERY_S = 600.0


class TokenSource(Protocol):
    """Where tokens are kept."""

    def read_tokens(self) -> Sequence[AgentToken]:
        """Return every token that is not revoked. Raises DatabaseUnavailableError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSettings:
    """How often tokens are read, how soon after the last attempt again for an unknown one, how long memory serves."""

    refresh_s: float = 5.0
    look_again_s: float = 0.1
    remembered_s: float = 24 * 3600.0


class TokenBook:
    """The tokens in force; use it as a context manager, from any thread. `memory` is the file that remembers them."""

    def __init__(
        self,
        source: TokenSource,
        memory: Path,
        clock: Clock,
        *,
        settings: TokenSettings | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._memory = memory
        self._clock = clock
        self._settings = TokenSettings() if settings is None else settings
        self._monotonic = monotonic
        self._tokens: Mapping[bytes, AgentToken] = {}
        self._read_at_s = self._tried_at_s = self._remembered_at_s = -float("inf")
        self._trouble = "the tokens have not been read yet"
        self._reading = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tokens", daemon=True)

    def __enter__(self) -> Self:
        """Read the tokens, or remember them, and go on reading."""
        self._recall_memory()
        self._refresh()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop reading."""
        self._stopping.set()
        self._thread.join()

    def recall(self, authorization: str) -> AgentToken | None:
        """Return the token of an Authorization header if it is known to be good; never waits."""
        token = self._tokens.get(digest_secret(_secret_of(authorization)))
        return token if token and self._may_serve() and not token.is_expired_at(self._clock.now_ns()) else None

    def admit(self, authorization: str) -> AgentToken:
        """Return the token of an Authorization header; may read the database.

        Raises UnauthenticatedError for one that is not good, TokensUnreadableError when nobody can tell.
        """
        secret = _secret_of(authorization)
        if not secret:
            raise UnauthenticatedError("the request has no bearer token")
        digest = digest_secret(secret)
        token = self._tokens.get(digest)
        if token is None or not self._may_serve():
            self._look_again()
            token = self._tokens.get(digest)
        if token is None:
            raise UnauthenticatedError("the token is not known, or was revoked")
        if token.is_expired_at(self._clock.now_ns()):
            raise UnauthenticatedError(f"the token {token.name!r} has expired")
        return token

    def age_s(self) -> float:
        """Return how long ago the tokens were read."""
        return self._monotonic() - self._read_at_s

    def _may_serve(self) -> bool:
        return self.age_s() < self._settings.remembered_s

    def _look_again(self) -> None:
        """Make sure that what is known is not older than a moment, or raise TokensUnreadableError."""
        if not self._reading.acquire(timeout=self._settings.look_again_s):
            raise TokensUnreadableError("the tokens are being read")
        try:
            if self._monotonic() - self._tried_at_s >= self._settings.look_again_s:
                self._read()
        finally:
            self._reading.release()
        if self._trouble:
            raise TokensUnreadableError(f"the token cannot be checked: {self._trouble}")

    def _run(self) -> None:
        while not self._stopping.wait(self._settings.refresh_s):
            self._refresh()

    def _refresh(self) -> None:
        with self._reading:
            self._read()

    def _read(self) -> None:
        self._tried_at_s = self._monotonic()
        try:
            tokens = {token.digest: token for token in self._source.read_tokens()}
        except Exception as exc:  # noqa: BLE001 - a reader that ends unseen would miss every later revocation
            if not self._trouble:
                unexpected = None if isinstance(exc, HeraldError) else exc
                _log.warning("tokens cannot be read, the remembered ones serve: %s", exc, exc_info=unexpected)
            self._trouble = str(exc)
            return
        changed = tokens != self._tokens
        self._tokens, self._trouble, self._read_at_s = tokens, "", self._tried_at_s
        if changed or self._tried_at_s - self._remembered_at_s >= _REMEMBER_EVERY_S:
            self._remember()

    def _remember(self) -> None:
        document = {"read_ns": self._clock.now_ns(), "tokens": [_to_json(t) for t in self._tokens.values()]}
        unfinished = self._memory.with_suffix(".unfinished")
        try:
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(document, file)
            unfinished.replace(self._memory)
        except OSError as exc:
            _log.warning("tokens cannot be remembered in %s: %s", self._memory, exc.strerror)
            return
        self._remembered_at_s = self._monotonic()

    def _recall_memory(self) -> None:
        try:
            document = json.loads(self._memory.read_text(encoding="utf-8"))
            tokens = [_from_json(fields) for fields in document["tokens"]]
            age_s = max(0.0, (self._clock.now_ns() - document["read_ns"]) / SECOND_NS)
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError) as exc:
            _log.warning("the remembered tokens in %s cannot be read: %s", self._memory, exc)
            return
        self._tokens = {token.digest: token for token in tokens}
        self._read_at_s = self._monotonic() - age_s


def _secret_of(authorization: str) -> str:
    scheme, _, secret = authorization.strip().partition(" ")
    return secret.strip() if scheme.lower() == _SCHEME else ""


def _to_json(token: AgentToken) -> dict[str, Any]:
    return {
        "name": token.name,
        "digest": token.digest.hex(),
        "tenant": token.tenant,
        "site": token.site,
        "created_ns": token.created_ns,
        "expires_ns": token.expires_ns,
    }


def _from_json(fields: dict[str, Any]) -> AgentToken:
    return AgentToken(**{**fields, "digest": bytes.fromhex(fields["digest"])})
