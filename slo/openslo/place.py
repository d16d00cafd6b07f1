"""A place in a document: a value, its key path and line, and the report that hears what is wrong with it.

Readers ask a place for what they expect below it. A wrong or missing value is reported there and comes back as None,
so that one pass finds every error of a file.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from slo.openslo.documents import Document, Tree, join_path
from slo.openslo.findings import NOT_EVALUATED

_Word = TypeVar("_Word", bound=StrEnum)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a document a reader stands. `value` is None for what is absent."""

    document: Document
    value: Tree
    path: str = ""
    line: int = 1

    @classmethod
    def root(cls, document: Document) -> "Place":
        """Return the place of the whole document."""
        return cls(document, document.tree, "", document.lines.get("", 1))

    def __truediv__(self, key: str) -> "Place":
        """Return the place of `key` below this one; it stands on this line if there is none."""
        path = join_path(self.path, key)
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return Place(self.document, value, path, self.document.lines.get(path, self.line))

    def named(self, name: str) -> "Place":
        """Return the place of a field as Go's JSON decoder finds it, whose name may be written in another case."""
        place = self / name
        for key in sorted(self.keys):
            if key != name and key.casefold() == name.casefold():
                written = self / key
                place = Place(self.document, written.value, place.path, written.line)
        return place

    def __bool__(self) -> bool:
        """Return whether something stands here."""
        return self.value is not None

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of the mapping here; none if it is something else."""
        return tuple(self.value) if isinstance(self.value, dict) else ()

    @property
    def is_usable(self) -> bool:
        """Return whether the file of this place has no error so far."""
        return self.document.report.valid

    def error(self, message: str, code: str = NOT_EVALUATED) -> None:
        """Report what forbids the use of the file."""
        self.document.report.add_error(self.path, message, self.line, code)

    def lint(self, code: str, message: str) -> None:
        """Report what is allowed but probably not meant."""
        self.document.report.add_lint(code, self.path, message, self.line)

    def violation(self, message: str, below: str = "") -> None:
        """Report what the reference SDK refuses here, or in the part `below` that this document does not have."""
        self.document.report.add_violation(self.path + below, message, self.line, place=self.path)

    def items(self) -> list["Place"]:
        """Return the places in the list here; report anything else that stands here."""
        if not isinstance(self.value, list):
            if self:
                self.error("must be a list")
            return []
        paths = [f"{self.path}[{index}]" for index in range(len(self.value))]
        return [
            Place(self.document, value, path, self.document.lines.get(path, self.line))
            for path, value in zip(paths, self.value, strict=True)
        ]

    def text(self, *, required: bool = True) -> str | None:
        """Return the string here."""
        return self._typed(str, "a string", required=required)

    def number(self, *, required: bool = True) -> Decimal | None:
        """Return the number here, exactly as written."""
        if isinstance(self.value, bool):
            self.error("must be a number, not a boolean")
            return None
        if isinstance(self.value, int):
            return Decimal(self.value)
        return self._typed(Decimal, "a number", required=required)

    def flag(self, *, required: bool = False) -> bool | None:
        """Return the boolean here."""
        return self._typed(bool, "true or false", required=required)

    def mapping(self, *, required: bool = True) -> bool:
        """Return whether a mapping stands here."""
        return self._typed(dict, "a mapping", required=required) is not None

    def word(self, words: type[_Word], *, required: bool = True) -> _Word | None:
        """Return the word of `words` here."""
        text = self.text(required=required)
        if text is None or text in set(words):
            return words(text) if text is not None else None
        self.error(f"{text!r} must be one of {', '.join(words)}{suggest(text, words)}")
        return None

    def check_keys(self, known: Iterable[str]) -> None:
        """Report every key that the specification does not have."""
        known = tuple(known)
        for key in self.keys:
            if key not in known:
                message = f"is not a field of OpenSLO here{suggest(key, known)}"
                (self / key).lint("unknown-field", message)

    def exactly_one(self, *keys: str) -> str | None:
        """Return which one of `keys` is present; report none or several."""
        present = [key for key in keys if self / key]
        if len(present) == 1:
            return present[0]
        self.error(f"needs {'exactly one' if present else 'one'} of {', '.join(keys)}")
        return None

    def _typed(self, kind: type[_T], noun: str, *, required: bool) -> _T | None:
        if isinstance(self.value, kind):
            return self.value
        if self:
            self.error(f"must be {noun}, not {describe(self.value)}")
        elif required:
            self.error("is missing")
        return None


def describe(value: Tree) -> str:
    """Return a value as a message names it."""
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(str(value))


def suggest(wrong: str, known: Iterable[str]) -> str:
    """Return `; did you mean ...?` with the nearest known words, or nothing.

    A short word that ends or continues a known one counts as near: `device` for `quantum.device.id`.
    """
    known = tuple(map(str, known))
    near = difflib.get_close_matches(wrong, known, n=3, cutoff=0.6)
    near += [word for word in known if wrong and wrong in word.split(".") and word not in near]
    return f"; did you mean {' or '.join(near[:3])}?" if near else ""
