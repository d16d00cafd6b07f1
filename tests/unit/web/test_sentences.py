"""The budget in words, with the numbers that were used."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, to_ns
from slo import DEFAULT_TIERS, Rule
from slo.period import CalendarPeriod, CalendarUnit
from tests.unit.web.given import a_status, read_success
from web.sentences import render_budget, render_entity, render_length, render_limit, render_percent


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "14 of 2,016 reads failed; 20.2 allowed; 30 % of the budget left; "),
        ({}, "left; at the rate of the past day it lasts 9 days."),
        ({"burn": {"1h": 2.0}}, "at the rate of the past hour it lasts 4 days."),
        ({"burn": {"1d": 0.0}}, "30 % of the budget left; nothing failed at the pace of the past day."),
        ({"burn": {"1d": 0.1}}, "at the rate of the past day it does not run out."),
        ({"burn": {}}, "30 % of the budget left."),
        ({"state": "no_data"}, "30 % of the budget left, but nothing has been heard for a while."),
        ({"good": 1990, "remaining": -0.29}, "20.2 allowed; the budget is overspent by 29 %."),
        ({"total": 0, "good": 0, "remaining": None}, "No reads were counted in the window, so nothing is known."),
        ({"total": 10**6, "good": 10**6, "remaining": 1.0}, "0 of 1,000,000 reads failed; 10,000 allowed; 100 %"),
    ],
)  # fmt: skip
def test_the_arithmetic_is_spelt_out(changes, sentence):
    assert sentence in render_budget(read_success(), a_status(**changes))


def test_of_a_calendar_period_what_is_to_come_is_allowed_for():
    """2,016 reads in a third of a month: in all of it three times as many may fail."""
    month = CalendarPeriod(start="2026-01-11 00:00:00", zone="UTC", count=1, unit=CalendarUnit.MONTH)
    now = a_status(time_ns=to_ns(datetime(2026, 11, 21, tzinfo=UTC)), remaining=1 - 14 / 60.48)
    assert render_budget(replace(read_success(), calendar=month), now).startswith(
        "14 of 2,016 reads failed; 60.5 allowed in the whole calendar month; 76 % of the budget left"
    )


@pytest.mark.parametrize(
    ("ratio", "digits", "text"),
    [
        (0.29, 0, "29 %"),
        (0.99996, 2, "99.99 %"),
        (1.0, 0, "100 %"),
        (-0.005, 0, "0 %"),
        (-1.5, 0, "-150 %"),
        (0.07, 1, "7.0 %"),
    ],
)
def test_percent_never_claims_more_than_there_is(ratio, digits, text):
    assert render_percent(ratio, digits) == text


@pytest.mark.parametrize(
    ("length_ns", "text"),
    [
        (9.9 * DAY_NS, "9 days"),
        (30 * HOUR_NS, "30 hours"),
        (90 * MINUTE_NS, "90 minutes"),
        (MINUTE_NS, "1 minute"),
        (1, "less than a minute"),
    ],
)
def test_a_length_is_in_whole_units(length_ns, text):
    assert render_length(length_ns) == text


@pytest.mark.parametrize(
    ("rule", "limit"),
    [
        (Rule.RATE, "page above 13.44x"),
        (Rule.COUNT, "page with more failures than 13.44x makes of the usual traffic"),
        (Rule.REMAINING, "page when 2 % of what was left of the budget goes in 1h, and as fast in 5m"),
        (Rule.BASELINE, "page above 13.44x and 13.44x its own past"),
    ],
)
def test_a_limit_says_by_what_it_judges(rule: Rule, limit: str):
    said = render_limit(replace(DEFAULT_TIERS[0], rule=rule), 28 * DAY_NS)
    assert said.replace("\N{MULTIPLICATION SIGN}", "x") == limit


def test_an_entity_is_called_by_its_label_values():
    assert render_entity({"slot": "2", "device": "mem-delft"}) == "mem-delft / 2"
    assert render_entity({}) == "all"
