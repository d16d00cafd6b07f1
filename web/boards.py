"""A dashboard's JSON as far as the server must understand it: which panel asks which SQL.

The rest of the JSON goes to the browser unchanged. The browser never sends SQL: it names a board, a panel and a
target, and the statement is looked up here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.errors import InvalidInputError
from web.intervals import parse_interval_s
from web.variables import Option, Variable

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One query of a panel. `min_interval_ms` is the panel's own lower bound of the step, 0 without one."""

    ref_id: str
    sql: str
    form: str
    min_interval_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationQuery:
    """One annotation query of a board: what its regions and lines are called and coloured."""

    name: str
    colour: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One dashboard: its JSON, and the statements in it."""

    uid: str
    title: str
    tags: tuple[str, ...]
    json: Json
    targets: Mapping[int, tuple[Target, ...]]
    variables: tuple[Variable, ...]
    annotations: tuple[AnnotationQuery, ...]

    def target(self, panel_id: int, ref_id: str) -> Target:
        """Return the target; raises InvalidInputError where the board has no such panel or query."""
        for each in self.targets.get(panel_id, ()):
            if each.ref_id == ref_id:
                return each
        raise InvalidInputError(f"dashboard {self.uid} has no query {ref_id[:20]!r} in panel {panel_id}")


def parse_board(board: Json) -> Board:
    """Read what the server needs from a dashboard's JSON."""
    return Board(
        uid=str(board["uid"]),
        title=str(board.get("title", "")),
        tags=tuple(board.get("tags") or ()),
        json=board,
        targets={int(panel["id"]): tuple(_targets(panel)) for panel in _panels(board) if "id" in panel},
        variables=tuple(_variable(each) for each in (board.get("templating") or {}).get("list", ())),
        annotations=tuple(_annotations(board)),
    )


def _panels(holder: Json) -> Iterator[Json]:
    for panel in holder.get("panels") or ():
        yield panel
        yield from _panels(panel)


def _targets(panel: Json) -> Iterator[Target]:
    interval = panel.get("interval")
    least_ms = round(parse_interval_s(str(interval).lstrip(">"), 0) * 1000) if interval else 0
    for target in panel.get("targets") or ():
        if target.get("rawSql") and not target.get("hide"):
            yield Target(
                ref_id=str(target.get("refId", "A")),
                sql=str(target["rawSql"]),
                form=str(target.get("format", "time_series")),
                min_interval_ms=least_ms,
            )


def _annotations(board: Json) -> Iterator[AnnotationQuery]:
    for query in (board.get("annotations") or {}).get("list", ()):
        sql = query.get("rawQuery") or (query.get("target") or {}).get("rawSql")
        if isinstance(sql, str) and sql and query.get("enable", True):
            yield AnnotationQuery(name=str(query.get("name", "")), colour=str(query.get("iconColor", "")), sql=sql)


def _variable(json: Json) -> Variable:
    kind, query = str(json.get("type", "")), json.get("query", "")
    return Variable(
        name=str(json["name"]),
        label=str(json.get("label") or json["name"]),
        kind=kind,
        multi=bool(json.get("multi")),
        include_all=bool(json.get("includeAll")),
        hidden=json.get("hide") in (2, "hideVariable"),
        sql=_variable_sql(query) if kind == "query" else "",
        options=() if kind == "query" else _fixed_options(json, kind),
        default=_default(json.get("current")),
    )


def _variable_sql(query: object) -> str:
    if isinstance(query, Mapping):
        return str(query.get("rawSql") or query.get("query") or "")
    return str(query)


def _fixed_options(json: Json, kind: str) -> tuple[Option, ...]:
    given = [Option(str(each["text"]), str(each["value"])) for each in json.get("options") or () if "value" in each]
    listed = [each for each in given if each.value != "$__all"]
    if listed:
        return tuple(listed)
    if kind == "datasource":
        return tuple(Option(value, value) for value in _default(json.get("current")))
    words = str(json.get("query", "")).split(",")
    return tuple(Option(word.strip(), word.strip()) for word in words if word.strip())


def _default(current: object) -> tuple[str, ...]:
    if not isinstance(current, Mapping):
        return ()
    value = current.get("value")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(str(each) for each in value)
    return () if value in (None, "") else (str(value),)
