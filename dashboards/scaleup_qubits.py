"""The rows of the scale-up board for diagnosis that look at single gates and qubits."""

from grafanalib import core

from dashboards.domains import SCALEUP
from dashboards.frames import OWN
from dashboards.look import RATIO, SECONDS
from dashboards.panels import MOMENT, Column, Head, table
from dashboards.raw_panels import heatmap, histogram
from dashboards.sql import newest, one_of, rolled, sql, union, view, within_range
from model.names import (
    METRIC_GATE_ERROR,
    METRIC_QUBIT_READOUT_ERROR,
    METRIC_QUBIT_T1,
    METRIC_QUBIT_T2,
    error_of,
)

_QUBITS = f"{SCALEUP.chosen} AND {one_of('qubit', 'qubit')}"


def gate_map() -> core.Panel:
    """Return the errors of two-qubit gates over time, a row for each pair."""
    query = sql(
        """
        SELECT $__timeGroupAlias(time,$__interval), backend || ' ' || qubit AS metric, avg(mean) AS value FROM (
          SELECT time, backend, mean, unnest(string_to_array(qubits, '-')) AS qubit FROM @rolled
            WHERE @chosen) AS gate
        WHERE @qubits GROUP BY 1, 2 ORDER BY 1, 2
        """,
        rolled=rolled(METRIC_GATE_ERROR),
        chosen=SCALEUP.chosen,
        qubits=one_of("qubit", "qubit"),
    )
    head = Head(
        id=OWN,
        title="Gate error of every qubit",
        about="Mean error of the gates that act on each qubit, one row per qubit; choose qubits above. A dark row "
        "is one bad qubit, a dark column a bad calibration",
        cites=("scaleup.PD1", "scaleup.M3"),
        height=10,
    )
    return heatmap(head, query, unit=RATIO)


def gates() -> core.Panel:
    """Return the newest errors of each gate."""
    parts = {"value": METRIC_GATE_ERROR, "error": error_of(METRIC_GATE_ERROR)}
    query = sql(
        """
        SELECT backend AS "Processor", gate AS "Gate", qubits AS "Qubits", max(time) AS "Measured", @value AS "Error",
          1.96 * @error AS "± 95 %"
        FROM (@union) AS estimate GROUP BY 1, 2, 3 ORDER BY 5 DESC NULLS LAST, 1, 2, 3 LIMIT 100
        """,
        value=newest("value"),
        error=newest("error"),
        union=union("backend, gate, qubits", parts, SCALEUP.chosen, days=1),
    )
    head = Head(
        id=OWN + 1,
        title="Gates, worst first",
        about="Newest error of each gate with its 95 % interval, the 100 worst. Wide intervals: too few shots to "
        "tell",
        cites=("scaleup.PD1", "scaleup.M3"),
        height=10,
    )
    columns = {
        "Measured": MOMENT,
        "Error": Column(unit=RATIO, decimals=3),
        "± 95 %": Column(unit=RATIO, decimals=3),
    }
    return table(head, query, columns, no_value="no gate was measured in the range or the day before")


def readout() -> core.Panel:
    """Return how readout errs."""
    query = sql(
        """
        SELECT place * width AS "xMin", (place + 1) * width AS "xMax", count(*)::float8 AS "qubits" FROM (
          SELECT floor(value / width) AS place, width FROM (
            SELECT DISTINCT ON (backend, qubit) value, 0.005::float8 AS width FROM @view
            WHERE @within AND @qubits
            ORDER BY backend, qubit, time DESC) AS newest) AS placed
        GROUP BY place, width ORDER BY 1
        """,
        view=view(METRIC_QUBIT_READOUT_ERROR),
        within=within_range(days=1),
        qubits=_QUBITS,
    )
    head = Head(
        id=OWN + 2,
        title="Readout errors of qubits",
        about="How many qubits have which readout error, newest value of each, in steps of half a per cent. A long "
        "tail is a few bad resonators; a shift of all is the readout chain",
        cites=("scaleup.PD2",),
    )
    return histogram(head, query, unit=RATIO, no_value="no readout was calibrated in the range or the day before")


def qubits() -> core.Panel:
    """Return the newest lifetimes and errors of each qubit."""
    parts = {
        "T1": METRIC_QUBIT_T1,
        "T1 error": error_of(METRIC_QUBIT_T1),
        "T2": METRIC_QUBIT_T2,
        "T2 error": error_of(METRIC_QUBIT_T2),
        "readout": METRIC_QUBIT_READOUT_ERROR,
    }
    query = sql(
        """
        SELECT backend AS "Processor", qubit AS "Qubit", max(time) AS "Measured", @t1 AS "T1", @t1_error AS "± T1",
          @t2 AS "T2", @t2_error AS "± T2", @readout AS "Readout error"
        FROM (@union) AS estimate GROUP BY 1, 2 ORDER BY 8 DESC NULLS LAST, 1, 2 LIMIT 200
        """,
        t1=newest("T1"),
        t1_error=newest("T1 error"),
        t2=newest("T2"),
        t2_error=newest("T2 error"),
        readout=newest("readout"),
        union=union("backend, qubit", parts, _QUBITS, days=1),
    )
    head = Head(
        id=OWN + 3,
        title="Qubits, worst readout first",
        about="Newest lifetimes of each qubit with their standard errors and its readout error, at most 200",
        cites=("scaleup.PD2", "scaleup.X3"),
    )
    columns = {name: Column(unit=SECONDS, decimals=1) for name in ("T1", "± T1", "T2", "± T2")}
    columns |= {"Measured": MOMENT, "Readout error": Column(unit=RATIO, decimals=2)}
    return table(head, query, columns, no_value="no qubit was measured in the range or the day before")
