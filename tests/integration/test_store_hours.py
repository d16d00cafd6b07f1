"""The hours that boards read are always what a recount of minutes and snapshots gives, whatever was corrected."""

from dataclasses import replace

import numpy as np

from model.clock import MINUTE_NS
from store import BudgetRow, Store
from tests.integration.telemetry import T0, query_all
from tests.integration.test_store_objectives import BUDGET, DELFT, HAGUE, READS, Minute

GROUPS = (DELFT, HAGUE)
STATES = ("ok", "at_risk", "exhausted", "no_data")
BURN = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
EXTREMES = ", ".join(("min(sli)", "min(remaining)", *(f"max(burn_{window})" for window in BURN)))
HOURS_OF_SLI = """
    select entity_id, date_bin('1 hour', minute, 'epoch'), count(*), sum(good)::bigint, sum(total)::bigint
      from sli group by 1, 2 order by 1, 2"""
HOURS_OF_BUDGET = f"""
    select date_bin('1 hour', time, 'epoch'), entity_id, state, {EXTREMES}
      from budget group by 1, 2, 3 order by 1, 2, 3"""


def recount_some(store: Store, rng: np.random.Generator) -> None:
    """Count some minutes of three hours again: some are new, some say something else, some have vanished."""
    minutes = [T0 + int(minute) * MINUTE_NS for minute in rng.choice(180, size=40, replace=False)]
    counted = [
        Minute(group, minute, int(rng.integers(0, 9)), 9)
        for minute in minutes
        for group in GROUPS
        if rng.random() < 0.7
    ]
    store.replace_sli(READS.name, minutes, counted)


def judge_some(store: Store, rng: np.random.Generator) -> None:
    """Write snapshots of some minutes of three hours, many of them in place of earlier ones."""
    store.write_budgets(
        snapshot(rng, group, T0 + int(minute) * MINUTE_NS)
        for minute in rng.choice(180, size=30, replace=False)
        for group in GROUPS
    )


def snapshot(rng: np.random.Generator, group: tuple[tuple[str, str], ...], time_ns: int) -> BudgetRow:
    burn = {window: None if rng.random() < 0.2 else float(rng.random()) for window in BURN}
    remaining = float(rng.normal()) if rng.random() < 0.9 else None
    return replace(
        BUDGET, group=group, time_ns=time_ns, state=str(rng.choice(STATES)), remaining=remaining, burn=burn
    )


def test_hours_are_the_sums_of_their_minutes(database: str, store: Store):
    rng = np.random.default_rng(5)
    store.sync_objectives([READS], now_ns=T0)
    for _ in range(8):
        recount_some(store, rng)
    columns = "entity_id, hour, minutes, good, total"
    kept = query_all(database, f"select {columns} from sli_hour where minutes > 0 order by 1, 2")
    assert kept == query_all(database, HOURS_OF_SLI)


def test_an_hour_without_minutes_counts_nothing(database: str, store: Store):
    store.sync_objectives([READS], now_ns=T0)
    store.replace_sli(READS.name, [T0], [Minute(DELFT, T0, 1, 2)])
    store.replace_sli(READS.name, [T0], [])
    assert query_all(database, "select minutes, good, total from sli_hour") == [(0, 0, 0)]


def test_hours_have_the_extremes_of_each_state_that_was_seen(database: str, store: Store):
    rng = np.random.default_rng(5)
    store.sync_objectives([READS], now_ns=T0)
    for _ in range(8):
        judge_some(store, rng)
    columns = "hour, entity_id, state, sli, remaining, " + ", ".join(f"burn_{window}" for window in BURN)
    kept = query_all(database, f"select {columns} from budget_hour order by 1, 2, 3")
    assert kept == query_all(database, HOURS_OF_BUDGET)


def test_the_view_of_hours_names_entities_like_that_of_snapshots(database: str, store: Store):
    store.sync_objectives([READS], now_ns=T0)
    store.write_budgets([BUDGET, replace(BUDGET, time_ns=T0 + MINUTE_NS, remaining=-0.5)])
    found = query_all(database, "select objective, device, state, remaining from slo.budget_hour")
    assert found == [(READS.name, "mem-delft", "at_risk", -0.5)]
