"""How soon alerts come and go, against the SRE workbook: fired after L * f / burn, resolved after s * (1 - f / burn).

The objective is 99.9 % over 30 d from a clean history; events come evenly, 1,000 a minute, and minutes are judged
when they are over: an alert fires at the first whole minute after the formula's moment, and stops at the first one
not before it.
"""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from alert_rules import AlertInterval, replay
from model.clock import DAY_NS, MINUTE_NS
from slo import DEFAULT_TIERS, Ledger
from tests.unit.slo.telemetry import READ_SUCCESS, first_minutes, minute

OBJECTIVE = replace(READ_SUCCESS, target=Decimal("0.999"), window_ns=30 * DAY_NS, tiers=DEFAULT_TIERS)
CLEAN_MINUTES = 4 * 24 * 60
HOUR = 60


def alerts_of(bad_per_thousand: int, *, outage_minutes: int) -> dict[str, AlertInterval]:
    count = CLEAN_MINUTES + outage_minutes + 24 * HOUR
    total = np.full(count, 1000, dtype=np.int64)
    good = total.copy()
    good[CLEAN_MINUTES : CLEAN_MINUTES + outage_minutes] -= bad_per_thousand
    ledger = Ledger(OBJECTIVE.window_ns)
    ledger.put_arrays(np.array([minute(n) for n in range(count)], dtype=np.int64), good, total)
    return {alert.tier.name: alert for alert in replay(OBJECTIVE, ledger, first_minutes(count))}


@pytest.mark.parametrize(
    ("bad_per_thousand", "fires_after"),
    [
        (1000, {"1h-5m": 1, "6h-30m": 3, "1d-2h": 5, "3d-6h": 5}),  # 52 s, 2 min 10 s, 4 min 19 s twice
        (100, {"1h-5m": 9, "6h-30m": 22, "1d-2h": 44, "3d-6h": 44}),  # 8:38, 21:36, 43:12 twice
        (20, {"1h-5m": 44, "6h-30m": 109, "1d-2h": 217, "3d-6h": 217}),  # 43:12, 1 h 48, 3 h 36 twice
        (10, {"6h-30m": 217, "1d-2h": 433, "3d-6h": 433}),  # page 1 never
        (2, {"3d-6h": 36 * HOUR + 1}),
    ],
)
def test_each_tier_fires_at_the_minute_the_formula_gives(bad_per_thousand, fires_after):
    alerts = alerts_of(bad_per_thousand, outage_minutes=40 * HOUR)
    fired = {name: (a.fired_ns - minute(CLEAN_MINUTES)) // MINUTE_NS for name, a in alerts.items()}
    assert fired == fires_after


@pytest.mark.parametrize(
    ("bad_per_thousand", "stops_after"),
    [(1000, 5), (100, 5), (20, 2)],  # 4 min 56 s, 4 min 17 s, 1 min 24 s
)
def test_the_first_page_stops_soon_after_recovery(bad_per_thousand, stops_after):
    outage = 60
    page = alerts_of(bad_per_thousand, outage_minutes=outage)["1h-5m"]
    assert page.resolved_ns == minute(CLEAN_MINUTES + outage + stops_after)
