"""Whom a command is about: a name that the record knows, or a refusal that tells which names it knows."""

import difflib
from collections.abc import Iterator, Sequence

from model.errors import InvalidInputError
from store import Store

_SHOWN = 40


def check_named(store: Store, name: str) -> None:
    """Raise InvalidInputError, with the nearest names, where nothing that is stored speaks of `name`."""
    known = store.read_names()
    if name not in known:
        raise InvalidInputError(_strange(name), remedy=_suggest(name, known))


def find_strangers(store: Store, names: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each of the names that nothing stored speaks of."""
    known = store.read_names() if names else []
    yield from (f"{_strange(name)} - {_suggest(name, known)}" for name in names if name not in known)


def _strange(name: str) -> str:
    return f"nothing that is stored speaks of {name!r}"


def _suggest(name: str, known: Sequence[str]) -> str:
    if not known:
        return "nothing is stored at all: is this the right database?"
    if near := difflib.get_close_matches(name, known, n=3):
        return f"did you mean {' or '.join(near)}?"
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"known are {', '.join(known[:_SHOWN])}{more}"
