"""YAML as Herald's own files and its users' are read and written: plain values only, by libyaml where PyYAML has it.

Both ways accept the same texts, build the same values and write the same bytes; libyaml is some ten times faster,
which is what every process that reads the registry or the faults waits for at its start. Words are those of YAML 1.1;
numbers are those of YAML 1.2 besides, in which `1e9` is one and no text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

_FLOAT: Final = "tag:yaml.org,2002:float"
_MERGE: Final = "tag:yaml.org,2002:merge"
_EXPONENT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+")
_WIDTH: Final = 110


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads plain values."""


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes plain values; a text that would be read as a number is quoted."""


for _resolver in (_Loader, _Dumper):
    _resolver.add_implicit_resolver(_FLOAT, re.compile(rf"^(?:{_EXPONENT.pattern})$"), list("-+.0123456789"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedKey:
    """A key that a mapping gives again: the path to it, and in which lines it stands."""

    path: str
    first_line: int
    line: int

    def __str__(self) -> str:
        """Return `path: rule`."""
        return f"{self.path}: {self.rule}"

    @property
    def rule(self) -> str:
        """Return what is wrong with it."""
        return f"is given again in line {self.line}, first in line {self.first_line}"


def parse_yaml(text: str) -> Any:
    """Return the content of a YAML document. Raises yaml.YAMLError if it is none."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506  # it is a safe one


def parse_yaml_with_repeats(text: str) -> tuple[Any, list[RepeatedKey]]:
    """Return the content, in which the last of a repeated key's values counts, and every repetition."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, []
        repeated = list(_repeated(node, "", set()))
        return loader.construct_document(node), repeated
    finally:
        loader.dispose()


def _repeated(node: yaml.Node, path: str, seen: set[int]) -> Iterator[RepeatedKey]:
    """Yield what is repeated in a node and below it; what aliases name is looked at once."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _repeated(item, f"{path}[{index}]", seen)
    elif isinstance(node, yaml.MappingNode):
        yield from _repeated_in_mapping(node, path, seen)


def _repeated_in_mapping(node: yaml.MappingNode, path: str, seen: set[int]) -> Iterator[RepeatedKey]:
    lines: dict[tuple[str, str], int] = {}
    for key, value in node.value:
        below, line = f"{path}.{key.value}".lstrip("."), key.start_mark.line + 1
        if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
            known = (key.tag, key.value)
            if known in lines:
                yield RepeatedKey(path=below, first_line=lines[known], line=line)
            lines.setdefault(known, line)
        yield from _repeated(value, below, seen)


def render_yaml(document: object) -> str:
    """Return a document as text, keys in their own order. Raises yaml.YAMLError for what is no plain value."""
    return str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=_WIDTH, allow_unicode=True))
