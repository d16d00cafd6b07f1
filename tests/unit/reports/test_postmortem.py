"""A postmortem tells facts in order, names suspects with their reasons, and leaves the judgement open."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from model.clock import HOUR_NS, MINUTE_NS
from model.windows import Window
from reports.cause import Ranking, Suspect
from reports.evidence import EvidenceSeries
from reports.postmortem import Impact, Incident, Moment, Postmortem, TelemetryGap, build_postmortem
from reports.render_postmortem import (
    render_postmortem_html,
    render_postmortem_json,
    render_postmortem_markdown,
)

BEGAN_NS = 100 * HOUR_NS

INCIDENT = Incident(
    title="Reads succeed: mem-a",
    entity="mem-a",
    window=Window(start_ns=BEGAN_NS - HOUR_NS, end_ns=BEGAN_NS + 3 * HOUR_NS),
    impact_ns=BEGAN_NS,
    detected_ns=BEGAN_NS + 11 * MINUTE_NS,
    resolved_ns=BEGAN_NS + 2 * HOUR_NS,
)
SUSPECT = Suspect(
    kind="hardware",
    entity="cryo-a",
    metric="hw.temperature",
    part="sample",
    onset_ns=BEGAN_NS - 5 * MINUTE_NS,
    score=1.5,
    size=900.0,
    parts={"size": 0.98, "place": 1.5},
    text="hw.temperature of cryo-a went from 5 to 14",
    refutation="a second thermometer reads 5",
)
CHART = EvidenceSeries(
    entity="cryo-a",
    metric="hw.temperature",
    part="sample",
    minute_ns=np.arange(BEGAN_NS - HOUR_NS, BEGAN_NS + HOUR_NS, MINUTE_NS, dtype=np.int64),
    value=np.linspace(5, 14, 120),
)


@pytest.fixture
def postmortem() -> Postmortem:
    return build_postmortem(
        INCIDENT,
        impacts=[
            Impact(objective="small", entity="mem-a", bad=1, total=100, budget_share=0.01),
            Impact(objective="large", entity="mem-a", bad=90, total=100, budget_share=0.9),
        ],
        moments=[
            Moment(at_ns=BEGAN_NS + 11 * MINUTE_NS, kind="alert", source="alert", text="page fires", link="/d/x"),
            Moment(at_ns=BEGAN_NS - HOUR_NS, kind="change", source="quantum.firmware.change", text="2.4.1 runs"),
        ],
        ranking=Ranking(suspects=(SUSPECT,)),
        gaps=[TelemetryGap(objective="small", entity="mem-a", start_ns=BEGAN_NS, end_ns=BEGAN_NS + HOUR_NS)],
        charts=[CHART],
        version="0.1.0",
    )


def test_the_timeline_runs_from_the_change_over_onset_and_impact_to_the_page(postmortem):
    assert [moment.kind for moment in postmortem.timeline] == ["change", "onset", "impact", "alert"]


def test_the_dearest_impact_stands_first(postmortem):
    assert [impact.objective for impact in postmortem.impacts] == ["large", "small"]


def test_json_has_the_agreed_keys(postmortem):
    told = json.loads(render_postmortem_json(postmortem))
    assert list(told) == [
        *("incident", "window", "impact", "timeline", "suspects", "no_suspect"),
        *("telemetry_gaps", "charts", "review"),
    ]


def test_json_derives_how_long_it_took_to_notice(postmortem):
    assert json.loads(render_postmortem_json(postmortem))["incident"]["seconds_to_detect"] == 660


def test_markdown_shows_the_parts_of_the_suspects_score(postmortem):
    text = render_postmortem_markdown(postmortem)
    assert "1. hw.temperature of cryo-a went from 5 to 14" in text
    assert "size 0.98, place 1.50; moved by 900 sigma" in text


@pytest.mark.parametrize("render", [render_postmortem_markdown, render_postmortem_html])
def test_readers_are_told_what_would_refute_a_suspect(postmortem, render):
    assert "Refuted if: a second thermometer reads 5" in render(postmortem)


@pytest.mark.parametrize("render", [render_postmortem_markdown, render_postmortem_html])
def test_a_postmortem_leads_to_the_board_of_its_time(postmortem, render):
    assert re.search(rf"/d/herald-incident\?from={99 * 3_600_000}&(amp;)?to={103 * 3_600_000}\b", render(postmortem))


def test_html_is_well_formed_and_draws_the_suspect(postmortem):
    body = render_postmortem_html(postmortem).removeprefix("<!doctype html>\n").replace('<meta charset="utf-8">', "")
    assert (ET.fromstring(body).tag, body.count("<svg")) == ("html", 1)


def test_without_a_suspect_it_says_so_rather_than_guess(postmortem):
    empty = replace(postmortem, suspects=(), no_suspect="Not enough evidence: too little is recorded.")
    assert empty.no_suspect in render_postmortem_markdown(empty)


def test_an_incident_that_goes_on_is_not_called_over(postmortem):
    going_on = replace(postmortem, incident=replace(INCIDENT, resolved_ns=None))
    assert "It has not ended." in render_postmortem_markdown(going_on)


def test_the_review_is_left_to_people(postmortem):
    assert render_postmortem_markdown(postmortem).count("TODO(author)") == 4
