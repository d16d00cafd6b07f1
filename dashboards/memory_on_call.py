"""The memory board for whoever is on call: is it burning, since when, and what changed before."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import annotations, variables
from dashboards.board import Audience, Board, Way
from dashboards.counter_panels import MEAN, MOST, gauge_query, share_query, temperatures
from dashboards.domain_panels import open_alerts, states, status_table, worst_state
from dashboards.domains import MEMORY, in_sites
from dashboards.happening_panels import alarms, changes
from dashboards.look import COUNT, RATIO, WHEN, at_most, none_expected
from dashboards.objective_panels import burn_panels, of_domain
from dashboards.panels import Column, Head, stat, table, timeseries
from dashboards.sql import rolled, sql, view
from dashboards.telemetry_panels import data_age
from model.names import METRIC_MEMORY_QUEUE_DEPTH, METRIC_MEMORY_READS, METRIC_MEMORY_REJECTS, METRIC_MEMORY_WRITES
from slo import PAGE, Objective


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    own = of_domain(objectives, MEMORY)
    return Board(
        uid=MEMORY.uid("on-call"),
        title="Herald / Memory / On call",
        question="Which memory hurts its users now, since when, and what changed before?",
        audience=Audience.ON_CALL,
        domain=MEMORY.name,
        variables=variables.of_domain(MEMORY),
        annotations=annotations.of_domain(MEMORY),
        ways=[
            Way(title="Debug", uid=MEMORY.uid("debug")),
            Way(title="Executive", uid=MEMORY.uid("executive"), keeps_time=False),
            Way(title="Home", uid="herald-home", keeps_time=False),
        ],
        rows=[
            _first_row(),
            [_status()],
            burn_panels(own, MEMORY, PAGE, ("memory.PO2",)),
            [_queue(), _failures()],
            [_failed_minutes(), _temperatures()],
            [_alarms(), _changes()],
            [_states()],
        ],
    )


def _first_row() -> list[core.Panel]:
    size = {"width": 4, "height": 4}
    return [
        worst_state(
            Head(
                id=1,
                title="Worst state",
                about="Worst state of any objective now; the table below says which",
                cites=("memory.PO2",),
                **size,
            ),
            MEMORY,
        ),
        open_alerts(
            Head(
                id=2, title="Pages firing", about="Unresolved pages. Above 0: act now", cites=("memory.PO2",), **size
            ),
            MEMORY,
            "page",
        ),
        open_alerts(
            Head(
                id=3,
                title="Tickets firing",
                about="Unresolved tickets. Above 0: plan the repair",
                cites=("memory.PO2",),
                **size,
            ),
            MEMORY,
            "ticket",
        ),
        data_age(
            Head(
                id=4,
                title="Age of newest sample",
                about="How old the newest write count is. Above a minute the numbers here are stale: check "
                "agents and collector",
                cites=("memory.PO1",),
                **size,
            ),
            MEMORY,
        ),
        stat(
            Head(
                id=5,
                title="Queue depth now",
                about="Requests that wait for a slot. A queue that grows is saturation (memory.F4)",
                cites=("memory.PO1", "memory.M7"),
                **size,
            ),
            gauge_query(METRIC_MEMORY_QUEUE_DEPTH, "device", MEMORY.chosen, value=MOST),
            steps=at_most(10, 50),
            sparkline=True,
        ),
        stat(
            Head(
                id=6,
                title="Rejects in range",
                about="Requests turned away because the queue was full. Above 0: users notice",
                cites=("memory.PO1", "memory.X8"),
                **size,
            ),
            sql(
                """
                SELECT coalesce(sum(value), 0)::float8 AS "Rejects"
                FROM @view WHERE $__timeFilter(time) AND @chosen
                """,
                view=view(METRIC_MEMORY_REJECTS),
                chosen=MEMORY.chosen,
            ),
            steps=none_expected(),
        ),
    ]


def _status() -> core.Panel:
    head = Head(
        id=7,
        title="Objectives, worst first",
        about="Every objective and memory: what was attained over its rolling window, the budget left, how "
        "fast it burns, and whether an alert fires",
        cites=("memory.PO2",),
        width=24,
    )
    return status_table(head, MEMORY)


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
        id=8,
        title="Queue depth and rejects",
        about="Waiting requests and, in the same step, requests turned away. Rejects without a queue point at "
        "a slot leak",
        cites=("memory.PO1", "memory.M7", "memory.X8"),
    )
    queue = gauge_query(METRIC_MEMORY_QUEUE_DEPTH, "'queue ' || device", MEMORY.chosen, value=MEAN)
    return timeseries(head, queue, rejects, unit=COUNT, minimum=0)


def _failures() -> core.Panel:
    head = Head(
        id=9,
        title="Failed writes and reads",
        about="Share of operations that failed. Writes alone: mode match or timing (memory.F2); reads alone: "
        "readout (memory.F3); both: look at the cryostat",
        cites=("memory.PO2", "memory.M1", "memory.M2", "memory.X7"),
    )
    failed = "outcome <> 'success'"
    return timeseries(
        head,
        share_query(METRIC_MEMORY_WRITES, "'writes ' || device", failed, MEMORY.chosen),
        share_query(METRIC_MEMORY_READS, "'reads ' || device", failed, MEMORY.chosen),
        unit=RATIO,
        decimals=2,
        minimum=0,
    )


def _failed_minutes() -> core.Panel:
    query = sql(
        """
        SELECT time AS "Minute", device AS "Memory", sum(failed_writes) AS "Failed writes",
          sum(failed_reads) AS "Failed reads",
          sum(failed_writes + failed_reads) / nullif(sum(operations), 0) AS "Error ratio"
        FROM (
          SELECT time, device, CASE WHEN outcome <> 'success' THEN value ELSE 0 END AS failed_writes,
            0 AS failed_reads, value AS operations FROM @writes WHERE $__timeFilter(time) AND @chosen
          UNION ALL
          SELECT time, device, 0, CASE WHEN outcome <> 'success' THEN value ELSE 0 END, value
          FROM @reads WHERE $__timeFilter(time) AND @chosen) AS operation
        GROUP BY 1, 2 HAVING sum(failed_writes + failed_reads) > 0 ORDER BY 1 DESC, 2 LIMIT 50
        """,
        writes=view(METRIC_MEMORY_WRITES),
        reads=view(METRIC_MEMORY_READS),
        chosen=MEMORY.chosen,
    )
    head = Head(
        id=10,
        title="Latest failures",
        about="The newest minutes with failed writes or reads, with the error ratio of the minute",
        cites=("memory.PO2", "memory.M1", "memory.M2"),
    )
    columns = {
        "Minute": Column(unit=WHEN, width=190),
        "Failed writes": Column(unit=COUNT),
        "Failed reads": Column(unit=COUNT),
        "Error ratio": Column(unit=RATIO, decimals=2, steps=at_most(0.01, 0.1)),
    }
    return table(head, query, columns)


def _temperatures() -> core.Panel:
    head = Head(
        id=11,
        title="Cryostat stages",
        about="Temperature of each stage. A sample stage that warms shortens T2 within minutes (memory.F7): "
        "halt leases, call the cryostat's keeper",
        cites=("memory.PO3", "memory.F7"),
    )
    return temperatures(head, in_sites())


def _alarms() -> core.Panel:
    head = Head(
        id=12,
        title="Device alarms",
        about="Alarms that the devices of the site raised themselves in the range; 'quiet' is good",
        cites=("memory.PO3",),
    )
    return alarms(head, in_sites())


def _changes() -> core.Panel:
    head = Head(
        id=13,
        title="Calibrations and firmware",
        about="What changed in the range and in the week before, newest first. A change shortly before the "
        "burn is the first suspect (memory.F6)",
        cites=("memory.PO4", "memory.F6"),
    )
    return changes(head, in_sites())


def _states() -> core.Panel:
    head = Head(
        id=14,
        title="State of every objective",
        about="OK, AT RISK, EXHAUSTED or NO DATA over time: whether one objective fell or all at once",
        cites=("memory.PO2",),
        width=24,
        height=7,
    )
    return states(head, MEMORY)
