"""The board of provider calibration snapshots: each value at the time it was measured, flagged values apart."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import variables
from dashboards.board import Audience, Board, Way
from dashboards.look import COUNT, RATIO, SECONDS, WARN, WHEN, none_expected, unit_of
from dashboards.panels import MOMENT, Column, Head, Link, stat, table, timeseries
from dashboards.sql import newest, one_of, sql, union, view, within_range
from model.names import (
    ATTR_FLAG,
    ATTR_GATE_NAME,
    ATTR_GATE_QUBITS,
    ATTR_QUBIT_ID,
    EVENT_ESTIMATE_FLAGGED,
    METRIC_GATE_ERROR,
    METRIC_QUBIT_READOUT_ERROR,
    METRIC_QUBIT_T1,
    METRIC_QUBIT_T2,
)
from slo import Objective

_CHOSEN = one_of("backend", "backend")
_GATES = f"{_CHOSEN} AND {one_of('gate', 'gate')}"
_MEDIAN = "percentile_cont(0.5) WITHIN GROUP (ORDER BY value)"
_EMPTY = "no snapshot in this range: herald import ibm-properties FILE..."
_TIME_OF_ITS_OWN = (
    "/d/herald-processor-calibration?var-backend=${__data.fields.Backend}"
    "&from=${__data.fields.from}&to=${__data.fields.to}"
)
"""This board over what was measured of the backend in a row that has the columns `Backend`, `from` and `to`."""


def build(_objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return Board(
        uid="herald-processor-calibration",
        title="Herald / Processor / Calibration",
        question="How good are the processors' qubits and gates by their providers' own calibrations, and "
        "which values are odd?",
        audience=Audience.ANALYST,
        domain="processor",
        variables=[
            variables.identity("backend", "Backend", METRIC_QUBIT_T1),
            variables.attribute("gate", "Gate", METRIC_GATE_ERROR, ATTR_GATE_NAME, within=("backend",)),
        ],
        ways=[Way(title="Home", uid="herald-home", keeps_time=False)],
        rows=[
            _first_row(),
            [_lines(5, "T1", METRIC_QUBIT_T1, ("memory.X11",)), _lines(6, "T2", METRIC_QUBIT_T2, ("memory.M4",))],
            [_lines(7, "readout error", METRIC_QUBIT_READOUT_ERROR, ("memory.X6", "memory.X7")), _gate_lines()],
            [_backends()],
            [_qubits(), _flagged()],
        ],
    )


def _first_row() -> list[core.Panel]:
    size = {"width": 6, "height": 4}
    backends = Head(
        id=1, title="Backends", about="Processors with a snapshot in the range", cites=("memory.PX1",), **size
    )
    qubits = Head(id=2, title="Qubits measured", about="Qubits with a T1 in the range", cites=("memory.PX1",), **size)
    newest = Head(
        id=3,
        title="Newest measurement",
        about="When the newest T1 of any chosen backend was measured, which is not when its file was written",
        cites=("memory.PX1",),
        **size,
    )
    flagged = Head(
        id=4,
        title="Values flagged",
        about="Values that cannot be taken at face value: kept but not averaged, or left out. The table below says "
        "why",
        cites=("memory.PX1",),
        **size,
    )
    return [
        stat(backends, _count_t1("count(DISTINCT backend)", "Backends")),
        stat(qubits, _count_t1("count(DISTINCT (backend, qubit))", "Qubits")),
        stat(
            newest,
            _count_t1("extract(epoch FROM max(time))::float8 * 1000", "Newest"),
            unit=WHEN,
            no_value="no snapshot",
        ),
        stat(
            flagged,
            sql(
                "SELECT count(*) AS \"Flagged\" FROM event WHERE $__timeFilter(time) AND name = '@event' AND @chosen",
                event=EVENT_ESTIMATE_FLAGGED,
                chosen=_CHOSEN,
            ),
            steps=none_expected(WARN),
        ),
    ]


def _count_t1(expression: str, name: str) -> str:
    return sql(
        'SELECT @expression AS "@name" FROM @view WHERE @within AND @chosen',
        expression=expression,
        name=name,
        view=view(METRIC_QUBIT_T1),
        within=within_range(),
        chosen=_CHOSEN,
    )


def _lines(number: int, words: str, metric: str, cites: tuple[str, ...]) -> core.Panel:
    head = Head(
        id=number,
        title=f"Median {words} per backend",
        about=f"Median {words} over a backend's qubits, at the time of measurement. Compare a backend with "
        "itself first",
        cites=(*cites, "memory.PX1"),
    )
    query = _medians(metric, "backend", _CHOSEN)
    return timeseries(head, query, unit=unit_of(metric), minimum=0, style="points", no_value=_EMPTY)


def _medians(metric: str, label: str, condition: str) -> str:
    """Return medians of the points: provider snapshots are few, and reach back further than rollups are kept."""
    return sql(
        """
        SELECT $__timeGroupAlias(time,$__interval), @label AS metric, @median AS value
        FROM @view WHERE @within AND @condition GROUP BY 1, 2 ORDER BY 1, 2
        """,
        label=label,
        median=_MEDIAN,
        view=view(metric),
        within=within_range(),
        condition=condition,
    )


def _gate_lines() -> core.Panel:
    head = Head(
        id=8,
        title="Median gate error per backend and gate",
        about="Median error of each kind of gate, at the time of measurement, broken gates left out. Log scale: a "
        "step of one line is a factor of ten",
        cites=("memory.PX1",),
    )
    query = _medians(METRIC_GATE_ERROR, "backend || ' ' || gate", _GATES)
    return timeseries(
        head, query, unit=RATIO, decimals=3, style="points", log10=True, axis="log scale", no_value=_EMPTY
    )


def _backends() -> core.Panel:
    parts = {
        "Median T1": METRIC_QUBIT_T1,
        "Median T2": METRIC_QUBIT_T2,
        "Median readout error": METRIC_QUBIT_READOUT_ERROR,
        "Median gate error": METRIC_GATE_ERROR,
    }
    medians = ", ".join(f"{_MEDIAN} FILTER (WHERE part = '{part}') AS \"{part}\"" for part in parts)
    query = sql(
        """
        SELECT backend AS "Backend", min(time) AS "First measured", max(time) AS "Last measured",
          count(*) FILTER (WHERE part = 'Median T1') AS "T1 values", @medians,
          (extract(epoch FROM min(time) - interval '1 day') * 1000)::bigint::text AS "from",
          (extract(epoch FROM max(time) + interval '1 day') * 1000)::bigint::text AS "to"
        FROM (@union) AS snapshot GROUP BY 1 ORDER BY 8 ASC NULLS LAST, 1
        """,
        medians=medians,
        union=union("backend", parts, _CHOSEN),
    )
    head = Head(
        id=9,
        title="Backends, best gates first",
        about="One row per backend with the medians of everything measured in the range. Snapshots are of any "
        "year, so that the board opens on ten; click a backend for the time of its own",
        cites=("memory.PX1", "memory.M4", "memory.X11"),
        width=24,
        height=6,
    )
    columns = {
        "Backend": Column(link=Link(title="Show the time of its snapshots", url=_TIME_OF_ITS_OWN)),
        "First measured": Column(unit=WHEN),
        "Last measured": Column(unit=WHEN),
        "T1 values": Column(unit=COUNT),
        "Median T1": Column(unit=SECONDS, decimals=1),
        "Median T2": Column(unit=SECONDS, decimals=1),
        "Median readout error": Column(unit=RATIO, decimals=2),
        "Median gate error": Column(unit=RATIO, decimals=3),
        "from": Column(hidden=True),
        "to": Column(hidden=True),
    }
    return table(head, query, columns, no_value=_EMPTY)


def _qubits() -> core.Panel:
    parts = {"T1": METRIC_QUBIT_T1, "T2": METRIC_QUBIT_T2, "readout": METRIC_QUBIT_READOUT_ERROR}
    query = sql(
        """
        SELECT backend AS "Backend", qubit AS "Qubit", max(time) AS "Measured", @t1 AS "T1", @t2 AS "T2",
          @readout AS "Readout error"
        FROM (@union) AS estimate GROUP BY 1, 2 ORDER BY 6 DESC NULLS LAST, 1, 2 LIMIT 200
        """,
        t1=newest("T1"),
        t2=newest("T2"),
        readout=newest("readout"),
        union=union("backend, qubit", parts, _CHOSEN),
    )
    head = Head(
        id=10,
        title="Qubits, worst readout first",
        about="Newest values of each qubit of the chosen backends, at most 200. An empty cell is a value the "
        "provider did not give",
        cites=("memory.X6", "memory.M4", "memory.X11"),
        height=10,
    )
    columns = {
        "Measured": Column(unit=WHEN),
        "T1": Column(unit=SECONDS, decimals=1),
        "T2": Column(unit=SECONDS, decimals=1),
        "Readout error": Column(unit=RATIO, decimals=2),
    }
    return table(head, query, columns, no_value=_EMPTY)


def _flagged() -> core.Panel:
    query = sql(
        """
        SELECT time AS "Measured", backend AS "Backend", attributes ->> '@flag' AS "Flag",
          attributes ->> '@qubit' AS "Qubit",
          concat_ws(' ', attributes ->> '@gate', attributes ->> '@qubits') AS "Gate", body AS "What"
        FROM event WHERE $__timeFilter(time) AND name = '@event' AND @chosen ORDER BY time DESC, 2, 3, 4, 5 LIMIT 500
        """,
        flag=ATTR_FLAG,
        qubit=ATTR_QUBIT_ID,
        gate=ATTR_GATE_NAME,
        qubits=ATTR_GATE_QUBITS,
        event=EVENT_ESTIMATE_FLAGGED,
        chosen=_CHOSEN,
    )
    head = Head(
        id=11,
        title="Flagged values",
        about="T2 above twice T1, gates reported as broken, values missing: what was flagged in the range, newest "
        "first",
        cites=("memory.PX1", "memory.M4"),
        height=10,
    )
    return table(head, query, {"Measured": MOMENT}, no_value="nothing flagged in this range")
