"""The memory board for diagnosis: every slot, every outcome, traces and the log."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames, memory_slots, variables
from dashboards.board import Board
from dashboards.counter_panels import rates, temperatures
from dashboards.distribution_panels import percentiles
from dashboards.domains import MEMORY, in_sites
from dashboards.frames import OWN
from dashboards.look import BAD, GOOD, SECONDS, word_mappings
from dashboards.panels import MOMENT, Column, Head, table
from dashboards.sql import sql
from model.names import (
    ATTR_SLOT_ID,
    METRIC_CONTROL_ROUND_TRIP_DURATION,
    METRIC_MEMORY_FIDELITY,
    METRIC_MEMORY_HOLD_DURATION,
    METRIC_MEMORY_READS,
    METRIC_MEMORY_TRANSDUCER_PHOTONS,
    METRIC_MEMORY_WRITES,
)
from slo import Objective


def build(_objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return frames.debug(
        MEMORY,
        question="What exactly happens in which slot, and what do the traces and logs say about it?",
        cites=("memory.PD4",),
        more=[variables.identity("slot", "Slot", METRIC_MEMORY_FIDELITY, within=("device",))],
        rows=[
            memory_slots.fidelity_row(),
            memory_slots.coherence_row(),
            [memory_slots.latest_estimates(), memory_slots.tomography()],
            _operations_row(),
            [_stages(), _traces()],
            _facility_row(),
        ],
    )


def _operations_row() -> list[core.Panel]:
    writes = Head(
        id=OWN + 5,
        title="Writes by outcome",
        about="Write operations per second by outcome",
        cites=("memory.PD2", "memory.M1"),
        width=8,
    )
    reads = Head(
        id=OWN + 6,
        title="Reads by outcome",
        about="Read operations per second by outcome",
        cites=("memory.PD2", "memory.M2"),
        width=8,
    )
    holds = Head(
        id=OWN + 7,
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
        id=OWN + 8,
        title="Latest operations",
        about="The newest stages of traced storage jobs with the moment each began",
        cites=("memory.PD2", "memory.PD3"),
    )
    columns = {
        "Started": MOMENT,
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
        id=OWN + 9,
        title="Slowest traces of the latest",
        about="Of the newest traced jobs the slowest first, with the stages that failed",
        cites=("memory.PD3",),
    )
    columns = {"Started": MOMENT, "Took": Column(unit=SECONDS, decimals=2)}
    return table(head, query, columns, no_value="no traced job in this range")


def _facility_row() -> list[core.Panel]:
    control = Head(
        id=OWN + 10,
        title="Control round trip",
        about="Round trip of control messages at the site. A long tail makes reads late (memory.B3)",
        cites=("memory.PD3", "link.M10"),
        width=8,
    )
    photons = Head(
        id=OWN + 13,
        title="Transducer photons",
        about="Photons per second through the transducer, by outcome. Losses that grow with the control round trip "
        "are timing, losses alone are alignment",
        cites=("memory.PD3",),
        width=8,
    )
    stages = Head(
        id=OWN + 11,
        title="Cryostat stages",
        about="Temperature of each stage beside the fidelity above: which moved first?",
        cites=("memory.PX2", "memory.F7"),
        width=8,
    )
    label = "device || ' ' || outcome"
    return [
        rates(photons, METRIC_MEMORY_TRANSDUCER_PHOTONS, label, MEMORY.chosen, unit="suffix: photons/s"),
        percentiles(control, METRIC_CONTROL_ROUND_TRIP_DURATION, "device", in_sites(), 0.5, 0.95, 0.99),
        temperatures(stages, in_sites()),
    ]
