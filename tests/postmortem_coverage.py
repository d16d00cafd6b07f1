"""Which query answers what a review asks: docs/reference/postmortem-queries.md, from data and the queries' heads.

`docs/reference/coverage/postmortem.yaml` lists the entries of the catalogue's sections `postmortem_review` and
`observability_pitfalls`; a query cites those that it answers. What no query can answer says where it is answered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from model.yaml_text import parse_yaml
from store import PostmortemQuery, list_postmortem_queries
from tests.catalogue_coverage import DATA, DOMAINS, ROOT

PAGE = ROOT / "docs" / "reference" / "postmortem-queries.md"
SECTIONS = {"postmortem_review": "What a review asks", "observability_pitfalls": "What observability gets wrong"}
_HEAD = """\
# Queries for postmortems

Generated from `store/sql/postmortem/*.sql` and `docs/reference/coverage/postmortem.yaml` by `make generate`; do not
edit. How to use them: [ask what happened](../how-to/ask-what-happened.md).

Each is a function of schema `postmortem`: `select * from postmortem.changes(from, to, about)`. `about` is a device,
link, backend, site or tenant; without it the whole fleet is asked. The incident is compared with the time before it,
as long as itself, between an hour and a week. Series are read from the rollups by the minute, over more than 12 hours
by the hour.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the catalogue, the queries that answer it, and where else it is answered."""

    id: str
    asks: str
    queries: tuple[str, ...]
    elsewhere: str


@cache
def load_entries() -> tuple[Entry, ...]:
    """Return all entries in the order of the file."""
    told: Mapping[str, Mapping[str, str]] = parse_yaml((DATA / "postmortem.yaml").read_text(encoding="utf-8"))[
        "entries"
    ]
    return tuple(
        Entry(
            id=id_,
            asks=entry["asks"],
            queries=tuple(query.name for query in list_postmortem_queries() if id_ in query.catalogue_ids),
            elsewhere=entry.get("elsewhere", ""),
        )
        for id_, entry in told.items()
    )


def render_page(entries: Iterable[Entry], queries: Iterable[PostmortemQuery]) -> str:
    """Return the page in Markdown."""
    parts = [_HEAD]
    for domain, title in DOMAINS.items():
        parts.append(f"## {title}")
        for section, heading in SECTIONS.items():
            rows = [_row(entry) for entry in entries if entry.id.startswith(f"{domain}.{section}.")]
            parts.append(
                "\n".join(
                    [f"### {heading}", "", "| entry | what it asks | answered by |", "| --- | --- | --- |", *rows]
                )
            )
    parts.append("## The queries")
    parts += [_describe(query) for query in queries]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _row(entry: Entry) -> str:
    answered = [", ".join(f"[{name}](#{name})" for name in entry.queries), entry.elsewhere]
    return f"| {entry.id} | {entry.asks.replace('|', '/')} | {'; '.join(filter(None, answered))} |"


def _describe(query: PostmortemQuery) -> str:
    columns = [f"| `{name}` | {text} |" for name, text in query.columns.items()]
    table = ["| column | what it holds |", "| --- | --- |", *columns]
    return "\n".join([f"### {query.name}", "", query.question, "", "```sql", f"{query.example};", "```", "", *table])
