"""Time that does not count against budgets: added and revoked, never deleted; the database notes who did it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from model.clock import to_datetime, to_ns
from model.errors import InvalidInputError
from store.session import Row, Session, optional_ns
from store.statements import load_statements

_SQL = load_statements("exclusions")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionRow:
    """One exclusion; what its columns mean stands with the table. `exclusion_id` is 0 before it is stored."""

    kind: str
    matchers: Mapping[str, str]
    start_ns: int
    end_ns: int | None
    rule: str
    zone: str
    mode: str | None
    who: str
    why: str
    source: str
    created_ns: int
    revoked_ns: int | None = None
    exclusion_id: int = 0


class ExclusionStore(Session):
    """Reads and writes exclusions."""

    def add_exclusion(self, row: ExclusionRow, *, actor: str) -> int | None:
        """Put an exclusion into force and return its id; None if one was made of the same source before."""
        names = ("kind", "rule", "zone", "mode", "who", "why", "source")
        params = {
            **{name: getattr(row, name) for name in names},
            "matchers": json.dumps(dict(row.matchers)),
            "start_at": to_datetime(row.start_ns),
            "end_at": None if row.end_ns is None else to_datetime(row.end_ns),
            "created_at": to_datetime(row.created_ns),
        }
        with self.acting(actor):
            added = self._rows(_SQL["add_exclusion"], params)
        return int(added[0][0]) if added else None

    def revoke_exclusion(self, exclusion_id: int, *, now_ns: int, actor: str) -> None:
        """Take an exclusion out of force. Raises InvalidInputError if none of this number is in force."""
        with self.acting(actor):
            params = {"id": exclusion_id, "revoked_at": to_datetime(now_ns)}
            if not self._rows(_SQL["revoke_exclusion"], params):
                raise InvalidInputError(
                    f"no exclusion {exclusion_id} is in force", remedy="herald exclude list shows them"
                )

    def read_exclusions(self, *, revoked_too: bool = False) -> list[ExclusionRow]:
        """Return the exclusions by start: those in force, or all that ever were."""
        return [_exclusion(row) for row in self._rows(_SQL["read_exclusions"], {"revoked_too": revoked_too})]

    def take_pending_exclusions(self) -> list[ExclusionRow]:
        """Return those added or revoked since this was last asked; ask inside the transaction that counts again."""
        return [_exclusion(row) for row in self._rows(_SQL["take_pending"])]


def _exclusion(row: Row) -> ExclusionRow:
    number, kind, matchers, start_at, end_at, rule, zone, mode, who, why, source, created_at, revoked_at = row
    return ExclusionRow(
        exclusion_id=number,
        kind=kind,
        matchers=matchers,
        start_ns=to_ns(start_at),
        end_ns=optional_ns(end_at),
        rule=rule,
        zone=zone,
        mode=mode,
        who=who,
        why=why,
        source=source,
        created_ns=to_ns(created_at),
        revoked_ns=optional_ns(revoked_at),
    )
