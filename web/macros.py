"""Grafana's SQL macros for PostgreSQL with `timescaledb: true`: `$__timeFilter(time)` and its relatives.

Follows Grafana's `grafana-postgresql-datasource/macros.go`: an argument ends at the first closing parenthesis, and an
unknown `$name(` is an error, also in plain SQL.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from model.errors import InvalidInputError
from web.intervals import parse_interval_s, render_interval

_MACRO = re.compile(r"\$([_a-zA-Z0-9]+)\(([^)]*)\)")
_OLD_GROUP = re.compile(r"\$__(timeGroup|unixEpochGroup)(\([^)]*\)),")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRange:
    """The time range and step that a query is asked for."""

    from_ms: int
    to_ms: int
    interval_ms: int

    def render_from(self) -> str:
        """Return the start as RFC 3339 in UTC."""
        return _render_rfc3339(self.from_ms)

    def render_to(self) -> str:
        """Return the end as RFC 3339 in UTC."""
        return _render_rfc3339(self.to_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """What stands where a time step has no row: a number, None for NULL, or the previous value."""

    interval_s: float
    value: float | None = None
    previous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """A statement without macros, and the fill that one of them asked for."""

    sql: str
    fill: Fill | None = None


def expand_macros(sql: str, query_range: QueryRange) -> Expanded:
    """Replace every macro. Raises InvalidInputError for unknown names and wrong arguments."""
    text = sql.replace("$__interval_ms", str(query_range.interval_ms))
    text = text.replace("$__interval", render_interval(query_range.interval_ms))
    text = text.replace("$__unixEpochFrom()", str(query_range.from_ms // 1000))
    text = text.replace("$__unixEpochTo()", str(query_range.to_ms // 1000))
    text = _OLD_GROUP.sub(r"$__\1Alias\2,", text)
    fills: list[Fill] = []

    def expand(found: re.Match[str]) -> str:
        name, arguments = found[1], [argument.strip() for argument in found[2].split(",")]
        macro = _MACROS.get(name)
        if macro is None:
            raise InvalidInputError(f'unknown macro "{name}"', remedy="see docs for the macros a query may use")
        if name in _GROUPS:
            fills.extend(_parse_fill(name, arguments, query_range))
        return macro(arguments, query_range)

    return Expanded(sql=_MACRO.sub(expand, text), fill=fills[0] if fills else None)


def _render_rfc3339(when_ms: int) -> str:
    text = datetime.fromtimestamp(when_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{when_ms % 1000:03d}".rstrip("0").rstrip(".")
    return f"{text}{fraction}Z"


def _parse_group_s(name: str, arguments: list[str], query_range: QueryRange) -> float:
    if len(arguments) < 2:
        raise InvalidInputError(f"macro {name} needs time column and interval and optional fill value")
    return parse_interval_s(arguments[1].strip("'"), query_range.to_ms)


def _parse_fill(name: str, arguments: list[str], query_range: QueryRange) -> list[Fill]:
    if len(arguments) < 3:
        return []
    interval_s, word = _parse_group_s(name, arguments, query_range), arguments[2]
    if word.upper() == "NULL":
        return [Fill(interval_s=interval_s)]
    if word == "previous":
        return [Fill(interval_s=interval_s, previous=True)]
    try:
        return [Fill(interval_s=interval_s, value=float(word))]
    except ValueError as exc:
        raise InvalidInputError(
            f"error parsing fill value {word}", remedy="write NULL, previous or a number", place=f"macro {name}"
        ) from exc


def _column(name: str, arguments: list[str]) -> str:
    if not arguments[0]:
        raise InvalidInputError(f"missing time column argument for macro {name}")
    return arguments[0]


def _time_filter(arguments: list[str], query_range: QueryRange) -> str:
    column = _column("__timeFilter", arguments)
    return f"{column} BETWEEN '{query_range.render_from()}' AND '{query_range.render_to()}'"


def _time_group(arguments: list[str], query_range: QueryRange) -> str:
    seconds = _parse_group_s("__timeGroup", arguments, query_range)
    return f"time_bucket('{seconds:.3f}s',{arguments[0]})"


def _epoch_group(arguments: list[str], query_range: QueryRange) -> str:
    seconds = f"{_parse_group_s('__unixEpochGroup', arguments, query_range):.15g}"
    return f"floor(({arguments[0]})/{seconds})*{seconds}"


def _epoch_filter(arguments: list[str], query_range: QueryRange) -> str:
    column = _column("__unixEpochFilter", arguments)
    return f"{column} >= {query_range.from_ms // 1000} AND {column} <= {query_range.to_ms // 1000}"


def _epoch_nano_filter(arguments: list[str], query_range: QueryRange) -> str:
    column = _column("__unixEpochNanoFilter", arguments)
    return f"{column} >= {query_range.from_ms * 1_000_000} AND {column} <= {query_range.to_ms * 1_000_000}"


_Macro = Callable[[list[str], QueryRange], str]
_GROUPS = frozenset({"__timeGroup", "__timeGroupAlias", "__unixEpochGroup", "__unixEpochGroupAlias"})
_MACROS: Mapping[str, _Macro] = {
    "__time": lambda arguments, _: f'{_column("__time", arguments)} AS "time"',
    "__timeEpoch": lambda arguments, _: f'extract(epoch from {_column("__timeEpoch", arguments)}) as "time"',
    "__timeFilter": _time_filter,
    "__timeFrom": lambda _, query_range: f"'{query_range.render_from()}'",
    "__timeTo": lambda _, query_range: f"'{query_range.render_to()}'",
    "__timeGroup": _time_group,
    "__timeGroupAlias": lambda arguments, query_range: f'{_time_group(arguments, query_range)} AS "time"',
    "__unixEpochFilter": _epoch_filter,
    "__unixEpochNanoFilter": _epoch_nano_filter,
    "__unixEpochNanoFrom": lambda _, query_range: str(query_range.from_ms * 1_000_000),
    "__unixEpochNanoTo": lambda _, query_range: str(query_range.to_ms * 1_000_000),
    "__unixEpochGroup": _epoch_group,
    "__unixEpochGroupAlias": lambda arguments, query_range: f'{_epoch_group(arguments, query_range)} AS "time"',
}
