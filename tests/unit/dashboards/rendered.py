"""The boards as they ship, with what tests ask of every one of them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from alert_rules.shipped import load_shipped_objectives
from dashboards import build_boards

OBJECTIVES = load_shipped_objectives()
BOARDS = build_boards(OBJECTIVES)

Json = dict[str, Any]


def panels() -> list[tuple[str, Json]]:
    return [(uid, panel) for uid, board in BOARDS.items() for panel in board["panels"]]


def statements() -> Iterator[tuple[str, str]]:
    """Every SQL statement of a panel or an annotation, with a name."""
    for uid, panel in panels():
        for target in panel["targets"]:
            yield f"{uid}/{panel['id']}{target['refId']}", target["rawSql"]
    for uid, board in BOARDS.items():
        for annotation in board["annotations"]["list"]:
            yield f"{uid}/{annotation['name']}", annotation["target"]["rawSql"]


def variable_queries() -> Iterator[tuple[str, str]]:
    for uid, board in BOARDS.items():
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                yield f"{uid}/{variable['name']}", variable["query"]


def used_variables(text: str) -> set[str]:
    return set(re.findall(r"\$\{(\w+)", text)) | set(re.findall(r"\$(\w+)", text))


each_board = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
each_panel = pytest.mark.parametrize(
    "panel", [pytest.param(panel, id=f"{uid}/{panel['id']}") for uid, panel in panels()]
)
each_statement = pytest.mark.parametrize("sql", [pytest.param(sql, id=name) for name, sql in statements()])
each_variable_query = pytest.mark.parametrize("sql", [pytest.param(sql, id=name) for name, sql in variable_queries()])
