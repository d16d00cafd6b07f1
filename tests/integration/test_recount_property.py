"""The engine says what a recount from all raw points says, to the last event, whatever happened on the way.

A history is a list of deeds: telemetry that comes late, twice or out of order, counters that reset, engines that
restart, exclusions that come and go. After each, what is stored and what the ledgers sum must equal a brute-force
count over the points that were ever sent.
"""

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from herald.engine import GRACE_NS, Engine
from herald.standings import read_standings
from model import names
from model.clock import DAY_NS, MINUTE_NS
from model.points import LogEvent, Temporality
from model.queries import MetricQuery, Reducer
from model.windows import Window
from slo import BudgetingMethod, Objective, RatioIndicator
from store import ExclusionRow, Store, Writer, throwaway_database
from tests.integration.telemetry import Point, at, batch, event, reads

MINUTES = 60
DEVICES = ("mem-a", "mem-b")
READS = MetricQuery(metric=names.METRIC_MEMORY_READS, reducer=Reducer.SUM, group_by=(names.ATTR_DEVICE_ID,))
EVENTS = Objective(
    name="events",
    service="quantum-memory",
    indicator=RatioIndicator(total=READS, good=replace(READS, filters=((names.ATTR_OUTCOME, ("success",)),))),
    target=Decimal("0.99"),
    window_ns=DAY_NS,
    group_by=(names.ATTR_DEVICE_ID,),
    exclude=("maintenance",),
)
SLICES = replace(EVENTS, name="slices", method=BudgetingMethod.TIMESLICES, slice_ns=5 * MINUTE_NS)
RATIOS = replace(SLICES, name="ratios", method=BudgetingMethod.RATIO_TIMESLICES)
OBJECTIVES = (EVENTS, SLICES, RATIOS)

DELTAS = st.tuples(
    st.just("delta"),
    st.sampled_from(DEVICES),
    st.lists(
        st.tuples(st.integers(0, MINUTES - 1), st.integers(0, 5), st.booleans(), st.integers(0, 50)), max_size=30
    ),
)
COUNTER = st.tuples(
    st.just("counter"), st.integers(0, MINUTES - 12), st.lists(st.none() | st.integers(0, 40), max_size=12)
)
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
DEEDS = st.lists(st.one_of(DELTAS, DELTAS, COUNTER, AGAIN, RESTART, EXCLUDE, REVOKE), min_size=6, max_size=14)


