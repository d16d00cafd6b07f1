"""A backtest on a real database says what an engine would have said, and leaves no trace."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal

import pytest

from herald.backtest import Backtest, run_backtest
from herald.commands.slo_backtest import as_document
from herald.engine import GRACE_NS, Engine
from model import names
from model.clock import DAY_NS, MINUTE_NS, format_time
from model.errors import InvalidInputError
from model.queries import MetricQuery, Reducer
from model.windows import Window
from slo import DEFAULT_TIERS, Objective, RatioIndicator
from store import Store, Writer
from tests.integration.telemetry import at, batch, count_rows, minute_counts, reads
from tests.services.databases import MigratedDatabases

READS = MetricQuery(metric=names.METRIC_MEMORY_READS, reducer=Reducer.SUM, group_by=(names.ATTR_DEVICE_ID,))
OBJECTIVE = Objective(
    name="read-success",
    service="quantum-memory",
    indicator=RatioIndicator(total=READS, good=replace(READS, filters=((names.ATTR_OUTCOME, ("success",)),))),
    target=Decimal("0.99"),
    window_ns=28 * DAY_NS,
    group_by=(names.ATTR_DEVICE_ID,),
    tiers=DEFAULT_TIERS[:2],
)
MINUTES = 300
OUTAGE = range(100, 130)
WINDOW = Window(start_ns=at(0), end_ns=at(MINUTES))


@pytest.fixture(scope="module")
def url(databases: MigratedDatabases, embedded_server_url: str) -> Iterator[str]:
    with databases.on(embedded_server_url) as url:
        bad = [100 if minute in OUTAGE else 0 for minute in range(MINUTES)]
        points = [
            *minute_counts(reads("success"), [100 - number for number in bad]),
            *minute_counts(reads("failure"), bad),
        ]
        with closing(Writer(url)) as writer:
            writer.write("spool-1", [batch(1, points)])
        yield url


def backtest(url: str, objective: Objective = OBJECTIVE, window: Window = WINDOW) -> Backtest:
    with Store(url) as store:
        return run_backtest(store, [objective], window, lambda _: None)


def alerts_of(found: Backtest) -> list[tuple[str, int, int | None]]:
    return [(a.interval.tier.name, a.interval.fired_ns, a.interval.resolved_ns) for a in found.alerts]


def test_it_finds_the_alerts_and_the_budget_that_an_engine_finds(url):
    found = backtest(url)
    with Store(url) as store:
        Engine(store, [OBJECTIVE], web_url="http://herald", now_ns=at(0)).step(at(MINUTES) + GRACE_NS)
        sent = sorted((a.tier, a.fired_ns, a.resolved_ns) for a in store.read_alerts(WINDOW))
        known = run_backtest(store, [OBJECTIVE], WINDOW, lambda _: None)
    assert sorted(alerts_of(found)) == sent
    assert len(sent) == 2
    assert as_document(known) == as_document(found)
    assert found.budget_remaining == 1 - 100 * len(OUTAGE) / (MINUTES * 100) / 0.01


def test_the_formula_stands_beside_the_detection_and_reset_times(url):
    (page, slow) = as_document(backtest(url))["alerts"]
    assert (page["tier"], page["severity"], page["group"]) == ("1h-5m", "page", {"device": "mem-delft"})
    # 13.44 % of an hour are 8.06 min; the device is older than the hour.
    assert page["predicted_fired_at"] == page["fired_at"] == format_time(at(109))
    # It is younger than six hours; before its first data the past counts as good, as the formula has it.
    assert slow["predicted_fired_at"] == slow["fired_at"] == format_time(at(121))
    assert page["predicted_resolved_at"] == page["resolved_at"] == format_time(at(135))


def test_nothing_is_written(url):
    tables = ("sli", "alert", "objective", "budget")
    before = [count_rows(url, table) for table in tables]
    backtest(url, replace(OBJECTIVE, name="another", target=Decimal("0.95")))
    assert [count_rows(url, table) for table in tables] == before


def test_another_target_would_have_sent_something_else(url):
    assert (
        alerts_of(backtest(url, replace(OBJECTIVE, name="another", target=Decimal("0.5"), tiers=DEFAULT_TIERS[:1])))
        == []
    )


def test_the_budget_is_told_all_along(url):
    (entity,) = as_document(backtest(url))["entities"]
    left = [point["budget_remaining"] for point in entity["history"]]
    assert len(left) == 60
    assert left[0] == 1
    assert left[-1] == pytest.approx(entity["budget_remaining"])


def test_a_window_without_a_minute_is_refused(url):
    with pytest.raises(InvalidInputError, match="there is no minute to replay"):
        backtest(url, window=Window(start_ns=at(5), end_ns=at(5) + MINUTE_NS // 2))
