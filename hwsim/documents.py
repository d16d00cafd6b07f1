"""Reads the YAML files of this folder: fleets, presets, faults, scenarios.

A `Reader` hands out values of the wanted type and remembers every offence, so that one run reports all that
is wrong with a file: missing keys, wrong types, unknown keys, each with the file, the key path, the value that stands
there and the rule that it breaks.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeGuard, TypeVar

import yaml

from model.errors import InvalidInputError
from model.yaml_text import parse_yaml_with_repeats

T = TypeVar("T")
_NOTHING: Final = object()
_LONGEST: Final = 60  # characters of a value that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    """One thing wrong with a file: where, what stands there (None if nothing does), and the rule that it breaks."""

    file: str
    key: str
    value: str | None
    rule: str

    def __str__(self) -> str:
        """Return `file: key = value: rule`."""
        place = self.key if self.value is None else f"{self.key or 'content'} = {self.value}"
        return ": ".join(part for part in (self.file, place, self.rule) if part)


class InvalidFileError(InvalidInputError):
    """A file breaks the rules; every offence is listed."""

    def __init__(self, offences: Iterable[Offence]) -> None:
        self.offences = tuple(offences)
        super().__init__("\n".join(map(str, self.offences)), remedy="correct the file")


def open_document(path: Path) -> "Reader":
    """Return a reader of a YAML file that has noted repeated keys, of which the last value counts.

    Raises InvalidFileError if the file cannot be read or is not YAML.
    """
    try:
        content, repeated = parse_yaml_with_repeats(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise _unreadable(path, f"cannot be read: {exc.strerror}") from exc
    except (yaml.YAMLError, ValueError, RecursionError) as exc:  # ValueError: no UTF-8, or no date such as 2026-02-30
        raise _unreadable(path, f"is not YAML: {' '.join(str(exc).split())}") from exc
    reader = Reader(content, place=str(path))
    reader.add([Offence(file=str(path), key=each.path, value=None, rule=each.rule) for each in repeated])
    return reader


def _unreadable(path: Path, rule: str) -> InvalidFileError:
    return InvalidFileError([Offence(file=str(path), key="", value=None, rule=rule)])


def is_file(path: Path) -> bool:
    """Return whether there is such a file; what the system refuses as a name, such as one too long, is none."""
    try:
        return path.is_file()
    except OSError:
        return False


class Reader:
    """One mapping of a document. Values of the wrong type are noted as offences and replaced by a neutral one."""

    def __init__(self, content: Any, *, place: str, key: str = "", offences: list[Offence] | None = None) -> None:
        self._place = place
        self._key = key
        self._offences: list[Offence] = [] if offences is None else offences
        self._content: dict[str, Any] = content if isinstance(content, dict) else {}
        self._known: set[str] = set()
        self._children: list[Reader] = []
        if not isinstance(content, dict):
            self.offend("", "must be a mapping", content)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a non-empty string."""
        value = self._take(key, default)
        if isinstance(value, str) and value:
            return value
        return self._wrong(key, value, "must be a text", "")

    def one_of(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        """Return one of the choices."""
        value = self._take(key, default)
        if isinstance(value, str) and value in choices:
            return value
        return self._wrong(key, value, f"must be one of {', '.join(choices)}", choices[0])

    def mapping(self, key: str) -> dict[str, str]:
        """Return a mapping of texts, empty if there is none."""
        value = self._take(key, {})
        if isinstance(value, dict) and all(isinstance(text, str) for pair in value.items() for text in pair):
            return dict(value)
        return self._wrong(key, value, "must be a mapping of texts", {})

    def has(self, key: str) -> bool:
        """Return whether the key is there."""
        return key in self._content

    def holds_list(self, key: str) -> bool:
        """Return whether a list stands under the key."""
        return isinstance(self._content.get(key), list)

    def holds_number(self, key: str) -> bool:
        """Return whether a number stands under the key."""
        return _is_number(self._content.get(key))

    def flag(self, key: str) -> bool:
        """Return true or false; false if the key is missing."""
        value = self._take(key, default=False)
        return value if isinstance(value, bool) else self._wrong(key, value, "must be true or false", neutral=False)

    def number(
        self, key: str, default: float | None = None, *, minimum: float = -math.inf, maximum: float = math.inf
    ) -> float:
        """Return a finite number within limits; one with a source stands as {value: ..., source: ...}."""
        value = self._take(key, default)
        if isinstance(value, dict):
            sourced = self._child(key, value)
            sourced.text("source")
            return sourced.number("value", minimum=minimum, maximum=maximum)
        if _is_finite(value):
            if minimum <= value <= maximum:
                return float(value)
            limit = f"at least {minimum:g}" if value < minimum else f"at most {maximum:g}"
            return self._wrong(key, value, f"must be {limit}", min(max(minimum, 1.0), maximum))
        return self._wrong(key, value, "must be a number", min(max(minimum, 1.0), maximum))

    def count(self, key: str, default: int | None = None, *, maximum: float = math.inf) -> int:
        """Return a whole number of at least 1."""
        value = self._take(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value if value <= maximum else self._wrong(key, value, f"must be at most {maximum:,}", 1)
        return self._wrong(key, value, "must be a whole number of at least 1", 1)

    def entry(self, key: str) -> "Reader":
        """Return the mapping under `key`."""
        return self._child(key, self._take(key, None))

    def entries(self, key: str, *, optional: bool = False) -> "list[Reader]":
        """Return the mappings of the list under `key`, at least one unless `optional`."""
        value = self._take(key, [] if optional else None)
        if not isinstance(value, list) or not (value or optional):
            return self._wrong(key, value, "must be a list with at least one entry", [])
        return [self._child(f"{key}[{index}]", item) for index, item in enumerate(value)]

    def texts(self, key: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return a list of strings."""
        value = self._take(key, None if default is None else list(default))
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        return self._wrong(key, value, "must be a list of texts", ())

    def lists_of_texts(self, key: str) -> tuple[tuple[str, ...], ...]:
        """Return a list of lists of strings."""
        value = self._take(key, None)
        if isinstance(value, list) and all(
            isinstance(part, list) and all(isinstance(item, str) for item in part) for part in value
        ):
            return tuple(tuple(part) for part in value)
        return self._wrong(key, value, "must be a list of lists of texts", ())

    def offend(self, key: str, rule: str, value: object = _NOTHING) -> None:
        """Note that `key` breaks `rule`; the value that is told is the one that stands there, unless one is given."""
        if value is _NOTHING:
            value = self._content.get(key, _NOTHING)
        shown = None if value is _NOTHING else _show(value)
        self._offences.append(Offence(file=self._place, key=self._path(key), value=shown, rule=rule))

    def offended(self, key: str) -> bool:
        """Return whether an offence of the key was noted: then what was read of it means nothing."""
        return any((each.file, each.key) == (self._place, self._path(key)) for each in self._offences)

    def add(self, offences: Iterable[Offence]) -> None:
        """Note the offences of a file to which this one refers."""
        self._offences += offences

    def ignore(self) -> None:
        """Take all keys as known, when nothing can be said about them."""
        self._known |= set(self._content)

    def offend_unknown(self) -> None:
        """Note every key that nobody asked for, here and further down."""
        for key in sorted(map(str, set(self._content) - self._known)):
            self.offend(key, "is not a known key")
        for child in self._children:
            child.offend_unknown()

    def finish(self) -> None:
        """Raise InvalidInputError with every offence, unknown keys included."""
        self.offend_unknown()
        if self._offences:
            raise InvalidFileError(self._offences)

    def _take(self, key: str, default: object) -> Any:
        self._known.add(key)
        return self._content.get(key, default)

    def _wrong(self, key: str, value: object, rule: str, neutral: T) -> T:
        if value is None:
            self.offend(key, "is missing", _NOTHING)
        else:
            self.offend(key, rule, value)
        return neutral

    def _child(self, key: str, value: Any) -> "Reader":
        child = Reader(value, place=self._place, key=self._path(key), offences=self._offences)
        self._children.append(child)
        return child

    def _path(self, key: str) -> str:
        return ".".join(part for part in (self._key, key) if part)


def _show(value: object) -> str:
    """Return a value as it would stand in a file, in one line; one with a source without it."""
    if isinstance(value, dict) and set(value) == {"value", "source"}:
        value = value["value"]
    text = " ".join(_as_text(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return str(value) if isinstance(value, int | float) else json.dumps(value, default=str)
    except (TypeError, ValueError):  # a key that is no text, a list that holds itself, a number of too many digits
        return repr(value) if isinstance(value, list | dict) else "a number of thousands of digits"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_finite(value: object) -> TypeGuard[int | float]:
    try:
        return isinstance(value, int | float) and _is_number(value) and math.isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False
