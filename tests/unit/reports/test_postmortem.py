"""A postmortem tells facts in order, names suspects with their reasons, and leaves the judgement open."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from model.clock import HOUR_NS, MINUTE_NS
from model.errors import InvalidInputError
from model.windows import Window
from reports.cause import Ranking, Suspect
from reports.evidence import EvidenceSeries
from reports.postmortem import Incident, Moment, Postmortem, build_postmortem
from reports.postmortem_facts import (
    AlertFact,
    FidelityBucket,
    Impact,
    StateChange,
    StateSnapshot,
    TelemetryGap,
    TenantLoss,
    state_fidelity,
)
from reports.render_postmortem import (
    read_written,
    render_postmortem_html,
    render_postmortem_json,
    render_postmortem_markdown,
)
from reports.review import CHECKLISTS
from store import list_postmortem_queries

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


PAGE = AlertFact(
    objective="large",
    entity="mem-a",
    tier="1h-5m",
    severity="page",
    fired_ns=BEGAN_NS + 11 * MINUTE_NS,
    resolved_ns=BEGAN_NS + 2 * HOUR_NS,
    runbook="reads-fail",
)


NOBODYS, ADAS = "fell silent | detect | TODO(author)", "fell silent | detect | Ada"


def snapshot(minutes: int, fidelity: float, state: str = "z+") -> StateSnapshot:
    return StateSnapshot(
        at_ns=BEGAN_NS + minutes * MINUTE_NS,
        entity="mem-a",
        slot="slot-0",
        state=state,
        fidelity=fidelity,
        error=0.01,
        matrix=np.diag([fidelity, 1 - fidelity]).astype(complex),
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
        gaps=[
            TelemetryGap(entity="mem-a", start_ns=BEGAN_NS, end_ns=BEGAN_NS + HOUR_NS, metrics=2, examples="t1, t2")
        ],
        charts=[CHART],
        version="0.1.0",
        alerts=[PAGE],
        tenants=[TenantLoss(tenant="lab-a", backend="aurora", failed=12, share_before=0.01, share_during=0.5)],
        fidelities=[
            FidelityBucket(entity="mem-a", metric="fidelity", above=None, up_to=0.9, before=0, during=30),
            FidelityBucket(entity="mem-a", metric="fidelity", above=0.9, up_to=1.0, before=100, during=10),
        ],
        states=[StateChange(before=snapshot(-60, 0.98), during=snapshot(30, 0.5))],
    )


def test_the_timeline_runs_from_the_change_over_onset_and_impact_to_the_page(postmortem):
    assert [moment.kind for moment in postmortem.timeline] == ["change", "onset", "impact", "alert"]


def test_the_dearest_impact_stands_first(postmortem):
    assert [impact.objective for impact in postmortem.impacts] == ["large", "small"]


def test_json_has_the_agreed_keys(postmortem):
    told = json.loads(render_postmortem_json(postmortem))
    agreed = {"incident", "window", "impact", "timeline", "suspects", "telemetry_gaps", "charts", "review"}
    assert told.keys() >= agreed
    assert all(moment.keys() >= {"at", "kind", "source", "text", "link"} for moment in told["timeline"])


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


@pytest.mark.parametrize("render", [render_postmortem_markdown, render_postmortem_html])
def test_leads_are_shown_as_such_below_the_verdict_that_there_is_not_enough_evidence(render):
    verdict = "Not enough evidence: nothing moved."
    ranking = Ranking(suspects=(replace(SUSPECT, lead=True),), reason=verdict)
    thin = build_postmortem(INCIDENT, impacts=[], moments=[], ranking=ranking, gaps=[], charts=[], version="0.1.0")
    page = render(thin)
    assert "Most likely cause" not in page
    assert "(hardware, only a lead)" in page
    assert "(suspect 1)" not in page
    assert page.count(verdict) == 2
    assert "Find the cause: there are only leads" in page


def test_an_incident_that_goes_on_is_not_called_over(postmortem):
    going_on = replace(postmortem, incident=replace(INCIDENT, resolved_ns=None))
    assert "It has not ended." in render_postmortem_markdown(going_on)


def test_the_review_is_left_to_people(postmortem):
    review = render_postmortem_markdown(postmortem).partition("## Review")[2]
    assert review.count("TODO(author)") == 4


def test_what_people_wrote_stays_when_it_is_made_anew(postmortem):
    first = render_postmortem_markdown(postmortem)
    answered = first.replace("TODO(author)\n<!-- end -->", "A valve stuck.\n\nAda.\n<!-- end -->", 1)
    kept = replace(postmortem, written=read_written(answered))
    assert render_postmortem_markdown(kept) == answered
    assert "A valve stuck." in render_postmortem_html(kept)


def test_proposals_that_nobody_touched_follow_the_record(postmortem):
    silent = "Find out why 2 metrics of mem-a fell silent"
    first = render_postmortem_markdown(postmortem)
    later = replace(postmortem, gaps=(), written=read_written(first))
    assert silent in first
    assert silent not in render_postmortem_markdown(later)
    assert render_postmortem_markdown(later) == render_postmortem_markdown(replace(later, written={}))


def test_proposals_that_somebody_changed_stay_as_they_are_however_often_they_are_made_anew(postmortem):
    taken = render_postmortem_markdown(postmortem).replace(
        "fell silent | detect | TODO(author)", "fell silent | detect | Ada"
    )
    once = replace(postmortem, gaps=(), written=read_written(taken))
    twice = replace(once, written=read_written(render_postmortem_markdown(once)))
    assert list(once.written) == ["actions"]
    assert ADAS in once.written["actions"]
    assert twice.written == once.written
    assert render_postmortem_markdown(twice) == render_postmortem_markdown(once)


def test_a_file_without_digests_keeps_what_stands_in_it(postmortem):
    text = re.sub(r"(<!-- written: \w+) [0-9a-f]{8} -->", r"\1 -->", render_postmortem_markdown(postmortem))
    assert "Try to refute suspect 1" in read_written(text)["actions"]


def test_a_table_that_somebody_changed_is_a_table_in_html_too(postmortem):
    taken = render_postmortem_markdown(postmortem).replace(
        "fell silent | detect | TODO(author)", "fell silent | detect | Ada"
    )
    html = render_postmortem_html(replace(postmortem, written=read_written(taken)))
    assert "<td>Ada</td>" in html
    assert "| Ada |" not in html


def test_json_tells_the_actions_that_are_proposed_and_what_people_wrote_instead(postmortem):
    told = json.loads(render_postmortem_json(postmortem))
    assert told["actions"][0] == {
        "action": "Try to refute suspect 1",
        "type": "process",
        "owner": "TODO(author)",
        "ticket": "TODO(author)",
        "due": "TODO(author)",
    }
    written = {"actions": "Nothing.", "cause": "A valve stuck."}
    assert json.loads(render_postmortem_json(replace(postmortem, written=written)))["written"] == written


def test_a_place_that_somebody_emptied_does_not_swallow_the_next(postmortem):
    emptied = render_postmortem_markdown(postmortem).replace("TODO(author)\n<!-- end -->", "<!-- end -->", 1)
    answered = emptied.replace("TODO(author)\n<!-- end -->", "It was seen at once.\n<!-- end -->", 1)
    written = read_written(answered)
    assert written == {"notice": "It was seen at once."}
    assert "TODO(author)" in render_postmortem_markdown(replace(postmortem, written=written))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("TODO(author)\n<!-- end -->", "A valve stuck."),
        ("<!-- written: notice -->", ""),
        ("<!-- written: notice -->", "<!-- written: cause -->"),
        ("TODO(author)\n<!-- end -->", "A valve stuck. <!-- end -->"),
    ],
)
def test_marks_that_somebody_broke_are_refused_rather_than_text_lost(postmortem, was, becomes):
    with pytest.raises(InvalidInputError, match=r"^line \d+: <!-- (end|written: \w+) -->"):
        read_written(render_postmortem_markdown(postmortem).replace(was, becomes, 1))


def test_the_last_mark_needs_its_end():
    with pytest.raises(InvalidInputError, match="cause --> has no"):
        read_written("<!-- written: cause -->\nA valve stuck.\n")


def test_marks_in_the_middle_of_a_line_are_words_of_somebody():
    assert read_written("| a note says <!-- end --> |\n<!-- written: cause -->\nx\n<!-- end -->\n") == {"cause": "x"}


@pytest.mark.parametrize("render", [render_postmortem_markdown, render_postmortem_html])
def test_it_tells_whose_jobs_failed_what_is_not_known_and_who_owns_the_loss(postmortem, render):
    for told in ("lab-a", "50.0 %", "t1, t2", "90 of 100 failed in large of mem-a, 90 % of its budget"):
        assert told in render(postmortem)


def test_tenants_none_of_whose_jobs_failed_are_left_out(postmortem):
    spared = TenantLoss(tenant="lab-b", backend="aurora", failed=0, share_before=0.0, share_during=0.0)
    text = render_postmortem_markdown(replace(postmortem, tenants=(*postmortem.tenants, spared)))
    assert "lab-a" in text
    assert "lab-b" not in text
    assert "No job of a tenant failed" in render_postmortem_markdown(replace(postmortem, tenants=(spared,)))


def test_pages_fit_a_phone_whose_tables_scroll(postmortem):
    html = render_postmortem_html(replace(postmortem, written={"actions": "| A | B |\n| --- | --- |\n| c | d |"}))
    assert '<meta name="viewport"' in html
    tables = re.findall(r'(<div class="wide" role="region" aria-label="[^"]+" tabindex="0">)?<table>', html)
    assert len(tables) > 5
    assert all(tables)


def test_quantum_and_classical_stand_side_by_side_in_the_minute_in_which_they_happened(postmortem):
    moments = [
        Moment(at_ns=BEGAN_NS, kind="moved", source="t2", text="t2 of mem-a leaves its past", layer="quantum"),
        Moment(
            at_ns=BEGAN_NS + 1, kind="moved", source="cpu", text="cpu of ctl-a leaves its past", layer="classical"
        ),
    ]
    text = render_postmortem_markdown(replace(postmortem, timeline=tuple(moments)))
    assert "04:00 | t2 of mem-a leaves its past | cpu of ctl-a leaves its past |  |" in text


def test_fidelities_before_and_during_are_shares_of_their_own_time(postmortem):
    text = render_postmortem_markdown(postmortem)
    assert "| up to 0.9 | 0.0 % |  | 75.0 % | ███████████████ |" in text
    assert "| 0.9 to 1 | 100.0 % | ████████████████████ | 25.0 % | █████ |" in text


def test_of_many_distributions_those_that_moved_most_are_shown_and_the_others_counted(postmortem):
    """That of link-9 lies wholly elsewhere, that of link-0 where it was."""
    many = [
        FidelityBucket(entity=f"link-{i}", metric="fidelity", above=above, up_to=up_to, before=before, during=during)
        for i in range(10)
        for above, up_to, before, during in ((None, 0.9, 0, i), (0.9, 1.0, 9, 9 - i))
    ]
    text = render_postmortem_markdown(replace(postmortem, fidelities=tuple(many)))
    assert re.findall(r"### fidelity of link-(\d)", text) == list("23456789")
    assert "2 more moved less than these" in text
    assert "moved less than these" not in render_postmortem_markdown(postmortem)
    assert len(json.loads(render_postmortem_json(replace(postmortem, fidelities=tuple(many))))["fidelities"]) == 20


def test_states_are_compared_where_the_same_one_was_stored(postmortem):
    (change,) = postmortem.states
    assert change.fidelity == pytest.approx((np.sqrt(0.98 * 0.5) + np.sqrt(0.02 * 0.5)) ** 2)
    assert replace(change, during=snapshot(30, 0.5, state="x+")).fidelity is None


@pytest.mark.parametrize(
    ("rho", "sigma", "fidelity"),
    [([1, 0], [1, 0], 1), ([1, 0], [0, 1], 0), ([1, 0], [0.5, 0.5], 0.5), ([0.5, 0.5], [0.5, 0.5], 1)],
)
def test_the_fidelity_of_diagonal_states_is_that_of_their_probabilities(rho, sigma, fidelity):
    diagonal = [np.diag(each).astype(complex) for each in (rho, sigma)]
    assert state_fidelity(*diagonal) == pytest.approx(fidelity, abs=1e-9)


def test_alerting_is_told_what_it_did_badly(postmortem):
    told = json.loads(render_postmortem_json(replace(postmortem, alerts=())))["alerting"]["badly"]
    assert told == ["Nobody was paged.", "large of mem-a lost 90 % of its budget, and no page spoke of it."]
    told = json.loads(render_postmortem_json(replace(postmortem, alerts=(PAGE, PAGE))))["alerting"]["badly"]
    assert told == [
        "The first page came as late as 11 min after the impact began.",
        "The page large of mem-a (1h-5m) fired more than once.",
    ]


@pytest.mark.parametrize("resolved_ns", [None, BEGAN_NS + 5 * HOUR_NS])
def test_tickets_that_fire_on_after_the_end_are_counted_those_that_fire_still_too(postmortem, resolved_ns):
    ticket = replace(PAGE, severity="ticket", tier="3d-6h", resolved_ns=resolved_ns)
    later = replace(ticket, fired_ns=BEGAN_NS + 3 * HOUR_NS)
    told = json.loads(render_postmortem_json(replace(postmortem, alerts=(PAGE, ticket, later))))["alerting"]["badly"]
    assert "A ticket of slow windows fired on after it was over." in told


def test_an_action_is_proposed_once_for_each_entity_and_objective_to_whoever_owns_it(postmortem):
    silent = [
        TelemetryGap(entity=entity, start_ns=BEGAN_NS, end_ns=BEGAN_NS + HOUR_NS, metrics=metrics, examples="t1")
        for entity, metrics in (("link-a", 4), ("mem-a", 3), ("link-a", 2), ("qpu-a", 1), ("env-a", 1))
    ]
    losses = [
        Impact(objective="coherence", entity=f"mem-a, slot-{i}", bad=3, total=3, budget_share=2 - i, owner="memory")
        for i in range(2)
    ] + [Impact(objective="rate", entity="link-a", bad=1, total=9, budget_share=0.1, owner="links")]
    told = json.loads(render_postmortem_json(replace(postmortem, impacts=tuple(losses), gaps=tuple(silent))))
    assert [(each["action"], each["owner"]) for each in told["actions"]] == [
        ("Try to refute suspect 1", "memory"),
        ("Decide whether coherence should page", "memory"),
        ("Find out why 4 metrics of link-a fell silent", "links"),
        ("Find out why 3 metrics of mem-a fell silent", "memory"),
        ("Find out why a metric of qpu-a fell silent", "memory"),
        ("What prevents it?", "memory"),
        ("What makes it cheaper?", "memory"),
    ]


def test_links_that_notes_hold_lead_to_web_pages_alone(postmortem):
    note = Moment(at_ns=BEGAN_NS, kind="note", source="ada", text="[x](javascript:alert(1)) <b>[y](/alerts)")
    html = render_postmortem_html(replace(postmortem, timeline=(note,)))
    assert "javascript:alert(1)" in html
    assert 'href="javascript' not in html
    assert '&lt;b&gt;<a href="/alerts"' in html


@pytest.mark.parametrize("render", [render_postmortem_markdown, render_postmortem_html])
def test_a_note_with_brackets_stands_before_its_link(postmortem, render):
    note = Moment(at_ns=BEGAN_NS, kind="note", source="ada", text="see [log] of pump", link="/incidents/1")
    page = render(replace(postmortem, timeline=(note,)))
    assert "see [log] of pump" in page
    assert "[see [log]" not in page
    assert "(<a" in page or "([note](/incidents/1))" in page


def test_a_loss_of_a_budget_that_is_not_known_is_told_as_such(postmortem):
    lost = (Impact(objective="large", entity="mem-a", bad=9, total=9, budget_share=None),)
    text = render_postmortem_markdown(replace(postmortem, impacts=lost))
    assert "9 of 9 failed in large of mem-a, of a budget that is not known." in text
    assert "| large | mem-a | 9 | 9 | no data |" in text


def test_what_a_person_opened_is_not_told_as_an_alert(postmortem):
    by_hand = replace(postmortem, alerts=(), incident=replace(INCIDENT, entity=""))
    text = render_postmortem_markdown(by_hand)
    assert "What nobody named began to fail" in text
    assert "Somebody noticed 11 min later." in text
    assert "An alert fired 11 min later." in render_postmortem_markdown(postmortem)


def test_every_domain_of_the_catalogue_has_its_checklist(postmortem):
    for domain in ("memory", "link", "scaleup", "network", "community"):
        text = render_postmortem_markdown(replace(postmortem, incident=replace(INCIDENT, domain=domain)))
        assert "- [ ] " in text
        assert f"{domain}.postmortem_review.1" in text


def test_the_queries_of_the_checklists_exist():
    known = {query.name for query in list_postmortem_queries()}
    asked = {name for points in CHECKLISTS.values() for _, names in points for name in names.split(", ")}
    assert asked <= known
