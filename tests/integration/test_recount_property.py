"""The engine says what a recount from all raw points says, to the last event, whatever happened on the way.

A history is a list of deeds: counters, gauges and histograms that come late, twice or out of order, cumulative ones
that reset, engines that restart, exclusions that come and go. After each, what is stored and what the ledgers sum
must equal a brute-force count over the points that were ever sent.
"""

from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from herald.engine import GRACE_NS, Engine
from herald.standings import read_standings
from model import names
from model.clock import DAY_NS, MINUTE_NS
from model.points import LogEvent
from model.queries import MetricQuery, Reducer
from model.windows import Window
from slo import (
    PARTS,
    BudgetingMethod,
    Comparison,
    Component,
    CompositeIndicator,
    Objective,
    RatioIndicator,
    ThresholdIndicator,
)
from store import Store, Writer
from tests.integration.recount import DEVICES, LONG_ENOUGH, MINUTES, Tally, World, by_device, slices
from tests.integration.telemetry import at, batch, event, reads
from tests.services.databases import MigratedDatabases

DEVICE = (names.ATTR_DEVICE_ID,)
READS = MetricQuery(metric=names.METRIC_MEMORY_READS, reducer=Reducer.SUM, group_by=DEVICE)
SAMPLES = MetricQuery(metric=names.METRIC_MEMORY_FIDELITY, reducer=Reducer.COUNT, group_by=DEVICE)
READ = RatioIndicator(total=READS, good=replace(READS, filters=((names.ATTR_OUTCOME, ("success",)),)))
FAITHFUL = RatioIndicator(total=SAMPLES, good=replace(SAMPLES, above=0.9))
COHERENT = ThresholdIndicator(
    value=MetricQuery(metric=names.METRIC_MEMORY_T2, reducer=Reducer.MIN, group_by=DEVICE),
    comparison=Comparison.GTE,
    bound=Decimal(LONG_ENOUGH),
)
EVENTS = Objective(
    name="events",
    service="quantum-memory",
    indicator=READ,
    target=Decimal("0.99"),
    window_ns=DAY_NS,
    group_by=DEVICE,
    exclude=("maintenance",),
)
SLICES = replace(EVENTS, name="slices", method=BudgetingMethod.TIMESLICES, slice_ns=5 * MINUTE_NS)
RATIOS = replace(SLICES, name="ratios", method=BudgetingMethod.RATIO_TIMESLICES)
OBJECTIVES = (
    EVENTS,
    SLICES,
    RATIOS,
    replace(EVENTS, name="coherent", indicator=COHERENT),
    replace(SLICES, name="coherent-slices", indicator=COHERENT, slice_target=Decimal("0.6")),
    replace(EVENTS, name="faithful", indicator=FAITHFUL),
    replace(SLICES, name="faithful-slices", indicator=FAITHFUL, slice_target=Decimal("0.6")),
    replace(
        EVENTS,
        name="all",
        indicator=CompositeIndicator(
            components=(
                Component(name="read", indicator=READ, target=Decimal("0.99")),
                Component(name="faithful", indicator=FAITHFUL, target=Decimal("0.7"), weight=Decimal(2)),
                Component(name="coherent", indicator=COHERENT, target=Decimal("0.9"), weight=Decimal("0.3")),
            )
        ),
    ),
)
TALLIES = {READ: World.reads, FAITHFUL: World.samples, COHERENT: World.coherent}

