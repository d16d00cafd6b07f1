"""What a postmortem takes of the answers of queries: little of what is alike, and names as they are."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from herald.postmortem_record import PostmortemRecord
from model.windows import Window
from store import Store

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
WINDOW = Window(start_ns=0, end_ns=1)
Rows = dict[str, list[dict[str, Any]]]
Asked = list[tuple[str, str]]


def record(
    answers: Rows, asked: list[tuple[str, str]] | None = None, *, patch: pytest.MonkeyPatch
) -> PostmortemRecord:
    """Return a record that has these answers, and notes what it was asked."""

    def ask(_: PostmortemRecord, name: str, window: Window, about: str) -> list[dict[str, Any]]:
        del window
        if asked is not None:
            asked.append((name, about))
        return answers.get(name, [])

    patch.setattr(PostmortemRecord, "_ask", ask)
    return PostmortemRecord(cast("Store", None), "")


def moved(metric: str, number: int) -> dict[str, Any]:
    return {
        "entity": f"link-{number}",
        "metric": metric,
        "part": None,
        "layer": "quantum",
        "onset_at": NOON + timedelta(minutes=number),
        "before": 0.0,
        "during": 9.0,
        "sigmas": 9.0 - number,
    }


def test_of_one_metric_the_timeline_tells_for_three_entities(monkeypatch):
    metrics = ("quantum.link.expirations", "quantum.link.fidelity")
    rows = [moved(metric, number) for metric in metrics for number in range(9)]
    moments = record({"moved": rows}, patch=monkeypatch).moments(WINDOW, WINDOW, "", besides=[])
    assert [moment.source for moment in moments] == [metric for metric in metrics for _ in range(3)]


def test_states_of_a_budget_are_words_and_names_stay_as_they_are(monkeypatch):
    row = {"at": NOON, "objective": "a_b", "entity": "lab_north", "part": "slot_1"}
    answers: Rows = {"burn_crossings": [{**row, "was": "no_data", "became": "at_risk"}]}
    (moment,) = record(answers, patch=monkeypatch).moments(WINDOW, WINDOW, "", besides=[])
    assert moment.text == "budget of a_b of lab_north, slot_1: no data → at risk"


def test_fidelities_of_everything_that_was_hurt_are_asked_for_at_once(monkeypatch):
    bucket = {"metric": "fidelity", "above": None, "up_to": 0.5, "before": 1, "during": 2, "share_before": 1.0}
    rows = [{**bucket, "entity": entity} for entity in ("cryo-a", "link-a", "mem-a")]
    asked: Asked = []
    told = record({"fidelity_histogram": rows}, asked, patch=monkeypatch).fidelities(WINDOW, {"mem-a", "link-a"})
    assert [each.entity for each in told] == ["link-a", "mem-a"]
    assert asked == [("fidelity_histogram", "link-a\nmem-a")]
