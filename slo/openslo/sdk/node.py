"""A value as the reference SDK decodes it: which fields it finds, what it takes for empty, where types do not fit.

Go's JSON decoder matches the names of fields regardless of case and takes null for absent; the SDK's YAML is 1.1,
where a plain `yes` is true.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from slo.openslo.documents import Tree
from slo.openslo.place import Place, describe, suggest
from slo.openslo.sdk.shapes import KINDS, ListOf, Scalar, Shape, Struct

_DURATION = re.compile(r"[ \t]*([-+]?[0-9]{1,18})[ \t]*(\S+).*", re.DOTALL)
_TYPES: dict[Scalar, tuple[type, ...]] = {
    Scalar.TEXT: (str,),
    Scalar.FLAG: (bool,),
    Scalar.FREE_MAP: (dict,),
    Scalar.LABELS: (dict,),
    Scalar.ANNOTATIONS: (dict,),
}


@dataclass(slots=True)
class Verdict:
    """The paths whose values have the wrong type: there, and above, rules are not asked any more."""

    misfits: list[str] = field(default_factory=list)

    def covers(self, path: str) -> bool:
        """Return whether something at or below `path` has the wrong type."""
        return any(m == path or m.startswith((f"{path}.", f"{path}[")) for m in self.misfits)


@dataclass(frozen=True, slots=True)
class Node:
    """A place that has, or should have, a shape."""

    place: Place
    shape: Shape
    verdict: Verdict = field(default_factory=Verdict)
    optional: bool = False  # whether an empty value counts as given

    def __truediv__(self, name: str) -> "Node":
        """Return the node of a field, however its name is written."""
        assert isinstance(self.shape, Struct)
        return Node(self.place.named(name), self.shape.fields[name], self.verdict, name in self.shape.optional)

    @property
    def value(self) -> Tree:
        """Return the value as YAML 1.1 has it; None for what is absent."""
        return _as_yaml11(self.place)

    @property
    def items(self) -> list["Node"]:
        """Return the items of a list."""
        assert isinstance(self.shape, ListOf)
        places = self.place.items() if isinstance(self.place.value, list) else []
        return [Node(place, self.shape.item, self.verdict) for place in places]

    @property
    def is_set(self) -> bool:
        """Return whether a value other than null stands here."""
        return self.value is not None

    @property
    def is_zero(self) -> bool:
        """Return whether the SDK takes this for empty."""
        if self.shape is Scalar.ANYTHING:
            return False
        if isinstance(self.shape, Struct) and self.is_set and not self.optional:
            return all((self / name).is_zero for name in self.shape.fields if self.has(name))
        return not self.is_set or (not self.optional and (self.value == "" or self.value is False))

    def has(self, *names: str) -> bool:
        """Return whether one of the fields is written at all, be it with null."""
        return any(key.casefold() == name.casefold() for key in self.place.keys for name in names)

    def refuse(self, message: str, below: str = "") -> None:
        """Report what the SDK refuses here, or in the part `below` that only the SDK knows."""
        if not self.verdict.covers(self.place.path):
            self.place.violation(message, below)

    def check_types(self) -> None:
        """Report every value of the wrong type and every unknown field, here and below."""
        if not self.is_set:
            return
        if isinstance(self.shape, Struct):
            self._check_struct(self.shape)
        elif isinstance(self.shape, ListOf):
            if not isinstance(self.value, list):
                self._misfit("must be a list", self.place)
            for item in self.items:
                item.check_types()
        elif problem := _misfit(self.shape, self.value):
            self._misfit(problem, self.place)
        elif self.shape in (Scalar.LABELS, Scalar.ANNOTATIONS):
            for key in self.place.keys:
                self._check_entry(self.place / key)

    def _check_struct(self, shape: Struct) -> None:
        if not isinstance(self.value, dict):
            self._misfit(f"must be a mapping, not {describe(self.value)}", self.place)
            return
        known = {name.casefold() for name in shape.fields}
        for key in self.place.keys:
            if key.casefold() not in known:
                self._misfit(f"is not a field of OpenSLO here{suggest(key, shape.fields)}", self.place / key)
        for name in shape.fields:
            (self / name).check_types()

    def _check_entry(self, entry: Place) -> None:
        several = isinstance(entry.value, list) and self.shape is Scalar.LABELS
        values = [_as_yaml11(text) for text in (entry.items() if several else [entry])]
        if any(value is not None and not isinstance(value, str) for value in values):
            self._misfit("must be a string; put it in quotes", entry)

    def _misfit(self, problem: str, place: Place) -> None:
        self.verdict.misfits.append(place.path)
        place.violation(problem)


def _as_yaml11(place: Place) -> Tree:
    return place.document.yaml11.get(place.path, place.value)


def parse_duration(text: str) -> tuple[int, str] | None:
    """Return value and unit as the SDK reads them, right or wrong; None where it cannot: `1 m` is a minute."""
    match = _DURATION.fullmatch(text)
    return (int(match[1]), match[2]) if match else None


def find_blank_documents(text: str) -> Iterator[int]:
    """Yield the lines of documents that hold comments alone: the SDK refuses what it does not skip as empty."""
    start = 0
    for end in [*(m.span() for m in re.finditer(r"\n---[^\n]*(?:\n|\Z)", text)), (len(text), len(text))]:
        part = text[start : end[0]]
        lines = [line.strip() for line in part.splitlines()]
        if part.strip() and all(not line or line.startswith("#") or line == "---" for line in lines):
            yield text[:start].count("\n") + 1
        start = end[1]


def _misfit(shape: Shape, value: Tree) -> str:
    """Return what is wrong with the type of a scalar or map, if anything."""
    if shape is Scalar.KIND:
        return "" if isinstance(value, str) and value in KINDS else f"must be one of {', '.join(KINDS)}"
    if shape is Scalar.NUMBER:
        fits = not isinstance(value, bool | str | list | dict)
        return "" if fits else f"must be a number, not {describe(value)}"
    if shape is Scalar.DURATION:
        fits = isinstance(value, str) and (value == "" or parse_duration(value) is not None)
        return "" if fits else f"{describe(value)} is not a duration such as 28d"
    if isinstance(shape, Scalar) and shape in _TYPES and not isinstance(value, _TYPES[shape]):
        return f"must be a {shape}, not {describe(value)}"
    return ""
