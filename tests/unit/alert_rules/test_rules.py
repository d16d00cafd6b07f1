"""The rules without a budget: each fires for what it is about, and judging in one go is judging minute by minute."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alert_rules import Change, ConditionRule, load_rules
from alert_rules.event_signals import Between, Happened, PageOver
from alert_rules.metric_signals import Drift, Level, Share, Total
from alert_rules.rule_files import load_rules as load_rules_of
from alert_rules.shipped import RUNBOOKS
from alert_rules.signals import Signal
from model.clock import HOUR_NS, MINUTE_NS
from model.errors import InvalidInputError
from model.queries import Group, MetricQuery, MinuteValue, Reducer
from model.registry import load_registry
from model.windows import Window

RULES = {rule.name: rule for rule in load_rules()}
BEGINS = 100 * 60
"""The minute at which it begins: after a past that is long enough for every rule."""


def at(minute: float) -> int:
    return 1_699_920_000 * 1_000_000_000 + round(minute * MINUTE_NS)


@dataclass
class Telemetry:
    """Signals' source over what a test says: a number per minute of each query, and events."""

    values: dict[MetricQuery, dict[int, float]] = field(default_factory=dict)
    events: list[Any] = field(default_factory=list)
    alerts: list[Any] = field(default_factory=list)

    def read_minutes(self, query: MetricQuery, window: Window) -> Iterable[MinuteValue]:
        told = self.values.get(query, {})
        group = group_of(query.group_by)
        return [MinuteValue(t, group, v) for t, v in told.items() if window.start_ns <= t < window.end_ns]

    def read_events(self, window: Window, events: Sequence[str] | None = None) -> Iterable[Any]:
        return [e for e in self.events if window.start_ns < e.time_ns <= window.end_ns and e.name in (events or ())]

    def read_alerts(self, window: Window) -> Iterable[Any]:
        return [a for a in self.alerts if a.fired_ns <= window.end_ns]


def group_of(group_by: Sequence[str]) -> Group:
    return tuple(sorted((load_registry().column(name), "it") for name in group_by))


def minutes(value: float, start: int, end: int) -> dict[int, float]:
    return {at(m): value for m in range(start, end)}


def show(telemetry: Telemetry, signal: Signal, begins: int, ends: int) -> None:
    """Let a signal hold from one minute to another, and not before: everything else is as usual."""
    match signal:
        case Level(query=query):
            edge = signal.above if signal.above is not None else (signal.below or 0)
            bad, good = (edge + 1, edge - 1) if signal.above is not None else (edge - 1, edge + 1)
            telemetry.values[query] = {**minutes(good, begins - 60, begins), **minutes(bad, begins, ends)}
        case Share(part=part, total=total):
            telemetry.values[part] = {**minutes(0, begins - 60, begins), **minutes(100, begins, ends)}
            telemetry.values[total] = minutes(100, begins - 60, ends)
        case Total(query=query):
            low, high = (0, (signal.above or 0) + 100) if signal.above is not None else (100, 0)
            telemetry.values[query] = {**minutes(low, begins - 60, begins), **minutes(high, begins, ends)}
        case Drift(query=query):
            bad = 100 * signal.above if signal.above is not None else 0
            telemetry.values[query] = {**minutes(10, 0, begins), **minutes(bad, begins, ends)}
        case Happened():
            for minute in range(begins, ends):
                telemetry.events += [event(signal, signal.events[0], minute + 0.5)] * signal.at_least
        case Between():
            telemetry.events += [event(signal, signal.begin, begins), event(signal, signal.end, ends)]
        case PageOver():
            telemetry.alerts.append(
                SimpleNamespace(
                    objective="o",
                    group=ENTITY,
                    severity="page",
                    fired_ns=at(begins - 30),
                    resolved_ns=at(begins),
                )
            )


def event(signal: Any, name: str, minute: float) -> Any:
    severity = signal.severities[0] if getattr(signal, "severities", ()) else "INFO"
    return SimpleNamespace(time_ns=at(minute), name=name, severity=severity, attributes={signal.group_by[0]: "it"})


