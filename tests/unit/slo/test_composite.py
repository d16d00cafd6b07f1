"""Several indicators under one budget: what each budgeting method makes of them."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import names
from model.clock import MINUTE_NS
from model.queries import MetricQuery, Reducer
from slo import (
    PARTS,
    BudgetingMethod,
    Component,
    CompositeIndicator,
    CompositeLedger,
    Ledger,
    Ledgers,
    RatioIndicator,
    budget_history,
    composite_sums,
    compute_minutes,
    evaluate,
    evaluate_all,
    is_silent,
    split_component,
)
from slo.composite import add_up
from tests.unit.slo.telemetry import DELFT, GOOD_READS, READ_SUCCESS, READS, ListedSource, first_minutes, minute

WRITES = MetricQuery(metric=names.METRIC_MEMORY_WRITES, reducer=Reducer.SUM, group_by=(names.ATTR_DEVICE_ID,))
GOOD_WRITES = replace(WRITES, filters=((names.ATTR_OUTCOME, ("success",)),))
BOTH = replace(
    READ_SUCCESS,
    target=Decimal("0.9"),
    slice_ns=5 * MINUTE_NS,
    indicator=CompositeIndicator(
        components=(
            Component(
                name="reads",
                indicator=RatioIndicator(good=GOOD_READS, total=READS),
                target=Decimal("0.99"),
                slice_target=Decimal("0.9"),
            ),
            Component(
                name="writes",
                indicator=RatioIndicator(good=GOOD_WRITES, total=WRITES),
                target=Decimal("0.95"),
                weight=Decimal(2),
                slice_target=Decimal("0.9"),
            ),
        )
    ),
)
EVENTS = st.lists(st.none() | st.tuples(st.integers(0, 3), st.integers(3, 200)), min_size=1, max_size=40)


def ledger_of(
    reads: list[tuple[int, int] | None], writes: list[tuple[int, int] | None], *, among: Ledgers | None = None
) -> CompositeLedger:
    ledger = CompositeLedger(BOTH, {name: Ledger(BOTH.window_ns, among=among) for name in ("reads", "writes")})
    for name, minutes in (("reads", reads), ("writes", writes)):
        for n, counts in enumerate(minutes):
            if counts is not None:
                ledger.components[name].put(minute(n), counts[1] - counts[0], counts[1])
    return ledger


def test_burns_of_unlike_events_add_up_by_weight():
    status = evaluate(BOTH, ledger_of([(1, 200)], [(1, 40)]), minute(1))
    assert status.burns["5m"] == Fraction(1, 2) + 2 * Fraction(1, 2)


def test_a_component_without_events_burns_nothing():
    assert evaluate(BOTH, ledger_of([(1, 200)], [(0, 0)]), minute(1)).burns["5m"] == Fraction(1, 2)


def test_the_floor_on_bad_events_counts_events():
    assert ledger_of([(1, 200)], [(2, 40)]).counts(minute(1), MINUTE_NS).bad_events == 3


def test_a_composite_knows_no_more_than_its_quietest_component():
    ledger = ledger_of([(0, 1), (0, 1)], [(0, 1), None])
    assert (ledger.last_data_ns(minute(2)), evaluate(BOTH, ledger, minute(2)).coverage) == (minute(1), Fraction(1, 2))


def test_a_composite_is_silent_once_one_of_its_components_is():
    ledger = ledger_of([(0, 1)] * 20, [(0, 1), *[None] * 19])
    assert [is_silent(BOTH, ledger, minute(n)) for n in (16, 17)] == [False, True]


def test_a_composite_that_never_speaks_is_missed_from_when_it_is_expected():
    ledger = ledger_of([], [])
    ledger.expect(minute(5))
    assert [is_silent(BOTH, ledger, minute(n)) for n in (20, 21)] == [False, True]


@given(EVENTS, EVENTS)
def test_components_that_were_summed_elsewhere_add_up_to_the_same(reads, writes):
    ledger = ledger_of(reads, writes)
    sums = {name: each.counts(minute(40), 40 * MINUTE_NS) for name, each in ledger.components.items()}
    whole = ledger.counts(minute(40), 40 * MINUTE_NS)
    assert add_up(BOTH, {name: (each.good, each.total) for name, each in sums.items()}) == (whole.good, whole.total)


@given(EVENTS, EVENTS)
def test_the_history_of_a_composite_says_what_each_evaluation_says(reads, writes):
    ledger = ledger_of(reads, writes)
    at_ns = np.array([minute(n) for n in range(0, 50, 7)], dtype=np.int64)
    history = budget_history(BOTH, ledger, at_ns)
    statuses = [evaluate(BOTH, ledger, at) for at in at_ns.tolist()]
    assert history.bad.tolist() == [status.bad for status in statuses]
    assert history.state == [status.state for status in statuses]


@given(st.lists(st.tuples(EVENTS, EVENTS), max_size=4), st.integers(1, 45))
def test_a_fleet_of_composites_is_judged_as_each_alone(fleet, n):
    among = Ledgers(BOTH.window_ns)
    ledgers = [ledger_of(reads, writes, among=among) for reads, writes in fleet]
    ends = np.full(len(fleet), minute(n), dtype=np.int64)
    together = evaluate_all(BOTH, composite_sums(BOTH, ledgers, among.at(minute(n))), ends)
    alone = [evaluate(BOTH, ledger_of(reads, writes), minute(n)) for reads, writes in fleet]
    assert together.bad.tolist() == [status.bad for status in alone]
    assert together.state == [status.state for status in alone]
    assert together.last_data_ns.tolist() == [status.last_data_ns or 0 for status in alone]
    np.testing.assert_allclose(together.coverage, [float(status.coverage) for status in alone])


def source(reads: tuple[int, int], writes: tuple[int, int]) -> ListedSource:
    told = ListedSource().add(READS, 0, reads[1]).add(GOOD_READS, 0, reads[0])
    return told.add(WRITES, 0, writes[1]).add(GOOD_WRITES, 0, writes[0])


def test_events_are_counted_by_component():
    found = compute_minutes(BOTH, source((9, 10), (4, 5)), first_minutes(5))
    assert [(*split_component(m.group), m.good, m.total) for m in found] == [
        (DELFT, "reads", 9, 10),
        (DELFT, "writes", 4, 5),
    ]


@pytest.mark.parametrize(("reads", "good"), [((9, 10), 1), ((8, 10), 0)])
def test_a_slice_is_bad_if_it_is_bad_for_any(reads: tuple[int, int], good: int):
    objective = replace(BOTH, method=BudgetingMethod.TIMESLICES)
    (found,) = compute_minutes(objective, source(reads, (5, 5)), first_minutes(5))
    assert (found.minute_ns, found.good, found.total) == (minute(4), good, 1)


def test_missing_parts_of_slices_add_up_by_weight():
    objective = replace(BOTH, method=BudgetingMethod.RATIO_TIMESLICES)
    (found,) = compute_minutes(objective, source((95, 100), (95, 100)), first_minutes(5))
    assert (found.good, found.total) == (PARTS * 85 // 100, PARTS)


def test_a_slice_is_never_worse_than_bad():
    objective = replace(BOTH, method=BudgetingMethod.RATIO_TIMESLICES)
    (found,) = compute_minutes(objective, source((0, 100), (0, 100)), first_minutes(5))
    assert (found.good, found.total) == (0, PARTS)