MINUTE, PLACE = st.integers(0, MINUTES - 1), st.integers(0, 5)
BUCKETS = st.tuples(*[st.integers(0, 9)] * 4)
TELLS = [
    st.tuples(
        st.just(deed), st.sampled_from(DEVICES), st.lists(st.tuples(MINUTE, PLACE, *value), min_size=5, max_size=40)
    )
    for deed, value in (
        ("reads", (st.booleans(), st.integers(0, 50))),
        ("coherence", (st.integers(0, 2 * LONG_ENOUGH),)),
        ("samples", (BUCKETS,)),
    )
]
ACCUMULATES = [
    st.tuples(st.just(deed), st.integers(0, MINUTES - 12), st.lists(st.none() | growth, min_size=3, max_size=12))
    for deed, growth in (("counter", st.tuples(st.integers(0, 40))), ("histogram", BUCKETS))
]
AGAIN = st.tuples(st.just("again"), st.integers(0, 10))
RESTART = st.tuples(st.just("restart"))
EXCLUDE = st.tuples(
    st.just("exclude"),
    st.sampled_from((None, *DEVICES)),
    st.integers(0, MINUTES),
    st.integers(1, 20),
    st.sampled_from(("dropped", "good", None)),
)
REVOKE = st.tuples(st.just("revoke"), st.integers(0, 5))
DEEDS = st.lists(st.one_of(*TELLS, *ACCUMULATES, AGAIN, RESTART, EXCLUDE, REVOKE), min_size=8, max_size=16)


