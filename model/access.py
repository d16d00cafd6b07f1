"""Who may send telemetry, and as whom: what a token is and how its secret is recognised.

Only the digest of a secret is ever kept. Secrets are 256 random bits, so a plain SHA-256 is enough: there is nothing
to guess, and the digest can be looked up, which a salted one cannot.
"""

import hashlib
from dataclasses import dataclass

SECRET_PREFIX = "herald_"  # noqa: S105 - it marks a secret, for people and for secret scanners
DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentToken:
    """A permission to send as one tenant; `site` is None for a gateway, whose senders name their own sites."""

    name: str
    digest: bytes
    tenant: str
    site: str | None
    created_ns: int
    expires_ns: int | None = None
    revoked_ns: int | None = None

    def is_expired_at(self, now_ns: int) -> bool:
        """Return whether its time is over."""
        return self.expires_ns is not None and self.expires_ns <= now_ns


def digest_secret(secret: str) -> bytes:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
