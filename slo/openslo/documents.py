"""YAML (and therefore JSON) text to plain trees whose key paths know their lines.

Dates stay strings and decimals stay exact: scalars are resolved by YAML 1.2's core rules, without timestamps, octal
surprises or `yes` for true. Text that is not YAML becomes a finding, never an exception.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import yaml

from slo.openslo.findings import UNREADABLE, FileReport

Tree = str | int | Decimal | bool | None | list["Tree"] | dict[str, "Tree"]

MAX_NODES = 100_000
"""More values than this, aliases counted each time, and the file is refused: nobody wrote it by hand."""

MAX_DEPTH = 100
"""Values inside each other, aliases followed. PyYAML's scanner takes the square of what is open."""


class _TooMuchError(yaml.MarkedYAMLError):
    """The text is YAML, but more than an objective ever needs."""


class _Loader(yaml.SafeLoader):
    """Resolves scalars as YAML 1.2's core schema does."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  # PyYAML wants its own table per class

    def fetch_flow_collection_start(self, TokenClass: type[yaml.Token]) -> None:  # noqa: N803 - PyYAML's name
        """Open a `[` or `{`, unless too many are open: the scanner looks far ahead of the parser."""
        super().fetch_flow_collection_start(TokenClass)
        self._check_depth()

    def add_indent(self, column: int) -> bool:
        """Open a block by its indent, unless too many are open."""
        added = super().add_indent(column)
        self._check_depth()
        return added

    def _check_depth(self) -> None:
        if self.flow_level + len(self.indents) > MAX_DEPTH:
            raise _too_deep(self.get_mark())


_TAG = "tag:yaml.org,2002:"
_Loader.add_implicit_resolver(_TAG + "null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(_TAG + "bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(_TAG + "int", re.compile(r"^[-+]?[0-9]{1,18}$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    _TAG + "float",  # short enough to stay harmless as an exact fraction
    re.compile(r"^(?=.{1,40}$)[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,2})?$"),
    list("-+.0123456789"),
)
_Loader.add_implicit_resolver(_TAG + "merge", re.compile(r"^<<$"), ["<"])

_YAML11_BOOL = re.compile(r"y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF")
_YAML11_INT = re.compile(r"[-+]?0(?:x[0-9a-fA-F_]{1,15}|b[01_]{1,60})")
_YAML11_FLOAT = re.compile(r"(?=.*_)[-+]?[0-9][0-9_]{0,30}(?:\.[0-9_]{0,30})?(?:[eE][-+]?[0-9]{1,2})?")


@dataclass(slots=True)
class Document:
    """One object of a file: its tree, and the line of each key path in it; the root has the path ""."""

    report: FileReport
    tree: Tree
    lines: dict[str, int] = field(default_factory=dict)
    yaml11: dict[str, Tree] = field(default_factory=dict)  # what YAML 1.1 reads otherwise, by key path: yes, 0x1F


def parse_documents(text: str, report: FileReport) -> list[Document]:
    """Return the objects in `text`: each document, or each item of a document that is a list.

    What is wrong with the YAML itself goes to `report`; the documents before it are returned.
    """
    documents: list[Document] = []
    try:
        for node in yaml.compose_all(_without_tabs(text), Loader=_Loader):
            documents += _split(node, report)
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as exc:
        report.add_error("", _explain(exc), _line_of(exc), UNREADABLE)
        return documents
    if not documents and report.valid:
        report.add_error("", "holds no OpenSLO object", 1, "empty")
    return documents


def _without_tabs(text: str) -> str:
    """Return JSON with spaces for tabs, which may not indent YAML; other text as it is."""
    try:
        if "\t" in text:
            json.loads(text)
            return text.replace("\t", " ")
    except (ValueError, RecursionError):
        pass
    return text


def join_path(path: str, key: str) -> str:
    """Return the key path of `key` below `path`."""
    return f"{path}.{key}" if path else key


def _split(node: yaml.Node, report: FileReport) -> Iterator[Document]:
    for part in node.value if isinstance(node, yaml.SequenceNode) else [node]:
        builder = _Builder(report)
        tree = builder.build(part, "", part.start_mark.line + 1)
        if tree is None and (part is not node or part.value):
            report.add_violation("", "is null, which is no object", part.start_mark.line + 1, place="null")
        if tree is not None:
            yield Document(report, tree, builder.lines, builder.yaml11)


class _Builder:
    """Turns nodes into a tree, and notes lines and double keys on the way."""

    def __init__(self, report: FileReport) -> None:
        self.lines: dict[str, int] = {}
        self.yaml11: dict[str, Tree] = {}
        self._report = report
        self._nodes = self._depth = 0

    def build(self, node: yaml.Node, path: str, line: int) -> Tree:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _TooMuchError(problem=f"has more than {MAX_NODES} values", problem_mark=node.start_mark)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _too_deep(node.start_mark)
        self.lines[path] = line
        built = self._build(node, path)
        self._depth -= 1
        return built

    def _build(self, node: yaml.Node, path: str) -> Tree:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.build(item, f"{path}[{index}]", item.start_mark.line + 1)
                for index, item in enumerate(node.value)
            ]
        value = _scalar(node)
        plain = isinstance(node, yaml.ScalarNode) and node.style is None
        if plain and isinstance(value, str) and (other := _yaml11(value)) is not None:
            self.yaml11[path] = other
        return value

    def _mapping(self, node: yaml.MappingNode, path: str) -> dict[str, Tree]:
        built: dict[str, Tree] = {}
        for key_node, value_node, merged in _pairs(node):
            key, line = _paired(str(key_node.value)), key_node.start_mark.line + 1
            child = join_path(path, key)
            if key in built and not merged:
                first = f"is given twice, first in line {self.lines[child]}"
                self._report.add_error(child, first, line, "duplicate-key")
            if key not in built or not merged:
                built[key] = self.build(value_node, child, line)
        return built


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node, bool]]:
    """Yield keys and values, those merged in by `<<` last: a key's own value wins over them."""
    merges = []
    for key, value in node.value:
        if key.tag == _TAG + "merge":
            merges.append(value)
        else:
            yield key, value, False
    for value in merges:
        for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if isinstance(source, yaml.MappingNode):
                yield from ((k, v, True) for k, v, _ in _pairs(source))


