"""Every query in a runbook is understood by a real database, as the role that may only read."""

import re
from collections.abc import Iterator

import pytest

from alert_rules.shipped import RUNBOOKS
from model.errors import HeraldError
from store import QueryRunner
from tests.services.databases import MigratedDatabases

BLOCK = re.compile(r"```sql\n(.*?)```", re.DOTALL)
QUERIES = [
    (path.stem, query)
    for path in sorted(RUNBOOKS.glob("*.md"))
    for block in BLOCK.findall(path.read_text(encoding="utf-8"))
    for query in block.split(";")
    if query.strip()
]


@pytest.fixture(scope="module")
def runner(databases: MigratedDatabases, embedded_server_url: str) -> Iterator[QueryRunner]:
    with databases.on(embedded_server_url) as url:
        runner = QueryRunner(url, connections=1)
        yield runner
        runner.close()


def test_every_query_of_every_runbook_can_be_asked(runner: QueryRunner):
    refused = {}
    for name, query in QUERIES:
        try:
            runner.read_table(query, row_limit=10, timeout_s=30)
        except HeraldError as exc:
            refused[name] = str(exc)
    assert refused == {}
    assert len(QUERIES) > len(list(RUNBOOKS.glob("*.md")))
