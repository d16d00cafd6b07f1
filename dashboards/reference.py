"""`docs/reference/dashboards.md`: every board and panel with the catalogue ids it answers, from the boards."""

from collections.abc import Iterable, Mapping
from typing import Any

from dashboards.board import Board
from dashboards.build import assemble_boards
from slo import Objective

_PREFACE = (
    "Written from the boards in `dashboards/`; a test keeps it current. The same JSON is "
    "drawn by Grafana and by `herald web`. Data source: `herald-pg` (PostgreSQL), read only."
)


def cited(panel: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the catalogue ids at the end of a panel's description."""
    _, _, ids = str(panel["description"]).rpartition("Catalogue: ")
    return tuple(ids.removesuffix(".").split(", "))


def render_reference(objectives: Iterable[Objective] = ()) -> str:
    """Return the page."""
    boards = assemble_boards(objectives)
    parts = [
        "# Dashboards",
        _PREFACE,
        *(_render_board(board) for board in boards),
    ]
    return "\n\n".join(parts) + "\n"


def _render_board(board: Board) -> str:
    json = board.render()
    choices = [each["label"] for each in json["templating"]["list"] if each["type"] in {"query", "custom"}]
    rows = [
        (str(panel["id"]), panel["title"], panel["type"], ", ".join(cited(panel)), _about(panel))
        for row in json["panels"]
        for panel in row.get("panels", [row])
    ]
    pace = f"`{board.uid}`, {board.audience.since} to now, every {board.audience.refresh}."
    table = _table(("Id", "Panel", "Type", "Catalogue", "What it says"), rows)
    return f"## {board.title}\n\n{board.question}\n\n{pace} Choose by: {', '.join(choices)}.\n\n{table}"


def _about(panel: Mapping[str, Any]) -> str:
    about, _, _ = str(panel["description"]).rpartition(" Catalogue: ")
    return about


def _table(titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [titles, tuple("---" for _ in titles), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