def _scalar(node: yaml.Node) -> Tree:
    text = str(node.value)
    match node.tag.removeprefix(_TAG):
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int" if re.fullmatch(r"[-+]?[0-9]{1,18}", text):
            return int(text)
        case "float" if re.fullmatch(r"[-+.0-9eE]{1,40}", text):
            return Decimal(text)
    return _paired(text)


def _paired(text: str) -> str:
    """Return the text with JSON's surrogate pairs as one character, and without halves of them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _yaml11(text: str) -> bool | Decimal | None:
    """Return what YAML 1.1, and with it the reference SDK, makes of a plain scalar that is text here."""
    if _YAML11_BOOL.fullmatch(text):
        return text.lower() in ("y", "yes", "on")
    if _YAML11_INT.fullmatch(text):
        return Decimal(int(text.replace("_", ""), 0))
    return Decimal(text.replace("_", "")) if _YAML11_FLOAT.fullmatch(text) else None


def _too_deep(mark: yaml.Mark) -> _TooMuchError:
    return _TooMuchError(problem=f"is nested more than {MAX_DEPTH} deep, or contains itself", problem_mark=mark)


def _explain(exc: Exception) -> str:
    if isinstance(exc, RecursionError):
        return "merges itself"
    problem = exc.problem if isinstance(exc, yaml.MarkedYAMLError) and exc.problem else str(exc)
    return problem if isinstance(exc, _TooMuchError) else f"is not YAML: {' '.join(problem.split())}"


def _line_of(exc: Exception) -> int:
    mark = exc.problem_mark if isinstance(exc, yaml.MarkedYAMLError) else None
    return mark.line + 1 if mark else 1
