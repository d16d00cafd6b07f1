"""Dashboard variables: which values may be chosen, and how a chosen value becomes SQL.

A value from a browser is never trusted: `choose` lets only a variable's own options through, and `interpolate` puts
text into a statement as a quoted literal. Unquoted text is limited to characters that cannot end a word in SQL.
Literals stand aside as numbered marks until the macros are expanded, so that a value never looks like a macro.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from model.errors import InvalidInputError
from web.intervals import render_interval
from web.macros import QueryRange
from web.sql_text import quote_literal

ALL = "$__all"
_REFERENCE = re.compile(r"\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}")
_HARMLESS = re.compile(r"(?!.*--)[A-Za-z0-9_.:-]*")
_MARK = re.compile("\x01(\\d+)\x01")


@dataclass(frozen=True, slots=True)
class Option:
    """One value that a variable can take and the text that a person sees."""

    text: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable of a dashboard. `sql` asks for the options; without it they are fixed."""

    name: str
    label: str
    kind: str
    multi: bool
    include_all: bool
    hidden: bool
    sql: str = ""
    options: tuple[Option, ...] = ()
    default: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The values in force for one variable. `many` says whether the variable stands for a list."""

    values: tuple[str, ...]
    many: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpolated:
    """A statement whose literals are numbered marks; `fill_in` puts them back."""

    sql: str
    literals: tuple[str, ...]

    def fill_in(self, sql: str) -> str:
        """Return `sql` with its marks replaced by the literals."""
        return _MARK.sub(lambda found: self.literals[int(found[1])], sql)


def choose(variable: Variable, options: Sequence[Option], asked: Sequence[str]) -> Selection:
    """Return the selection that `asked` names. Raises InvalidInputError for a value that is not an option."""
    known = {option.value for option in options}
    if ALL in asked:
        if not variable.include_all:
            raise InvalidInputError(
                f"variable {variable.name} cannot be set to All", remedy="choose one of its options"
            )
        return Selection(values=tuple(option.value for option in options), many=True)
    for value in asked:
        if value not in known:
            raise InvalidInputError(
                f"variable {variable.name} has no option {value[:80]!r}", remedy="choose one of its options"
            )
    if len(asked) > 1 and not variable.multi:
        raise InvalidInputError(f"variable {variable.name} takes one value, not {len(asked)}", remedy="choose one")
    return Selection(values=tuple(asked), many=variable.multi or variable.include_all)


def correct(variable: Variable, options: Sequence[Option], asked: Sequence[str]) -> tuple[str, ...]:
    """Return the valid part of what was `asked`, else of the default, else the first option (or All)."""
    known = {option.value for option in options} | ({ALL} if variable.include_all else set())
    for wanted in (asked, variable.default):
        if valid := tuple(value for value in wanted if value in known):
            return (ALL,) if ALL in valid else valid if variable.multi else valid[:1]
    if variable.include_all:
        return (ALL,)
    return (options[0].value,) if options else ()


def find_unknown(options: Sequence[Option], asked: Sequence[str]) -> tuple[str, ...]:
    """Return what was asked for and is no option: a device that is gone, or a misspelt address."""
    known = {"", ALL, *(option.value for option in options)}
    return tuple(dict.fromkeys(value for value in asked if value not in known))


def interpolate(sql: str, selections: Mapping[str, Selection], query_range: QueryRange) -> Interpolated:
    """Replace every `$name`, `${name:format}` and `[[name]]` by what is chosen; leave unknown `$names` alone."""
    if "\x01" in sql:
        raise InvalidInputError("the statement holds a control character", remedy="correct the panel's SQL")
    literals: list[str] = []

    def set_aside(literal: str) -> str:
        literals.append(literal)
        return f"\x01{len(literals) - 1}\x01"

    def replace(found: re.Match[str]) -> str:
        name = found[1] or found[2] or found[4]
        form = found[3] or found[6] or ""
        if (built_in := _render_built_in(name, form, query_range)) is not None:
            return built_in
        if name not in selections:
            return _refuse_unknown(name) if found[4] else found[0]
        return _render_selection(name, selections[name], form, set_aside)

    return Interpolated(sql=_REFERENCE.sub(replace, sql), literals=tuple(literals))


def _refuse_unknown(name: str) -> str:
    raise InvalidInputError(f"the statement uses variable {name}, which the dashboard does not define")


def _render_built_in(name: str, form: str, query_range: QueryRange) -> str | None:
    if name in ("__from", "__to"):
        return _render_time(query_range.from_ms if name == "__from" else query_range.to_ms, name, form)
    plain = {
        "__interval": render_interval(query_range.interval_ms),
        "__interval_ms": str(query_range.interval_ms),
        "__timezone": "utc",
    }
    return plain.get(name)


def _render_time(when_ms: int, name: str, form: str) -> str:
    if form in ("", "raw"):
        return str(when_ms)
    if form == "date:seconds":
        return str(when_ms // 1000)
    if form in ("date", "date:iso"):
        stamp = datetime.fromtimestamp(when_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{stamp}.{when_ms % 1000:03d}Z"
    raise InvalidInputError(f"not supported: ${{{name}:{form}}}", remedy="use date:iso, date:seconds or no format")


def _render_selection(name: str, chosen: Selection, form: str, set_aside: Callable[[str], str]) -> str:
    if form == "sqlstring" or (not form and chosen.many):
        return ",".join(set_aside(quote_literal(value)) for value in chosen.values) or "NULL"
    if form not in ("", "raw", "csv", "text"):
        raise InvalidInputError(f"not supported: ${{{name}:{form}}}", remedy=f"use ${{{name}:sqlstring}}")
    for value in chosen.values:
        if _HARMLESS.fullmatch(value) is None:
            raise InvalidInputError(
                f"variable {name} has a value that cannot stand unquoted in SQL", remedy=f"use ${{{name}:sqlstring}}"
            )
    return ",".join(chosen.values)
