"""Three hours of the shipped fleet with a game day in them, rolled up and judged: boards and queries are asked on it.

At 04:20 the cryostat at delft warms up, and several things that a review asks about go wrong beside it. A firmware
change of the memory bank ten minutes before is a decoy: it did nothing.
"""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from alert_rules.shipped import load_shipped_objectives
from benchmarks.collecting import running_collector
from exporters import OtlpClient, build_simulated_sources, import_ibm_properties, replay_history
from herald.engine import GRACE_NS, Engine
from hwsim import FaultSchedule, Injection, find_fault
from model.clock import HOUR_NS, MINUTE_NS, to_datetime, to_ns
from model.windows import Window
from store import RollupStore, Store
from tests.ibm_snapshots import write_snapshot

OBJECTIVES = load_shipped_objectives()
NOW_NS = to_ns(datetime(2026, 9, 21, 5, 30, tzinfo=UTC))
HISTORY_NS = 3 * HOUR_NS
"""Long enough to hold the calibrations of the day, which are done between 03:00 and 05:00 UTC."""

INCIDENT = Window(start_ns=NOW_NS - 70 * MINUTE_NS, end_ns=NOW_NS - 10 * MINUTE_NS)
DECOY_NS = INCIDENT.start_ns - 10 * MINUTE_NS
SILENCE = Window(start_ns=INCIDENT.start_ns + 30 * MINUTE_NS, end_ns=INCIDENT.start_ns + 40 * MINUTE_NS)
BROUGHT_IN = ("lab_north", "lab_south")
"""Processors of which only people bring snapshots."""

_STRUCK = {
    "memory.F7": "cryo-delft",
    "memory.F2": "mem-hague",
    "link.B1": "link-delft-local",
    "scaleup.F2": "orch-hague",
    "scaleup.F4": "agent-hague",
    "community.B5": "agent-hague",
    "community.F4": "orch-hague",
    "community.F10": "registry-hague",
}


def live_through(url: str, folder: Path) -> None:
    """Fill a migrated database."""
    start_ns = NOW_NS - HISTORY_NS
    with running_collector(url, folder) as collector, closing(OtlpClient(collector.url)) as client:
        sources = build_simulated_sources(seed=1, start_ns=start_ns, faults=FaultSchedule(_injections()))
        list(replay_history(sources, start_ns, NOW_NS, send=client.send))
        for hours_ago, backend in enumerate(BROUGHT_IN, start=1):
            measured = to_datetime(NOW_NS - hours_ago * HOUR_NS)
            import_ibm_properties(write_snapshot(folder, backend, measured), client.send)
        collector.wait_until_stored()
    now_ns = NOW_NS + GRACE_NS
    with Store(url) as store:
        Engine(store, OBJECTIVES, web_url="http://localhost", now_ns=now_ns).step(now_ns)
    with RollupStore(url) as rollups:
        rollups.refresh(closed_ns=NOW_NS, since_ns=0, budget_s=60.0)


def _injections() -> list[Injection]:
    struck = [_injection(fault, entity, INCIDENT) for fault, entity in _STRUCK.items()]
    silent = _injection("link.F6", "agent-delft", SILENCE)
    decoy = _injection("memory.F6", "mem-delft", Window(start_ns=DECOY_NS, end_ns=NOW_NS), harmless=True)
    return [*struck, silent, decoy]


def _injection(fault: str, entity: str, window: Window, *, harmless: bool = False) -> Injection:
    return Injection(
        fault_id=fault,
        entity_id=entity,
        start_ns=window.start_ns,
        end_ns=window.end_ns,
        magnitude=find_fault(fault).magnitude.gross,
        harmless=harmless,
    )
