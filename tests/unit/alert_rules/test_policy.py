"""When alerts fire and resolve, and that replaying a stretch says what stepping through it says."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_rules import AlertTracker, Change, Transition, replay, replay_transitions, step_all
from model.clock import MINUTE_NS
from slo import Ledgers, Objective, Rule, Silence, Tier
from tests.unit.slo.telemetry import READ_SUCCESS, first_minutes, ledger_of, minute

Minutes = Sequence[tuple[int, int] | None]

PAGE = Tier(
    name="fast", severity="page", long_ns=10 * MINUTE_NS, short_ns=2 * MINUTE_NS, budget_share=Fraction(1, 100)
)
TICKET = Tier(
    name="slow", severity="ticket", long_ns=30 * MINUTE_NS, short_ns=5 * MINUTE_NS, budget_share=Fraction(1, 100)
)
OBJECTIVE = replace(READ_SUCCESS, window_ns=10_000 * MINUTE_NS, tiers=(PAGE, TICKET))  # 10 % and 3.3 % bad
PAGING = replace(OBJECTIVE, tiers=(PAGE,))


def step_through(objective: Objective, minutes: Minutes, *, firing: Sequence[str] = ()) -> list[Transition]:
    tracker, ledger = AlertTracker(objective, firing=firing), ledger_of(minutes)
    return [change for n in range(1, len(minutes) + 1) for change in tracker.step(ledger, minute(n))]


def changes(objective: Objective, minutes: Minutes, *, firing: Sequence[str] = ()) -> list[tuple[Change, int]]:
    start = minute(0)
    return [(t.change, (t.at_ns - start) // MINUTE_NS) for t in step_through(objective, minutes, firing=firing)]


def test_an_alert_fires_and_resolves():
    minutes = [*[(0, 10)] * 10, *[(10, 10)] * 3, *[(0, 10)] * 5]
    assert changes(PAGING, minutes) == [(Change.FIRED, 12), (Change.RESOLVED, 15)]


def test_exactly_the_factor_does_not_fire():
    assert changes(PAGING, [(1, 10)] * 30) == []


def test_one_event_beyond_the_factor_fires():
    assert changes(PAGING, [*[(1, 10)] * 29, (2, 10)]) == [(Change.FIRED, 30)]


def test_a_spike_that_is_over_does_not_fire():
    assert changes(replace(PAGING, min_bad_events=12), [*[(11, 11)], *[(0, 5)] * 3, (1, 1)]) == [(Change.FIRED, 5)]


def test_too_few_bad_events_do_not_fire():
    assert changes(replace(PAGING, min_bad_events=2), [(1, 1), (0, 1), (0, 1)]) == []


def test_silence_resolves_nothing():
    assert changes(PAGING, [(10, 10), *[None] * 60]) == [(Change.FIRED, 2)]


def test_the_first_data_after_a_silence_decide():
    assert changes(PAGING, [(10, 10), *[None] * 60, (0, 10)]) == [(Change.FIRED, 2), (Change.RESOLVED, 62)]


def test_silence_fires_nothing():
    assert changes(PAGING, [(0, 10), *[None] * 60]) == []


def test_an_alert_that_fired_before_a_restart_goes_on():
    touchy = replace(PAGING, tiers=(replace(PAGE, budget_share=Fraction(1, 1000)),))  # 1 % bad
    assert changes(touchy, [(10, 10), (10, 10), (0, 100), (0, 10)], firing=["fast"]) == [(Change.RESOLVED, 4)]


def test_the_first_bad_minutes_of_a_life_are_judged_as_after_a_clean_past():
    young, settled = [(4, 10)] * 10, [*[(0, 10)] * 10, *[(4, 10)] * 10]
    assert (changes(PAGING, young), changes(PAGING, settled)) == ([(Change.FIRED, 3)], [(Change.FIRED, 13)])


def test_silence_is_an_alert_where_the_objective_says_so():
    objective = replace(PAGING, silence=Silence.ALERT)
    minutes = [(0, 10), *[None] * 20, (0, 10)]
    assert changes(objective, minutes) == [(Change.FIRED, 17), (Change.RESOLVED, 22)]


def test_an_entity_that_never_spoke_is_not_missed():
    assert changes(replace(PAGING, silence=Silence.ALERT), [None] * 60) == []


def test_a_transition_carries_the_burns_of_its_windows():
    (fired,) = step_through(PAGING, [*[(0, 10)] * 9, (10, 10), (10, 10)])
    assert (fired.burn_long, fired.burn_short) == (Fraction(20), Fraction(100))


def test_replay_gives_intervals():
    ledger = ledger_of([*[(0, 10)] * 10, *[(10, 10)] * 3, *[(0, 10)] * 15, *[(10, 10)] * 10])
    intervals = replay(PAGING, ledger, first_minutes(38))
    assert [(i.fired_ns, i.resolved_ns) for i in intervals] == [
        (minute(12), minute(15)),
        (minute(30), None),
    ]


MINUTES = st.lists(
    st.none() | st.tuples(st.integers(0, 3), st.integers(3, 12)) | st.just((0, 0)), min_size=1, max_size=90
)


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("silence", list(Silence))
@given(minutes=MINUTES, floor=st.integers(1, 4), firing=st.sets(st.sampled_from(["fast", "slow"])))
def test_replaying_is_stepping(rule, silence, minutes, floor, firing):
    tiers = tuple(replace(tier, rule=rule) for tier in OBJECTIVE.tiers)
    objective = replace(OBJECTIVE, silence=silence, min_bad_events=floor, tiers=tiers)
    window = first_minutes(len(minutes))
    replayed = replay_transitions(objective, ledger_of(minutes), window, firing=firing)
    assert replayed == step_through(objective, minutes, firing=sorted(firing))


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("silence", list(Silence))
@given(entities=st.lists(MINUTES, min_size=1, max_size=4), firing=st.sets(st.sampled_from(["fast", "slow"])))
def test_stepping_all_at_once_is_stepping_one_by_one(rule, silence, entities, firing):
    tiers = tuple(replace(tier, rule=rule) for tier in OBJECTIVE.tiers)
    objective = replace(OBJECTIVE, silence=silence, tiers=tiers)
    among = Ledgers(objective.window_ns)
    ledgers = [ledger_of(minutes, among=among) for minutes in entities]
    trackers = [AlertTracker(objective, firing=firing) for _ in entities]
    last = max(map(len, entities))
    found: list[list[Transition]] = [[] for _ in entities]
    for at_ns in map(minute, range(1, last + 1)):
        for index, change in step_all(objective, trackers, ledgers, among.at(at_ns), at_ns):
            found[index].append(change)
    padded = [[*minutes, *[None] * (last - len(minutes))] for minutes in entities]
    assert found == [step_through(objective, minutes, firing=sorted(firing)) for minutes in padded]


@given(st.lists(st.none() | st.tuples(st.integers(0, 3), st.integers(3, 12)), min_size=2, max_size=90), st.data())
def test_replaying_in_two_parts_is_replaying_at_once(minutes, data):
    cut = data.draw(st.integers(1, len(minutes) - 1))
    ledger, whole = ledger_of(minutes), first_minutes(len(minutes))
    first = replay_transitions(OBJECTIVE, ledger, first_minutes(cut))
    firing: set[str] = set()
    for change in first:
        firing ^= {change.tier.name}
    second = replay_transitions(OBJECTIVE, ledger, replace(whole, start_ns=minute(cut)), firing=firing)
    assert first + second == replay_transitions(OBJECTIVE, ledger, whole)
