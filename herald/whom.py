"""Whom a command is about: a name that the record knows, or a refusal that tells which names it knows."""

import difflib
from collections.abc import Sequence

from model.errors import InvalidInputError
from store import Store

_SHOWN = 40


def check_named(store: Store, name: str) -> None:
    """Raise InvalidInputError, with the nearest names, where nothing that is stored speaks of `name`."""
    known = store.read_names()
    if name not in known:
        raise InvalidInputError(f"nothing that is stored speaks of {name!r}", remedy=_suggest(name, known))


def _suggest(name: str, known: Sequence[str]) -> str:
    if not known:
        return "nothing is stored at all: is this the right database?"
    if near := difflib.get_close_matches(name, known, n=3):
        return f"did you mean {' or '.join(near)}?"
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"known are {', '.join(known[:_SHOWN])}{more}"