def recount(world: World, objective: Objective) -> dict[str, Tally]:
    """Return what an objective counts of each device, by brute force."""
    if isinstance(objective.indicator, CompositeIndicator):
        return recount_composite(world, objective, objective.indicator)
    tallies = TALLIES[objective.indicator](world)
    if objective.method is BudgetingMethod.OCCURRENCES:
        return by_device(tallies)
    sliced = slices(tallies, objective.slice_ns // MINUTE_NS)
    if objective.method is BudgetingMethod.TIMESLICES:
        least = Fraction(objective.slice_target)
        return {
            device: (sum(good >= least * total for good, total in parts), len(parts))
            for device, parts in sliced.items()
        }
    return {
        device: (sum(round(Fraction(PARTS * good, total)) for good, total in parts), PARTS * len(parts))
        for device, parts in sliced.items()
    }


def recount_composite(world: World, objective: Objective, indicator: CompositeIndicator) -> dict[str, Tally]:
    """Return a composite's parts: each component costs its weight times the share of its budget that is spent."""
    spent: dict[str, int] = {}
    known: set[str] = set()
    for part in indicator.components:
        for device, (good, total) in recount(world, replace(objective, indicator=part.indicator)).items():
            price = Fraction(part.weight) * objective.error_budget / (1 - Fraction(part.target))
            lost = floor(PARTS * price * Fraction(total - good, total)) if total else 0
            spent[device] = spent.get(device, 0) + lost
            known |= {device} if total else set()
    return {device: (PARTS - lost, PARTS) if device in known else (0, 0) for device, lost in spent.items()}


def check(world: World, engine: Engine | None, now: int) -> Engine:
    """Let an engine step, and hold what it says against the points."""
    engine = engine or Engine(world.store, OBJECTIVES, web_url="", now_ns=at(now) + GRACE_NS)
    engine.step(at(now) + GRACE_NS)
    if not world.sent:
        return engine
    expected = {
        (objective.name, device): counts
        for objective in OBJECTIVES
        for device, counts in recount(world, objective).items()
    }
    _, standings = read_standings(world.store, OBJECTIVES)
    for origin in (
        {(s.objective.name, s.group[0][1]): (s.status.good, s.status.total) for s in standings},
        {
            (entity.objective, entity.group[0][1]): (counts.good, counts.total)
            for entity, objective, ledger in engine.book
            for counts in (ledger.counts(at(now), objective.window_ns),)
        },
    ):
        assert {key: counts for key, counts in origin.items() if key in expected} == expected
        assert all(counts == (0, 0) for key, counts in origin.items() if key not in expected)
    return engine


@settings(
    max_examples=5,
    phases=[Phase.generate],  # to shrink a history of deeds takes longer than to read one
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    derandomize=True,
)
@given(deeds=DEEDS, looks=st.sets(st.integers(0, 15), max_size=3))
def test_the_engine_equals_a_recount_from_raw_points(
    databases: MigratedDatabases, server_url: str, deeds: list[tuple[object, ...]], looks: set[int]
) -> None:
    with (
        databases.on(server_url) as url,
        Store(url) as store,
        closing(Writer(url)) as writer,
    ):
        world, engine = World(store, writer), None
        for n, deed in enumerate(deeds):
            world.do(deed)
            if deed[0] == "restart":
                engine = None
            if n in looks:
                engine = check(world, engine, MINUTES + 10 + n)
        check(world, engine, MINUTES + 10 + len(deeds))


def test_what_was_known_is_told_apart_from_what_is_known(store: Store, writer: Writer) -> None:
    world = World(store, writer)
    world.do(("reads", "mem-a", [(minute, 0, True, 10) for minute in range(10)]))
    engine = Engine(store, [EVENTS], web_url="", now_ns=at(10) + GRACE_NS)
    engine.step(at(10) + GRACE_NS)
    world.do(("reads", "mem-a", [(3, 1, False, 7)]))
    engine.step(at(12) + GRACE_NS)

    def standing(**asked: int) -> tuple[int, int]:
        _, (found,) = read_standings(store, [EVENTS], **asked)
        return found.status.good, found.status.total

    assert standing(as_of_ns=at(10)) == (100, 107)
    assert standing(known_at_ns=at(10) + GRACE_NS) == (100, 100)
    assert standing(as_of_ns=at(2)) == (20, 20)
    (revision,) = store.read_revisions("events")
    assert (revision.minute_ns, revision.before, revision.after) == (at(3), (10, 10), (10, 17))


def test_an_exclusion_opens_exactly_its_minutes_and_closes_them_again(store: Store, writer: Writer) -> None:
    world = World(store, writer)
    world.do(("reads", "mem-a", [(minute, 0, minute < 30, 10) for minute in range(40)]))
    engine = Engine(store, [EVENTS], web_url="", now_ns=at(40) + GRACE_NS)
    engine.step(at(40) + GRACE_NS)
    world.do(("exclude", "mem-a", 30, 5, None))
    assert engine.step(at(40) + GRACE_NS).recounted == 5
    check_counts(store, 300, 350)
    world.do(("revoke", 0))
    assert engine.step(at(40) + GRACE_NS).recounted == 5
    check_counts(store, 300, 400)


def topology_edge(device: str) -> LogEvent:
    return event(
        names.EVENT_TOPOLOGY_EDGE,
        at(0),
        quantum__topology__source="cryostat",
        quantum__topology__source__kind="cryostat",
        quantum__topology__relation="cools",
        quantum__topology__target=device,
        quantum__topology__target__kind="memory",
    )


def check_counts(store: Store, good: int, total: int) -> None:
    _, (standing,) = read_standings(store, [EVENTS])
    assert (standing.status.good, standing.status.total) == (good, total)


def test_a_definition_that_counts_differently_begins_a_generation(store: Store) -> None:
    for minute, objective in enumerate((EVENTS, replace(EVENTS, target=Decimal("0.9")), replace(EVENTS, exclude=()))):
        Engine(store, [objective], web_url="", now_ns=at(minute))
    assert [row.generation for row in store.read_generations("events")] == [1, 1, 2]


TWICE = replace(
    EVENTS,
    name="twice",
    indicator=CompositeIndicator(
        components=(
            Component(name="strict", indicator=READ, target=Decimal("0.99")),
            Component(name="loose", indicator=READ, target=Decimal("0.9")),
        )
    ),
)


@pytest.mark.parametrize("objective", [EVENTS, TWICE], ids=["plain", "composite"])
def test_each_of_a_kind_that_never_reports_is_expected_by_name(
    store: Store, writer: Writer, objective: Objective
) -> None:
    edges = [topology_edge(device) for device in ("mem-a", "mem-x")]
    points = [(reads("success", "mem-a"), at(m + 1), at(m), 10.0) for m in range(30)]
    writer.write("spool-1", [batch(1, points, events=edges)])
    engine = Engine(store, [objective], web_url="", now_ns=at(5) + GRACE_NS)
    engine.step(at(5) + GRACE_NS)
    engine.step(at(30) + GRACE_NS)
    _, standings = read_standings(store, [objective])
    assert {s.entity: (s.status.state.value, float(s.status.coverage)) for s in standings} == {
        "mem-a": ("ok", 1.0),
        "mem-x": ("no_data", 0.0),
    }
    window = Window(start_ns=at(0), end_ns=at(60))
    told = store.read_budgets(objective.name, window)
    assert {row.labels["device"] for row in told if row.state == "no_data"} == {"mem-x"}
