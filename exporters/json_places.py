"""Foreign JSON with its places: every value knows its file and key path, so that a refusal can say where.

Raises InvalidInputError for whatever is not of the type that is asked for.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from model.clock import to_ns
from model.errors import InvalidInputError

_END_NS = 2**63  # the first time that does not fit into a signed 64-bit number, in 2262


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A value in a JSON file; `path` is its key path, e.g. `qubits[3][0].date`."""

    file: str
    path: str
    value: Any

    def refuse(self, reason: str, remedy: str = "") -> NoReturn:
        """Raise InvalidInputError about this value."""
        place = f"{self.file}: {self.path}" if self.path else self.file
        raise InvalidInputError(reason, place=place, remedy=remedy)

    def find(self, key: str) -> "Place | None":
        """Return the member `key` of an object, or None where it is missing or null."""
        if not isinstance(self.value, dict):
            self.refuse(f"must be an object, not {_name(self.value)}")
        if self.value.get(key) is None:
            return None
        return Place(file=self.file, path=f"{self.path}.{key}" if self.path else key, value=self.value[key])

    def get(self, key: str) -> "Place":
        """Return the member `key` of an object."""
        found = self.find(key)
        if found is None:
            self.refuse(f"{key!r} is missing")
        return found

    def items(self) -> Iterator["Place"]:
        """Yield the items of an array."""
        if not isinstance(self.value, list):
            self.refuse(f"must be an array, not {_name(self.value)}")
        for index, value in enumerate(self.value):
            yield Place(file=self.file, path=f"{self.path}[{index}]", value=value)

    def text(self) -> str:
        """Return a string that is not empty."""
        if not isinstance(self.value, str) or not self.value:
            self.refuse(f"must be a text, not {_name(self.value)}")
        return self.value

    def number(self) -> float:
        """Return a number; one beyond double range is infinite."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            self.refuse(f"must be a number, not {_name(self.value)}")
        try:
            return float(self.value)
        except OverflowError:
            return float("inf")

    def index(self) -> int:
        """Return a whole number from 0."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 0:
            self.refuse(f"must be a whole number from 0, not {self.value!r}")
        return self.value

    def time_ns(self) -> int:
        """Return an ISO 8601 time with its UTC offset as nanoseconds since 1970-01-01 UTC."""
        try:
            when = datetime.fromisoformat(self.text())
            if when.tzinfo is None:
                self.refuse(f"{self.value!r} has no UTC offset")
            when_ns = to_ns(when)
        except (ValueError, OverflowError):
            self.refuse(f"{self.value!r} is not an ISO 8601 time")
        if not 0 < when_ns < _END_NS:
            self.refuse(f"{self.value!r} is not a time between 1970 and 2262")
        return when_ns


def load_json(path: Path) -> Place:
    """Return the document in a file.

    Raises InvalidInputError with line and column for a file that is not JSON.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as exc:
        raise InvalidInputError(f"cannot be read ({exc.strerror})", place=str(path), remedy="check the name") from exc
    except UnicodeDecodeError as exc:
        raise InvalidInputError(f"is not UTF-8 text at byte {exc.start}", place=str(path)) from exc
    try:
        value = json.loads(text)
    except json.JSONDecodeError as exc:
        raise InvalidInputError(
            f"is not JSON: {exc.msg}", place=f"{path}:{exc.lineno}:{exc.colno}", remedy="fetch the file again"
        ) from exc
    except (RecursionError, ValueError) as exc:  # nested too deep; a number of thousands of digits
        raise InvalidInputError(f"cannot be taken in: {exc}", place=str(path)) from exc
    return Place(file=str(path), path="", value=value)


def _name(value: object) -> str:
    words = {dict: "an object", list: "an array", str: "a text", bool: "a truth value", type(None): "null"}
    return words.get(type(value), "a number")
