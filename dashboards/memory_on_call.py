"""The memory board for whoever is on call: is it burning, since when, and what changed before."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames
from dashboards.board import Board
from dashboards.counter_panels import MEAN, MOST, gauge_query, share_query, temperatures
from dashboards.domains import MEMORY, in_sites
from dashboards.frames import OWN
from dashboards.look import COUNT, RATIO, at_most, none_expected
from dashboards.objective_panels import bound_steps
from dashboards.panels import MOMENT, Column, Head, stat, table, timeseries
from dashboards.sql import rolled, sql
from dashboards.telemetry_panels import settled
from model.names import METRIC_MEMORY_QUEUE_DEPTH, METRIC_MEMORY_READS, METRIC_MEMORY_REJECTS, METRIC_MEMORY_WRITES
from slo import Objective

_FAILED = "outcome <> 'success'"
_TILE = {"width": 4, "height": 4}


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return frames.on_call(
        MEMORY,
        objectives,
        question="Which memory hurts its users now, since when, and what changed before?",
        cites=("memory.PO2", "memory.PO3"),
        changes_cite=("memory.PO4", "memory.F6"),
        now=[_queue_now(objectives), _rejects()],
        rows=[[_queue(), _failures()], [_failed_minutes(), _temperatures()]],
    )


def _queue_now(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN,
        title="Queue depth now",
        about="Requests that wait for a slot. A queue that grows is saturation (memory.F4)",
        cites=("memory.PO1", "memory.M7"),
        **_TILE,
    )
    query = gauge_query(METRIC_MEMORY_QUEUE_DEPTH, "device", MEMORY.chosen, value=MOST)
    return stat(head, query, steps=bound_steps(objectives, "memory-queue-depth"), sparkline=True)


def _rejects() -> core.Panel:
    head = Head(
        id=OWN + 1,
        title="Rejects in range",
        about="Requests turned away because the queue was full. Above 0: users notice. While minutes of the range "
        "wait to be counted, a number is the least there were, and a zero is not shown",
        cites=("memory.PO1", "memory.X8"),
        **_TILE,
    )
    query = sql(
        """
        SELECT @settled AS "Rejects"
        FROM (SELECT coalesce(sum(increase), 0)::float8 AS counted FROM @rolled WHERE @chosen) AS total
        """,
        settled=settled("counted"),
        rolled=rolled(METRIC_MEMORY_REJECTS),
        chosen=MEMORY.chosen,
    )
    return stat(head, query, steps=none_expected(), no_value="not yet counted")


def _queue() -> core.Panel:
    rejects = sql(
        """
        SELECT $__timeGroupAlias(time,$__interval), 'rejects ' || device AS metric, sum(increase) AS value
        FROM @rolled WHERE @chosen GROUP BY 1, 2 ORDER BY 1, 2
        """,
        rolled=rolled(METRIC_MEMORY_REJECTS),
        chosen=MEMORY.chosen,
    )
    head = Head(
        id=OWN + 2,
        title="Queue depth and rejects",
        about="Waiting requests and, in the same step, requests turned away. Rejects without a queue point at a "
        "slot leak",
        cites=("memory.PO1", "memory.M7", "memory.X8"),
    )
    queue = gauge_query(METRIC_MEMORY_QUEUE_DEPTH, "'queue ' || device", MEMORY.chosen, value=MEAN)
    return timeseries(head, queue, rejects, unit=COUNT, minimum=0)


def _failures() -> core.Panel:
    head = Head(
        id=OWN + 3,
        title="Failed writes and reads",
        about="Share of operations that failed. Writes alone: mode match or timing (memory.F2); reads alone: "
        "readout (memory.F3); both: look at the cryostat",
        cites=("memory.PO2", "memory.M1", "memory.M2", "memory.X7"),
    )
    return timeseries(
        head,
        share_query(METRIC_MEMORY_WRITES, "'writes ' || device", _FAILED, MEMORY.chosen),
        share_query(METRIC_MEMORY_READS, "'reads ' || device", _FAILED, MEMORY.chosen),
        unit=RATIO,
        decimals=2,
        minimum=0,
    )


def _failed_minutes() -> core.Panel:
    query = sql(
        """
        SELECT time AS "Minute", device AS "Memory", sum(failed_writes)::float8 AS "Failed writes",
          sum(failed_reads)::float8 AS "Failed reads",
          sum(failed_writes + failed_reads) / nullif(sum(operations), 0) AS "Error ratio"
        FROM (
          SELECT time, device, CASE WHEN @failed THEN increase ELSE 0 END AS failed_writes, 0 AS failed_reads,
            increase AS operations FROM @writes WHERE @chosen
          UNION ALL
          SELECT time, device, 0, CASE WHEN @failed THEN increase ELSE 0 END, increase
          FROM @reads WHERE @chosen) AS operation
        GROUP BY 1, 2 HAVING sum(failed_writes + failed_reads) > 0 ORDER BY 1 DESC, 2 LIMIT 50
        """,
        failed=_FAILED,
        writes=rolled(METRIC_MEMORY_WRITES),
        reads=rolled(METRIC_MEMORY_READS),
        chosen=MEMORY.chosen,
    )
    head = Head(
        id=OWN + 4,
        title="Latest failures",
        about="The newest minutes with failed writes or reads, with the error ratio of the minute",
        cites=("memory.PO2", "memory.M1", "memory.M2"),
    )
    columns = {
        "Minute": MOMENT,
        "Failed writes": Column(unit=COUNT),
        "Failed reads": Column(unit=COUNT),
        "Error ratio": Column(unit=RATIO, decimals=2, steps=at_most(0.01, 0.1)),
    }
    return table(head, query, columns)


def _temperatures() -> core.Panel:
    head = Head(
        id=OWN + 5,
        title="Cryostat stages",
        about="Temperature of each stage. A sample stage that warms shortens T2 within minutes (memory.F7): halt "
        "leases, call the cryostat's keeper",
        cites=("memory.PO3", "memory.F7"),
    )
    return temperatures(head, in_sites())
