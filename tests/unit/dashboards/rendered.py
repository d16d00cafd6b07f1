"""The boards as they ship, with what tests ask of every one of them."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from alert_rules.shipped import load_shipped_objectives
from dashboards import build_boards

OBJECTIVES = load_shipped_objectives()
BOARDS = build_boards(OBJECTIVES)
QUIET = {
    "herald-home": {"Alerts, firing first", "Objectives that were not OK, 30 worst"},
    "herald-incident": {
        "Alerts of the incident",
        "Objectives that were not OK, 30 worst",
        "Burn rate over 5 min, 30 worst",
        "Jobs that failed",
    },
    "herald-slo": {"Alerts of this objective", "Time that does not count"},
    "herald-memory-executive": {"Time to recover, 28d rolling", "Time to recover: burn rate"},
    "herald-memory-on-call": {"Rejects in range"},  # no zero while a long past is still being counted
    "herald-community-executive": {"Time to repair, 28d rolling", "Time to repair: burn rate"},
    "herald-network-executive": {"Major incidents and their burn", "Sessions that failed"},
    "herald-network-on-call": {"Sessions that failed"},
    "herald-network-debug": {"Errors and dumps of repeaters"},
    "herald-link-debug": {"Log of repeaters"},
    "herald-scaleup-on-call": {"Failed jobs, newest first", "Why jobs failed"},
    "herald-community-on-call": {"Failed jobs, newest first", "Why jobs failed"},
}
"""Titles of panels that may be empty while nothing goes wrong, by board; each of them says so in words."""

Json = dict[str, Any]


def panels_of(board: Json) -> list[Json]:
    """The panels of a board, those in folded rows too, without the rows themselves."""
    return [each for panel in board["panels"] for each in panel.get("panels", [panel])]


def panels() -> list[tuple[str, Json]]:
    return [(uid, panel) for uid, board in BOARDS.items() for panel in panels_of(board)]


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


def _holding(rule: Callable[[Any], None], subjects: Iterable[tuple[str, Any]]) -> Callable[[], None]:
    """One test that a rule holds for every subject: there are too many of them for a test each."""

    def hold() -> None:
        broken = []
        for name, subject in subjects:
            try:
                rule(subject)
            except AssertionError as exc:
                broken.append(f"{name}: {exc}")
        assert not broken, "\n\n".join(broken)

    hold.__name__, hold.__doc__, hold.__module__ = rule.__name__, rule.__doc__, rule.__module__
    return hold


def each_panel(rule: Callable[[Json], None]) -> Callable[[], None]:
    return _holding(rule, [(f"{uid}/{panel['id']}", panel) for uid, panel in panels()])


def each_statement(rule: Callable[[str], None]) -> Callable[[], None]:
    return _holding(rule, list(statements()))


def each_variable_query(rule: Callable[[str], None]) -> Callable[[], None]:
    return _holding(rule, list(variable_queries()))