def judge(rule: ConditionRule, telemetry: Telemetry, start: int, end: int) -> list[tuple[Change, int]]:
    changes = rule.transitions(telemetry, Window(start_ns=at(start), end_ns=at(end)))
    return [(change.change, (change.at_ns - at(0)) // MINUTE_NS) for change in changes]


def about(rule: ConditionRule, *, lasts: int) -> Telemetry:
    telemetry = Telemetry()
    for signal in rule.signals:
        show(telemetry, signal, BEGINS, BEGINS + lasts)
    return telemetry


@pytest.mark.parametrize("name", RULES)
def test_every_rule_fires_for_what_it_is_about_and_for_nothing_else(name):
    rule = RULES[name]
    slow = any(isinstance(signal, Drift) for signal in rule.signals) or rule.every_ns > MINUTE_NS
    lasts = 300 if slow else 90
    changes = judge(rule, about(rule, lasts=lasts), BEGINS - 30, BEGINS + lasts)
    assert changes[0][0] is Change.FIRED
    assert BEGINS <= changes[0][1] <= BEGINS + lasts


ENTITY = (("device", "it"),)
AT_ONCE = {
    name: rule
    for name, rule in RULES.items()
    if all(isinstance(signal, (Level, Share, Total, Happened)) for signal in rule.signals)
}


@pytest.mark.parametrize("name", AT_ONCE)
def test_what_a_rule_fires_for_began_with_the_first_minute_that_is_so_by_itself(name):
    rule = AT_ONCE[name]
    telemetry = about(rule, lasts=90)
    fired, *_ = rule.transitions(telemetry, Window(start_ns=at(BEGINS - 30), end_ns=at(BEGINS + 90)))
    assert rule.began_ns(telemetry, fired.group, fired.at_ns) == at(BEGINS)


def test_a_rule_that_fired_for_what_is_no_longer_stored_began_a_minute_before():
    assert WARM.began_ns(Telemetry(), ENTITY, at(BEGINS)) == at(BEGINS - 1)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_speaks_of_a_registered_entity_and_says_whom(name):
    rule = RULES[name]
    assert "{entity}" in rule.title


REACHING = [rule for rule in RULES.values() if rule.severity != "info"]


@pytest.mark.parametrize("rule", REACHING, ids=lambda rule: rule.name)
def test_every_rule_that_reaches_people_names_a_runbook_that_exists(rule):
    assert rule.runbook in {path.stem for path in RUNBOOKS.glob("*.md")}


WARM = replace(RULES["cryostat-warm"], delay_ns=2 * MINUTE_NS, keep_ns=5 * MINUTE_NS)
QUERY = WARM.signals[0].query  # type: ignore[attr-defined]


def temperatures(*hot: tuple[int, int], missing: range = range(0)) -> Telemetry:
    def value(minute: int) -> float:
        return -260.0 if any(begin <= minute < end for begin, end in hot) else -268.0

    return Telemetry({QUERY: {at(m): value(m) for m in range(200) if m not in missing}})


def test_a_brief_spike_is_waited_out():
    assert judge(WARM, temperatures((50, 51)), 30, 90) == []


def test_what_flaps_is_one_alert():
    telemetry = temperatures((50, 53), (55, 57), (60, 62))
    assert judge(WARM, telemetry, 30, 90) == [(Change.FIRED, 52), (Change.RESOLVED, 67)]


def test_silence_neither_fires_nor_resolves():
    telemetry = temperatures((50, 60), missing=range(60, 150))
    assert judge(WARM, telemetry, 30, 140) == [(Change.FIRED, 52)]


def test_events_that_are_out_of_sight_are_over_and_a_level_that_is_not_told_is_not():
    group, window = ENTITY, Window(start_ns=at(0), end_ns=at(30))
    (change,) = RULES["hardware-alarm"].transitions(Telemetry(), window, firing=[group])
    assert (change.change, change.group) == (Change.RESOLVED, group)
    assert WARM.transitions(Telemetry(), window, firing=[group]) == []


@settings(max_examples=60)
@given(
    hot=st.lists(st.none() | st.booleans(), min_size=1, max_size=120),
    delay=st.integers(0, 4),
    keep=st.integers(0, 6),
    was=st.booleans(),
)
def test_judging_in_one_go_is_judging_minute_by_minute(hot, delay, keep, was):
    rule = replace(WARM, delay_ns=delay * MINUTE_NS, keep_ns=keep * MINUTE_NS)
    told = {at(m): (-260.0 if h else -268.0) for m, h in enumerate(hot) if h is not None}
    telemetry, group = Telemetry({QUERY: told}), ENTITY
    firing: set[Group] = {group} if was else set()
    whole = rule.transitions(telemetry, Window(start_ns=at(0), end_ns=at(len(hot))), firing=firing)
    stepped = []
    for minute in range(len(hot)):
        changes = rule.transitions(telemetry, Window(start_ns=at(minute), end_ns=at(minute + 1)), firing=firing)
        firing ^= {change.group for change in changes}
        stepped += changes
    assert [(c.change, c.at_ns) for c in whole] == [(c.change, c.at_ns) for c in stepped]


PAGING = "name: a, title: b, severity: page, catalogue: [x]"


@pytest.mark.parametrize(
    ("entry", "offence"),
    [
        ("{name: a, title: b, severity: page}", "needs catalogue"),
        ("{name: a, title: b, severity: shout, catalogue: [x]}", "must be page, ticket or info"),
        ("{name: a, title: b, severity: page, catalogue: [x]}", "needs exactly one of level"),
        (f"{{{PAGING}, level: {{metric: quantum.nothing, above: 1}}}}", "not a metric"),
        (
            f"{{{PAGING}, entity: quantum.link.id, level: {{metric: quantum.device.healthy, above: 1}}}}",
            "has no attribute quantum.link.id",
        ),
        (f"{{{PAGING}, happened: {{events: [nothing], window: 1m}}}}", "not an event"),
    ],
)
def test_a_rule_that_could_not_work_is_refused(tmp_path, entry, offence):
    (tmp_path / "memory.yaml").write_text(f"- {entry}\n")
    with pytest.raises(InvalidInputError, match=offence):
        load_rules_of(tmp_path)


def test_a_share_may_be_so_many_for_each_event_of_another_metric(tmp_path):
    (tmp_path / "scaleup.yaml").write_text(
        "- {name: retried, title: '{entity}', severity: page, catalogue: [x], entity: quantum.backend.id, share: "
        "{metric: quantum.job.retries, per: quantum.job.execution.duration, window: 10m, above: 2, at_least: 5}}\n"
    )
    [rule] = load_rules_of(tmp_path)
    [signal] = rule.signals
    assert isinstance(signal, Share)
    retries, executions = signal.part, signal.total
    assert (executions.metric, executions.reducer) == ("quantum.job.execution.duration", Reducer.COUNT)
    calm = Telemetry({executions: minutes(1, 0, 60), retries: minutes(2, 0, 60)})
    wild = Telemetry({executions: minutes(1, 0, 60), retries: minutes(3, 0, 60)})
    assert judge(rule, calm, 0, 60) == []
    assert judge(rule, wild, 0, 60)[0] == (Change.FIRED, 2)


def test_the_scatter_of_the_past_raises_the_threshold():
    now = minutes(14, 80 * 60, 81 * 60)
    calm = Telemetry({QUERY: {at(m): 10.0 + (m // 60) % 2 * 0.1 for m in range(80 * 60)} | now})
    noisy = Telemetry({QUERY: {at(m): 10.0 + (m // 60) % 2 * 3 for m in range(80 * 60)} | now})
    drift = Drift(query=QUERY, past_hours=72, sigmas=4, above=1.05)
    rule = replace(WARM, signals=(drift,), delay_ns=0, keep_ns=0)
    assert [c for c, _ in judge(rule, calm, 81 * 60, 81 * 60 + 5)] == [Change.FIRED]
    assert judge(rule, noisy, 81 * 60, 81 * 60 + 5) == []


def test_the_start_of_an_hour_is_the_start_of_a_whole_hour():
    assert at(0) % HOUR_NS == 0
