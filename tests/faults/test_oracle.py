"""The judge itself: what is lost, doubled or invented does not go unseen."""

from collections import Counter

import pytest

from tests.faults.oracle import Stored, Verdict, judge, key
from tests.faults.requests import Outcome, PointSource, Request, encode, regroup

SOURCE = PointSource("run", 1_760_000_000 * 10**9)


def request(outcome: Outcome) -> Request:
    made = SOURCE.request(["a", "b"], 3)
    made.outcome = outcome
    return made


def stored(*requests: Request) -> Stored:
    return Counter(key(point) for each in requests for point in each.points)


def test_all_of_what_was_acknowledged_once_is_good():
    sent = request(Outcome.ACKNOWLEDGED)
    assert judge([sent], stored(sent)) == Verdict(sent=6, lost=0, duplicated=0)


def test_what_was_acknowledged_and_is_not_there_is_lost():
    sent = request(Outcome.ACKNOWLEDGED)
    assert judge([sent], Counter(list(stored(sent))[:4])).lost == 2


@pytest.mark.parametrize("outcome", Outcome)
def test_what_is_there_twice_is_doubled_whatever_the_client_knows(outcome):
    sent = request(outcome)
    assert judge([sent], stored(sent, sent)).duplicated == 6


def test_what_was_never_sent_is_doubled_too():
    sent, other = request(Outcome.ACKNOWLEDGED), request(Outcome.UNKNOWN)
    assert judge([sent], stored(sent, other)).duplicated == 6


def test_what_is_unknown_may_be_there_or_not():
    sent = request(Outcome.UNKNOWN)
    assert judge([sent], stored()) == judge([sent], stored(sent)) == Verdict(sent=6, lost=0, duplicated=0)


def test_regrouped_requests_hold_the_same_points():
    parts = [request(Outcome.UNKNOWN) for _ in range(4)]
    again = regroup(parts, sizes=[5, 2])
    assert [len(part.points) for part in again] == [5, 2, 5, 2, 5, 2, 3]
    assert stored(*again) == stored(*parts)
    assert again[0].body == encode(again[0].points)
