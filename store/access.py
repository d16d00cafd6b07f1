"""Tokens of agents, and the log of who changed what. The log itself is written by the database's triggers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.access import AgentToken
from model.clock import to_datetime, to_ns
from model.errors import InvalidInputError
from store.session import Session, optional_ns
from store.statements import load_statements

_SQL = load_statements("access")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change: `action` is e.g. `token.add`; `details` holds the old and new values of what changed."""

    at_ns: int
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]


class AccessStore(Session):
    """Reads and writes tokens, reads the audit log; fits `collector.tokens.TokenSource`."""

    def add_token(self, token: AgentToken, *, actor: str) -> None:
        """Put a token into force. Raises InvalidInputError if another one of its name is."""
        params = {
            "name": token.name,
            "digest": token.digest,
            "tenant": token.tenant,
            "site": token.site,
            "created_at": to_datetime(token.created_ns),
            "expires_at": None if token.expires_ns is None else to_datetime(token.expires_ns),
        }
        with self.acting(actor):
            if not self._rows(_SQL["add_token"], params):
                raise InvalidInputError(
                    f"there is a token {token.name!r} already", remedy="revoke it first, or choose another name"
                )

    def revoke_token(self, name: str, *, now_ns: int, actor: str) -> None:
        """Take a token out of force. Raises InvalidInputError if there is none of the name."""
        with self.acting(actor):
            if not self._rows(_SQL["revoke_token"], {"name": name, "revoked_at": to_datetime(now_ns)}):
                raise InvalidInputError(f"there is no token {name!r}", remedy="herald token list shows them")

    def read_tokens(self, *, revoked_too: bool = False) -> list[AgentToken]:
        """Return the tokens by name: those that are not revoked, or all."""
        return [
            AgentToken(
                name=name,
                digest=bytes(digest),
                tenant=tenant,
                site=site,
                created_ns=to_ns(created_at),
                expires_ns=optional_ns(expires_at),
                revoked_ns=optional_ns(revoked_at),
            )
            for name, digest, tenant, site, created_at, expires_at, revoked_at in self._rows(
                _SQL["read_tokens"], {"revoked_too": revoked_too}
            )
        ]

    def read_audit(self, *, limit: int, since_ns: int | None = None) -> list[AuditEntry]:
        """Return the newest entries, the newest first."""
        params = {"limit": limit, "since": None if since_ns is None else to_datetime(since_ns)}
        return [
            AuditEntry(at_ns=to_ns(at), actor=actor, action=action, subject=subject, details=details)
            for at, actor, action, subject, details in self._rows(_SQL["read_audit"], params)
        ]