@dataclass
class World:
    """What was done to a database, and the raw points behind it."""

    url: str
    store: Store
    writer: Writer
    sent: list[list[Point]] = field(default_factory=list)
    points: dict[tuple[str, bool, int, int], float] = field(default_factory=dict)
    increases: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    exclusions: dict[int, ExclusionRow] = field(default_factory=dict)
    counter_until: int = -1

    def do(self, deed: tuple[object, ...]) -> None:
        getattr(self, f"_{deed[0]}")(*deed[1:])

    def _send(self, points: list[Point]) -> None:
        if points:
            self.sent.append(points)
            self.writer.write("spool-1", [batch(len(self.sent), points)])

    def _delta(self, device: str, given: list[tuple[int, int, bool, int]]) -> None:
        points: list[Point] = []
        for minute, place, good, value in given:
            key = (device, good, minute, place)
            if key not in self.points:  # the same point with another value is a duplicate, and the first one stays
                self.points[key] = value
                of = reads("success" if good else "failure", device)
                points.append((of, at(minute + (place + 1) / 6), at(minute + place / 6), float(value)))
        self._send(points[::2] + points[1::2])

    def _counter(self, first: int, growths: list[int | None]) -> None:
        """Send a cumulative counter, which begins anew at None; later than all that it has said before."""
        first = max(first, self.counter_until + 1)
        of = reads("failure", "mem-c", Temporality.CUMULATIVE)
        points: list[Point] = []
        total, start_ns = 0, at(first)
        for minute, growth in enumerate(growths, start=first + 1):
            if minute >= MINUTES:
                break
            if growth is None:
                total, start_ns = 0, at(minute - 0.5)
            total += growth or 0
            points.append((of, at(minute), start_ns, float(total)))
            self.increases["mem-c", minute - 1] += growth or 0
            self.counter_until = minute
        self._send(points)

    def _again(self, index: int) -> None:
        if self.sent:
            self._send(list(reversed(self.sent[index % len(self.sent)])))

    def _restart(self) -> None:
        """Nothing: an engine is made for each look."""

    def _exclude(self, device: str | None, first: int, length: int, mode: str | None) -> None:
        row = ExclusionRow(
            kind="maintenance",
            matchers={"device": device} if device else {},
            start_ns=at(first),
            end_ns=at(first + length),
            rule="",
            zone="UTC",
            mode=mode,
            who="test",
            why="test",
            source="",
            created_ns=at(0),
        )
        number = self.store.add_exclusion(row, actor="test")
        assert number is not None
        self.exclusions[number] = row

    def _revoke(self, index: int) -> None:
        if self.exclusions:
            number = sorted(self.exclusions)[index % len(self.exclusions)]
            self.store.revoke_exclusion(number, now_ns=at(0), actor="test")
            del self.exclusions[number]

    def minutes(self) -> dict[tuple[str, int], tuple[int, int]]:
        """Return good and total reads per device and minute with data, by brute force."""
        found: dict[tuple[str, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
        for (device, good, minute, _), value in self.points.items():
            before = found[device, minute]
            found[device, minute] = (before[0] + int(value) * good, before[1] + int(value))
        for key, growth in self.increases.items():
            found[key] = (found[key][0], found[key][1] + growth)
        return {key: self._excluded(*key, counts) for key, counts in found.items()}

    def _excluded(self, device: str, minute: int, counts: tuple[int, int]) -> tuple[int, int]:
        modes = {
            row.mode or "dropped"
            for row in self.exclusions.values()
            if row.matchers.get("device", device) == device
            and row.end_ns is not None
            and row.start_ns < at(minute + 1)
            and row.end_ns > at(minute)
        }
        if "dropped" in modes:
            return 0, 0
        return (counts[1], counts[1]) if modes else counts

    def slices(self) -> dict[tuple[str, int], tuple[int, int]]:
        """Return good and total reads per device and slice of five minutes."""
        offset = at(0) // MINUTE_NS % 5
        found: dict[tuple[str, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
        for (device, minute), (good, total) in self.minutes().items():
            key = device, (minute + offset) // 5
            found[key] = (found[key][0] + good, found[key][1] + total)
        return found


def check(world: World, engine: Engine | None, now: int) -> Engine:
    """Let an engine step, and hold what it says against the points."""
    engine = engine or Engine(world.store, OBJECTIVES, web_url="", now_ns=at(now) + GRACE_NS)
    engine.step(at(now) + GRACE_NS)
    if not world.points and not world.increases:
        return engine
    by_device: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for (device, _), counts in world.minutes().items():
        by_device[device].append(counts)
    sliced: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for (device, _), counts in world.slices().items():
        sliced[device].append(counts)
    expected = {
        ("events", device): (sum(g for g, _ in all_), sum(t for _, t in all_)) for device, all_ in by_device.items()
    }
    for device, all_ in sliced.items():
        judged = [(good, total) for good, total in all_ if total > 0]
        expected["slices", device] = sum(good >= total for good, total in judged), len(judged)
        parts = sum(round(Fraction(10**9 * good, total)) for good, total in judged)
        expected["ratios", device] = parts, 10**9 * len(judged)
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
    max_examples=6,
    phases=[Phase.generate],  # to shrink a history of deeds takes longer than to read one
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    derandomize=True,
)
@given(deeds=DEEDS, looks=st.sets(st.integers(0, 13), max_size=4))
def test_the_engine_equals_a_recount_from_raw_points(
    server_url: str, migrated_template: str, deeds: list[tuple[object, ...]], looks: set[int]
) -> None:
    with (
        throwaway_database(server_url, template=migrated_template) as url,
        Store(url) as store,
        closing(Writer(url)) as writer,
    ):
        world, engine = World(url, store, writer), None
        for n, deed in enumerate(deeds):
            world.do(deed)
            if deed[0] == "restart":
                engine = None
            if n in looks:
                engine = check(world, engine, MINUTES + 10 + n)
        check(world, engine, MINUTES + 10 + len(deeds))


def test_what_was_known_is_told_apart_from_what_is_known(store: Store, writer: Writer, database: str) -> None:
    world = World(database, store, writer)
    world.do(("delta", "mem-a", [(minute, 0, True, 10) for minute in range(10)]))
    engine = Engine(store, [EVENTS], web_url="", now_ns=at(10) + GRACE_NS)
    engine.step(at(10) + GRACE_NS)
    world.do(("delta", "mem-a", [(3, 1, False, 7)]))
    engine.step(at(12) + GRACE_NS)

    def standing(**asked: int) -> tuple[int, int]:
        _, (found,) = read_standings(store, [EVENTS], **asked)
        return found.status.good, found.status.total

    assert standing(as_of_ns=at(10)) == (100, 107)
    assert standing(known_at_ns=at(10) + GRACE_NS) == (100, 100)
    assert standing(as_of_ns=at(2)) == (20, 20)
    (revision,) = store.read_revisions("events")
    assert (revision.minute_ns, revision.before, revision.after) == (at(3), (10, 10), (10, 17))


def test_an_exclusion_opens_exactly_its_minutes_and_closes_them_again(
    store: Store, writer: Writer, database: str
) -> None:
    world = World(database, store, writer)
    world.do(("delta", "mem-a", [(minute, 0, minute < 30, 10) for minute in range(40)]))
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


def test_each_of_a_kind_that_never_reports_is_expected_by_name(store: Store, writer: Writer) -> None:
    edges = [topology_edge(device) for device in ("mem-a", "mem-x")]
    points = [(reads("success", "mem-a"), at(m + 1), at(m), 10.0) for m in range(30)]
    writer.write("spool-1", [batch(1, points, events=edges)])
    engine = Engine(store, [EVENTS], web_url="", now_ns=at(5) + GRACE_NS)
    engine.step(at(5) + GRACE_NS)
    engine.step(at(30) + GRACE_NS)
    _, standings = read_standings(store, [EVENTS])
    assert {s.entity: (s.status.state.value, float(s.status.coverage)) for s in standings} == {
        "mem-a": ("ok", 1.0),
        "mem-x": ("no_data", 0.0),
    }
    window = Window(start_ns=at(0), end_ns=at(60))
    assert {row.labels["device"] for row in store.read_budgets("events", window) if row.state == "no_data"} == {
        "mem-x"
    }
