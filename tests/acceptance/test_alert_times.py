"""A fault pages at the very minute that the formula gives, and is over at the minute that it gives.

A fibre breaks, so that every minute of its link is bad; from the minutes of the fault alone the formula says when the
page is due. Minutes of telemetry and engine are virtual; collector, database and Alertmanager are real, and what
Alertmanager tells its webhooks carries the minutes.
"""

import json
import urllib.request
from datetime import datetime

import pytest

from alert_rules import load_shipped_objectives
from alert_rules.prediction import Episode, predict
from exporters import OtlpClient
from hwsim.fleet import FLEETS
from model.clock import MINUTE_NS, SECOND_NS
from slo import PAGE, Objective, Rule
from tests.acceptance.collecting import CollectorProcess
from tests.acceptance.paging import Pagers, eventually
from tests.acceptance.story import Story
from tests.services.debian_root import DebianRoot
from tests.services.processes import free_port
from tests.services.prometheus import running_alertmanager

FLEET = FLEETS / "network.yaml"
BROKEN_FIBRE = "link.F1", "link-delft-hague", 60.0
LASTS = 10, 35
"""Minutes of the story from which and until which the fibre is broken."""

SUFFERS = {"link-availability": "link-delft-hague", "network-pair-rate": "rep-delft-hague"}
"""Objectives that judge a minute as a whole, and whom they page about."""

OBJECTIVES = [objective for objective in load_shipped_objectives() if objective.name in SUFFERS]
NEVER = datetime.fromisoformat("0001-01-01T00:00:00Z")
DOWN_MINUTES = 10


def predict_page(objective: Objective) -> tuple[int, int]:
    """Return the minutes at which the first tier fires and the last one resolves; they are one page."""
    outage = Episode(start_ns=LASTS[0] * MINUTE_NS, end_ns=LASTS[1] * MINUTE_NS, bad=1, total=1)
    tiers = [tier for tier in objective.tiers if tier.severity == PAGE and tier.rule is Rule.RATE]
    told = [predict(objective, tier, outage) for tier in tiers]
    fires = min(each.fired_ns for each in told if each.fired_ns is not None)
    resolves = max(each.resolved_ns for each in told if each.resolved_ns is not None)
    return fires // MINUTE_NS, resolves // MINUTE_NS


((FIRES, RESOLVES),) = {predict_page(objective) for objective in OBJECTIVES}


def begin(database: str, alertmanager: str, *, minutes: int) -> Story:
    return Story(database, OBJECTIVES, [alertmanager], minutes=minutes, fault=BROKEN_FIBRE, lasts=LASTS, fleet=FLEET)


def heard(pagers: Pagers, story: Story) -> list[tuple[str, str, int | None, int | None]]:
    """Return each alert of each notification: objective, status, and the minutes from which and until which."""
    return sorted(
        (
            (
                alert["labels"]["slo"],
                alert["status"],
                minute_of(alert["startsAt"], story),
                minute_of(alert["endsAt"], story),
            )
            for body in pagers.notifications("page")
            for alert in body["alerts"]
        ),
        key=lambda told: told[:2],
    )


def known(alertmanager: str) -> set[str]:
    """Return the objectives that Alertmanager has an alert of that fires."""
    with urllib.request.urlopen(f"{alertmanager}/api/v2/alerts") as response:
        return {alert["labels"]["slo"] for alert in json.load(response)}


def minute_of(stamp: str, story: Story) -> int | None:
    when = datetime.fromisoformat(stamp)
    return None if when == NEVER else (int(when.timestamp()) * SECOND_NS - story.ns(0)) // MINUTE_NS


@pytest.mark.parametrize("objective", OBJECTIVES, ids=SUFFERS)
def test_the_formula_says_nine_minutes_after_the_break_and_29_after_its_end(objective: Objective) -> None:
    """2 % of 28 days' budget are 8.064 bad minutes; 28.32 good ones bring the slower tier under its factor."""
    assert predict_page(objective) == (LASTS[0] + 9, LASTS[1] + 29)


def test_a_page_comes_and_goes_at_the_minutes_that_the_formula_gives(
    database: str, collector: CollectorProcess, impatient_alertmanager: str, pagers: Pagers
) -> None:
    story, agents = begin(database, impatient_alertmanager, minutes=RESOLVES), OtlpClient(collector.http_url)

    def live_until(minute: int) -> None:
        story.send_until(minute, agents.send)
        collector.wait_until_stored()
        story.judge()

    live_until(FIRES - 1)
    assert known(impatient_alertmanager) == set()
    live_until(FIRES)
    assert eventually(lambda: pagers.told("page", "firing") == set(SUFFERS.items()))

    live_until(RESOLVES - 1)
    assert known(impatient_alertmanager) == SUFFERS.keys()
    live_until(RESOLVES)
    assert eventually(lambda: pagers.told("page", "resolved") == set(SUFFERS.items()))

    once_each = [(name, "firing", FIRES, None) for name in SUFFERS] + [
        (name, "resolved", FIRES, RESOLVES) for name in SUFFERS
    ]
    assert heard(pagers, story) == sorted(once_each, key=lambda told: told[:2])
    assert pagers.notifications("ticket") == []


def test_ten_minutes_without_alertmanager_lose_no_page(
    database: str, debian_tools: DebianRoot, pagers: Pagers, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is away from the minute of the page on: the engine repeats what nobody has heard, with that minute."""
    port, back = free_port(), FIRES + DOWN_MINUTES
    story = begin(database, f"http://127.0.0.1:{port}", minutes=back)
    for minute in range(FIRES, back):
        story.store_until(minute)
        story.judge()
    assert capsys.readouterr().err.count("does not answer") == DOWN_MINUTES

    with running_alertmanager(debian_tools, pagers.config, port=port):
        story.store_until(back)
        story.judge()
        assert eventually(lambda: pagers.told("page", "firing") == set(SUFFERS.items()))
    assert heard(pagers, story) == [(name, "firing", FIRES, None) for name in SUFFERS]
