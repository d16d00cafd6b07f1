"""Every statement of every board, expanded as Grafana expands it, is understood by a real database."""

from collections.abc import Iterator

import pytest

from alert_rules.shipped import load_shipped_objectives
from dashboards import build_boards
from model.clock import DAY_NS, HOUR_NS, SECOND_NS, VirtualClock
from store import QueryRunner, migrate, throwaway_database
from web.boards import Board, parse_board
from web.panel_queries import PanelQueries, PanelQuery
from web.sources import Column, ColumnKind, Table

NOW_NS = 1_790_000_000 * SECOND_NS
BOARDS = [parse_board(json) for json in build_boards(load_shipped_objectives()).values()]
each_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)


class Reader:
    """Runs panel queries as the web application does: read-only, as the reader's role."""

    def __init__(self, url: str) -> None:
        self._runner = QueryRunner(url, connections=1)

    def read_table(self, sql: str, *, row_limit: int, timeout_s: float) -> Table:
        answer = self._runner.read_table(sql, row_limit=row_limit, timeout_s=timeout_s)
        columns = [Column(column.name, ColumnKind(column.kind)) for column in answer.columns]
        return Table(columns=columns, rows=answer.rows)

    def close(self) -> None:
        self._runner.close()


@pytest.fixture(scope="module", params=["embedded", "timescale"])
def reader(request: pytest.FixtureRequest) -> Iterator[Reader]:
    server: str = request.getfixturevalue(f"{request.param}_server_url")
    with throwaway_database(server) as url:
        migrate(url)
        runner = Reader(url)
        yield runner
        runner.close()


@each_board
@pytest.mark.parametrize("length_ns", [HOUR_NS, 30 * DAY_NS], ids=["1h", "30d"])
def test_every_panel_can_be_asked(board: Board, length_ns: int, reader: Reader):
    queries = PanelQueries(reader, VirtualClock(NOW_NS))
    span = queries.resolve_range(str((NOW_NS - length_ns) // 1_000_000), "now")
    refused = {
        f"{panel_id}{target.ref_id}": answer["error"]
        for panel_id, targets in board.targets.items()
        for target in targets
        if "error" in (answer := queries.run(_query(board, panel_id, target.ref_id), {}, span))
    }
    assert refused == {}


@each_board
def test_every_annotation_can_be_asked(board: Board, reader: Reader):
    queries = PanelQueries(reader, VirtualClock(NOW_NS))
    assert queries.read_annotations(board, {}, queries.resolve_range("now-6h", "now")) == []


@each_board
def test_every_variable_answers_even_without_data(board: Board, reader: Reader):
    queries = PanelQueries(reader, VirtualClock(NOW_NS))
    described = queries.describe_variables(board, {}, queries.resolve_range("now-6h", "now"))
    assert all(each["options"] and not each["error"] for each in described)


def _query(board: Board, panel_id: int, ref_id: str) -> PanelQuery:
    return PanelQuery(board=board, panel_id=panel_id, ref_id=ref_id, max_points=800)
