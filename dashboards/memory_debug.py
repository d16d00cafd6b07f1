"""The memory board for diagnosis: every slot, every outcome, traces and the log."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import annotations, variables
from dashboards.board import Audience, Board, Way
from dashboards.counter_panels import gauges, rates, temperatures
from dashboards.distribution_panels import means, percentiles
from dashboards.domains import MEMORY, in_sites
from dashboards.happening_panels import events
from dashboards.look import BAD, GOOD, SECONDS, WHEN, at_most, word_mappings
from dashboards.panels import Column, Head, table
from dashboards.sql import newest, one_of, sql, union
from dashboards.telemetry_panels import freshness
from model.names import (
    ATTR_SLOT_ID,
    METRIC_CONTROL_ROUND_TRIP_DURATION,
    METRIC_MEMORY_FIDELITY,
    METRIC_MEMORY_HOLD_DURATION,
    METRIC_MEMORY_READS,
    METRIC_MEMORY_T1,
    METRIC_MEMORY_T2,
    METRIC_MEMORY_WRITES,
    error_of,
)
from slo import Objective

_SLOT = "device || ' ' || slot"
_CHOSEN_SLOTS = f"{MEMORY.chosen} AND {one_of('slot', 'slot')}"


def build(_objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return Board(
        uid=MEMORY.uid("debug"),
        title="Herald / Memory / Debug",
        question="What exactly happens in which slot, and what do the traces and logs say about it?",
        audience=Audience.DEBUG,
        domain=MEMORY.name,
        variables=[
            *variables.of_domain(MEMORY),
            variables.identity("slot", "Slot", METRIC_MEMORY_FIDELITY, within=("device",)),
        ],
        annotations=annotations.of_domain(MEMORY),
        ways=[
            Way(title="On call", uid=MEMORY.uid("on-call")),
            Way(title="Executive", uid=MEMORY.uid("executive"), keeps_time=False),
            Way(title="Home", uid="herald-home", keeps_time=False),
        ],
        rows=[
            _fidelity_row(),
            _coherence_row(),
            [_estimates()],
            _operations_row(),
            [_stages(), _traces()],
            _facility_row(),
            [_log(), _freshness()],
        ],
    )


def _fidelity_row() -> list[core.Panel]:
    mean = Head(
        id=1,
        title="Fidelity of every slot",
        about="Mean fidelity of the states each slot gave back. One slot below its neighbours is a slot "
        "fault, all of them the cryostat or the control",
        cites=("memory.PD1", "memory.X30", "memory.M3"),
    )
    low = Head(
        id=2,
        title="Fidelity of every slot, worst tenth",
        about="The 10th percentile of fidelity: bad tails show here before the mean moves",
        cites=("memory.PD1", "memory.X30", "memory.X2"),
    )
    return [
        means(mean, METRIC_MEMORY_FIDELITY, _SLOT, _CHOSEN_SLOTS, decimals=2),
        percentiles(low, METRIC_MEMORY_FIDELITY, _SLOT, _CHOSEN_SLOTS, 0.1),
    ]


def _coherence_row() -> list[core.Panel]:
    t2 = Head(
        id=3,
        title="Coherence time T2",
        about="T2 of each slot from its latest fits. A common fall follows the cryostat, a single one the slot",
        cites=("memory.PX1", "memory.PX2", "memory.M4"),
    )
    t1 = Head(
        id=4,
        title="Relaxation time T1",
        about="T1 of each slot from its latest fits. T2 falling while T1 holds is dephasing: noise, not loss",
        cites=("memory.PX1", "memory.X11"),
    )
    return [
        gauges(t2, METRIC_MEMORY_T2, _SLOT, _CHOSEN_SLOTS),
        gauges(t1, METRIC_MEMORY_T1, _SLOT, _CHOSEN_SLOTS),
    ]


def _estimates() -> core.Panel:
    parts = {
        "T1": METRIC_MEMORY_T1,
        "T1 error": error_of(METRIC_MEMORY_T1),
        "T2": METRIC_MEMORY_T2,
        "T2 error": error_of(METRIC_MEMORY_T2),
    }
    query = sql(
        """
        SELECT device AS "Memory", slot AS "Slot", max(time) AS "Measured", @t1 AS "T1", @t1_error AS "± T1",
          @t2 AS "T2", @t2_error AS "± T2", @t2 / nullif(2 * @t1, 0) AS "T2 / 2 T1"
        FROM (@union) AS estimate GROUP BY 1, 2 ORDER BY 6, 1, 2
        """,
        union=union("device, slot", parts, _CHOSEN_SLOTS),
        t1=newest("T1"),
        t1_error=newest("T1 error"),
        t2=newest("T2"),
        t2_error=newest("T2 error"),
    )
    head = Head(
        id=5,
        title="Latest estimates with standard errors",
        about="The newest T1 and T2 fit of each slot with its standard error, shortest T2 first. T2 above 2 "
        "T1 cannot be: distrust the fit. Density matrices are not sent yet",
        cites=("memory.PD4", "memory.M4", "memory.X11"),
        width=24,
    )
    columns = {name: Column(unit=SECONDS, decimals=2) for name in ("T1", "± T1", "T2", "± T2")}
    columns |= {"Measured": Column(unit=WHEN), "T2 / 2 T1": Column(decimals=2, steps=at_most(1, 1.2))}
    return table(head, query, columns)


def _operations_row() -> list[core.Panel]:
    writes = Head(
        id=6,
        title="Writes by outcome",
        about="Write operations per second by outcome",
        cites=("memory.PD2", "memory.M1"),
        width=8,
    )
    reads = Head(
        id=7,
        title="Reads by outcome",
        about="Read operations per second by outcome",
        cites=("memory.PD2", "memory.M2"),
        width=8,
    )
    holds = Head(
        id=8,
        title="Hold time",
        about="How long states were held, median and 95th percentile. Longer holds lower fidelity without any fault",
        cites=("memory.PD2", "memory.M5"),
        width=8,
    )
    label = "device || ' ' || outcome"
    return [
        rates(writes, METRIC_MEMORY_WRITES, label, MEMORY.chosen, unit="suffix: writes/s"),
        rates(reads, METRIC_MEMORY_READS, label, MEMORY.chosen, unit="suffix: reads/s"),
        percentiles(holds, METRIC_MEMORY_HOLD_DURATION, "device", MEMORY.chosen, 0.5, 0.95),
    ]


def _stages() -> core.Panel:
    query = sql(
        """
        SELECT start_time AS "Started", device AS "Memory", attributes ->> '@slot' AS "Slot", name AS "Stage",
          extract(epoch FROM end_time - start_time)::float8 AS "Took",
          CASE status WHEN 'error' THEN 'failed' ELSE 'done' END AS "Ended",
          trace_id AS "Trace"
        FROM span WHERE $__timeFilter(start_time) AND @chosen ORDER BY start_time DESC, name LIMIT 100
        """,
        slot=ATTR_SLOT_ID,
        chosen=MEMORY.chosen,
    )
    head = Head(
        id=9,
        title="Latest operations",
        about="The newest stages of traced storage jobs with the moment each began",
        cites=("memory.PD2", "memory.PD3"),
    )
    columns = {
        "Started": Column(unit=WHEN, width=190),
        "Took": Column(unit=SECONDS, decimals=2),
        "Ended": Column(mappings=word_mappings({"failed": ("FAILED", BAD), "done": ("done", GOOD)})),
    }
    return table(head, query, columns, no_value="no traced job in this range")


def _traces() -> core.Panel:
    query = sql(
        """
        SELECT min(start_time) AS "Started", trace_id AS "Trace", max(device) AS "Memory", count(*) AS "Stages",
          extract(epoch FROM max(end_time) - min(start_time))::float8 AS "Took",
          string_agg(name, ', ' ORDER BY start_time) FILTER (WHERE status = 'error') AS "Failed"
        FROM (
          SELECT * FROM span WHERE $__timeFilter(start_time) AND @chosen ORDER BY start_time DESC LIMIT 500) AS newest
        GROUP BY trace_id ORDER BY 5 DESC LIMIT 50
        """,
        chosen=MEMORY.chosen,
    )
    head = Head(
        id=10,
        title="Slowest traces of the latest",
        about="Of the newest traced jobs the slowest first, with the stages that failed",
        cites=("memory.PD3",),
    )
    columns = {"Started": Column(unit=WHEN, width=190), "Took": Column(unit=SECONDS, decimals=2)}
    return table(head, query, columns, no_value="no traced job in this range")


def _facility_row() -> list[core.Panel]:
    control = Head(
        id=11,
        title="Control round trip",
        about="Round trip of control messages at the site. A long tail makes reads late (memory.B3)",
        cites=("memory.PD3", "link.M10"),
    )
    stages = Head(
        id=12,
        title="Cryostat stages",
        about="Temperature of each stage beside the fidelity above: which moved first?",
        cites=("memory.PX2", "memory.F7"),
    )
    return [
        percentiles(control, METRIC_CONTROL_ROUND_TRIP_DURATION, "device", in_sites(), 0.5, 0.95, 0.99),
        temperatures(stages, in_sites()),
    ]


def _log() -> core.Panel:
    head = Head(
        id=13,
        title="Event log",
        about="Everything the site's devices logged: calibrations, changes, alarms, from a week before the range on",
        cites=("memory.PD4", "memory.PO4"),
    )
    return events(head, in_sites())


def _freshness() -> core.Panel:
    head = Head(
        id=14,
        title="Age of telemetry",
        about="Newest sample of each metric, oldest first. One old metric is a sick sensor, all of them a sick agent",
        cites=("memory.PD2",),
    )
    return freshness(head, 'metric AS "Metric", device AS "Memory"', MEMORY.chosen)
