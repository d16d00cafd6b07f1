"""Which queries of boards are timed, and which of them may be the slowest."""

import pytest

from alert_rules import load_shipped_objectives
from benchmarks.board_queries import Asked, candidates, list_queries
from dashboards import build_boards
from web.boards import Board, parse_board

BOARDS = [parse_board(json) for json in build_boards(load_shipped_objectives()).values()]


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_every_query_of_a_board_is_asked_for_the_points_of_its_panel(board: Board):
    wanted = [
        (panel["id"], target["refId"], panel["maxDataPoints"])
        for each in board.json["panels"]
        for panel in (each, *each.get("panels", ()))
        for target in panel.get("targets", ())
    ]
    asked = [(each.query.panel_id, each.query.ref_id, each.query.max_points) for each in list_queries(board)]
    assert sorted(asked) == sorted(wanted)


def asked(*took_s: float) -> Asked:
    return Asked(query=list_queries(BOARDS[0])[0].query, took_s=list(took_s))


def test_a_query_whose_longest_is_less_than_half_the_longest_is_not_asked_again():
    slow, middling, quick = asked(0.1, 0.9), asked(0.45, 0.1), asked(0.44, 0.44)
    assert candidates([quick, slow, middling]) == [slow, middling]


def test_the_95th_percentile_of_twenty_leaves_the_longest_out():
    assert asked(*range(20)).p95_s == 18
    assert asked(1, 3, 2).p95_s == 3


def test_a_query_is_called_after_its_board_and_its_panel():
    [first, *_] = list_queries(BOARDS[0])
    titles = [panel["title"] for panel in BOARDS[0].json["panels"]]
    assert first.name in {f"{BOARDS[0].uid}, {title}" for title in titles}
