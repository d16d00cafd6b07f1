"""The scoreboard of game days as a page: complete, worst first, in one file."""

import re
from dataclasses import replace

from herald.gameday.cause_sweep import Score
from herald.gameday.detection_sweep import Detection
from herald.gameday.scoreboard import render_scoreboard_html, render_scoreboard_markdown

GOOD = Detection(
    fault="link.F1",
    title="Fibre bends & leaks",
    domain="link",
    magnitude="typical",
    seed=21,
    struck="link-a",
    route="page",
    noticed_s=600.0,
    least_noticed_s=540.0,
    resolved_s=21_600.0,
    least_resolved_s=21_540.0,
    rank=1,
    other_routes=(),
    unresolved=(),
    false_alerts=(),
)
UNNOTICED = replace(
    GOOD, fault="memory.F5", domain="memory", noticed_s=None, least_noticed_s=None, resolved_s=None, rank=None
)
LATE = replace(GOOD, fault="network.F2", domain="network", noticed_s=1_800.0)
FALSE = replace(GOOD, fault="scaleup.F1", domain="scaleup", false_alerts=("qkd-key-rate 1h-5m",))
MISSED_CAUSE = Score(
    fault="link.F3",
    domain="link",
    magnitude="typical",
    seed=21,
    struck="link-a",
    hurt="link-a",
    rank=2,
    lead=False,
    first="change firmware of link-a",
    confidence="high",
    blamed_change=True,
    reason="",
)
DAYS = [GOOD, LATE, FALSE, UNNOTICED]


def faults_in_order(page: str) -> list[str]:
    """The faults as the table of each lists them, from its heading on."""
    return re.findall(r"<td>(\w+\.\w+) ", page[page.index("Each fault") :])


def test_faults_stand_worst_first():
    assert faults_in_order(render_scoreboard_html(DAYS, [])) == ["memory.F5", "scaleup.F1", "network.F2", "link.F1"]


def test_a_row_tells_the_times_beside_those_of_the_formula():
    page = render_scoreboard_html([GOOD], [])
    for cell in ("10 min", "9 min", "360 min", "359 min"):
        assert f'<td class="number">{cell}</td>' in page


def test_a_miss_is_told_with_its_reason():
    page = render_scoreboard_html(DAYS, [])
    assert "nobody got a page; due by the true events never" in page
    assert "noticed after 1800 s, due by the true events after 540 s" in page


def test_rates_have_intervals_by_domain_and_magnitude():
    page = render_scoreboard_html(DAYS, [])
    assert "<td>all</td><td>typical</td>" in page
    assert "<td>30-95 %</td>" in page  # Wilson's interval of 3 of 4


def test_causes_that_did_not_come_first_are_told():
    assert "rank 2, first change firmware of link-a (high)" in render_scoreboard_html([], [MISSED_CAUSE])


def test_causes_that_were_told_only_as_leads_are_counted_by_themselves():
    lead = replace(MISSED_CAUSE, lead=True, confidence="low")
    page = render_scoreboard_markdown([], [MISSED_CAUSE, lead, replace(lead, rank=4)])
    assert re.search(r"\| all \| typical \| 3 \| 0 \| 0 \| .* \| 2 \| 1 \| 1 \|", page)


def test_the_page_needs_nothing_beside_it_and_escapes_what_it_tells():
    page = render_scoreboard_html(DAYS, [MISSED_CAUSE])
    assert "Fibre bends &amp; leaks" in page
    assert not re.search(r"<script|<link|src=|href=|url\(", page)


def test_both_forms_tell_the_same_rows():
    markdown = render_scoreboard_markdown(DAYS, [])
    in_markdown = re.findall(r"^\| (\w+\.\w+) Fibre", markdown, re.MULTILINE)
    assert in_markdown == faults_in_order(render_scoreboard_html(DAYS, []))


def test_what_was_not_played_has_no_table():
    assert "Detection" not in render_scoreboard_markdown([], [MISSED_CAUSE])
