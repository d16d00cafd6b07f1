"""The questions of a review as SQL: one function of schema `postmortem` per file of `sql/postmortem/`.

A file's first comment lines say what is asked, which entries of the catalogue that answers, and what each column
holds; they become the function's comment. Every function takes the same three parameters: from, to, and whom it is
about (null: the whole fleet). Functions and the pieces that they share are derived from files and registry, and
rebuilt whenever these change; nobody else may write in the schema. See docs/decisions/0030.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import LiteralString

from psycopg import sql

from model.clock import format_time
from model.registry import Registry
from model.windows import Window
from store.database import Connection
from store.statements import SQL, load_statements

QUERIES = SQL / "postmortem"
_SQL = load_statements("postmortem")
_CATALOGUE = "catalogue"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostmortemQuery:
    """One question: the catalogue ids that it answers, and what its columns hold, by their names in order."""

    name: LiteralString
    question: str
    catalogue_ids: tuple[str, ...]
    columns: dict[str, str]
    definition: LiteralString

    @property
    def example(self) -> str:
        """Return a statement to try in psql."""
        return self._fill("example")

    @property
    def grafana(self) -> str:
        """Return the statement for a panel whose board has a variable `device`."""
        return self._fill("grafana")

    @property
    def comment(self) -> str:
        """Return what psql shows of the function."""
        columns = "\n".join(f"{name}: {text}" for name, text in self.columns.items())
        return f"{self.question}\n\n{columns}\n\nExample: {self.example};"

    def ask(self, window: Window, about: str = "") -> str:
        """Return the statement that asks over a window, for psql or any other client."""
        arguments = (format_time(window.start_ns), format_time(window.end_ns), about)
        return self._fill("ask", arguments=sql.SQL(", ").join(sql.Literal(each) for each in arguments if each))

    def _fill(self, statement: str, **parts: sql.Composable) -> str:
        return sql.SQL(_SQL[statement]).format(name=sql.SQL(self.name), **parts).as_string(None)


def ask_range(*, alert: int | None = None, incident: int | None = None) -> str:
    """Return the statement that tells the range of an alert or an incident, and whom it is about."""
    kind, number = ("incident", incident) if alert is None else ("alert", alert)
    return sql.SQL(_SQL[f"ask_{kind}"]).format(number=sql.Literal(number)).as_string(None)


@cache
def list_postmortem_queries() -> tuple[PostmortemQuery, ...]:
    """Return all queries by name."""
    return tuple(_read(path) for path in sorted(QUERIES.glob("*.sql")))


def rebuild_postmortem_queries(connection: Connection, registry: Registry) -> None:
    """Make the schema fit the files and the registry, in one transaction; what fits already is not touched."""
    vocabulary = sql.SQL(_SQL["create_vocabulary"]).format(body=sql.Literal(_vocabulary(registry)))
    pieces = [sql.SQL(text) for name, text in _SQL.items() if name.startswith("piece_")]
    queries = [sql.SQL(query.definition) for query in list_postmortem_queries()]
    parts: list[sql.SQL | sql.Composed] = [vocabulary, *pieces, *queries]
    digest = hashlib.blake2b(
        "".join(part.as_string(connection) for part in parts).encode(), digest_size=4
    ).hexdigest()
    comment = f"Questions of a review. Rebuilt by herald db migrate, definition {digest}."
    with connection.transaction():
        if connection.execute(_SQL["read_digest"]).fetchone() == (comment,):
            return
        connection.execute(_SQL["drop_schema"])
        connection.execute(_SQL["create_schema"])
        for part in parts:
            connection.execute(part)
        for query in list_postmortem_queries():
            _comment_query(connection, query)
        connection.execute(_SQL["grant_schema"])
        connection.execute(_SQL["grant_functions"])
        connection.execute(sql.SQL(_SQL["comment_schema"]).format(comment=sql.Literal(comment)))


def _comment_query(connection: Connection, query: PostmortemQuery) -> None:
    function = sql.Identifier("postmortem", query.name)
    connection.execute(sql.SQL(_SQL["comment_query"]).format(function=function, comment=sql.Literal(query.comment)))


def _vocabulary(registry: Registry) -> str:
    """Return a SELECT of what the registry knows of its metrics."""
    rows = [
        sql.SQL("({}, {}, {}::text[])").format(metric.name, metric.unit, list(metric.required))
        for metric in registry.metrics.values()
    ]
    return sql.SQL("values {}").format(sql.SQL(", ").join(rows)).as_string(None)


def _read(path: Path) -> PostmortemQuery:
    head, _, definition = path.read_text(encoding="utf-8").partition("\n\n")
    question, *told = (line.removeprefix("-- ") for line in head.splitlines())
    facts = [tuple(line.split(": ", maxsplit=1)) for line in told]
    return PostmortemQuery(
        name=path.stem,
        question=question,
        catalogue_ids=tuple(id_ for key, text in facts if key == _CATALOGUE for id_ in text.split()),
        columns={key: text for key, text in facts if key != _CATALOGUE},
        definition=definition.strip().removesuffix(";"),
    )
