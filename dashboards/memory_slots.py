"""The rows of the memory board for diagnosis that look at single slots: fidelity, coherence, fits, tomography."""

from grafanalib import core

from dashboards.distribution_panels import means, percentiles
from dashboards.domains import MEMORY
from dashboards.estimate_panels import estimates
from dashboards.frames import OWN
from dashboards.look import RATIO, SECONDS, WHEN, at_most
from dashboards.panels import MOMENT, Column, Head, table
from dashboards.sql import UNTIL_NOW, newest, newest_points, one_of, sql
from model.names import (
    ATTR_SLOT_ID,
    ATTR_TOMOGRAPHY_FIDELITY,
    ATTR_TOMOGRAPHY_FIDELITY_ERROR,
    ATTR_TOMOGRAPHY_HOLD,
    ATTR_TOMOGRAPHY_MATRIX,
    ATTR_TOMOGRAPHY_STATE,
    EVENT_MEMORY_TOMOGRAPHY,
    METRIC_MEMORY_FIDELITY,
    METRIC_MEMORY_T1,
    METRIC_MEMORY_T2,
    error_of,
)

_SLOT = "device || ' ' || slot"
_CHOSEN_SLOTS = f"{MEMORY.chosen} AND {one_of('slot', 'slot')}"
_LINES_LIMIT = 20
_ESTIMATES_LIMIT = 12
"""More lines nobody tells apart, an estimate has three of them, and a thousand slots take seconds to read."""


def fidelity_row() -> list[core.Panel]:
    """Return the fidelity of the slots where it is lowest."""
    mean = Head(
        id=OWN + 0,
        title=f"Fidelity, {_LINES_LIMIT} lowest slots",
        about="Mean fidelity of the states each slot gave back, of the "
        f"{_LINES_LIMIT} lowest among the chosen slots. One slot "
        "below its neighbours is a slot fault, all of them the cryostat or the control",
        cites=("memory.PD1", "memory.X30", "memory.M3"),
    )
    low = Head(
        id=OWN + 1,
        title=f"Worst tenth of fidelity, {_LINES_LIMIT} lowest slots",
        about="The 10th percentile of fidelity of the same slots: bad tails show here before the mean moves",
        cites=("memory.PD1", "memory.X30", "memory.X2"),
    )
    lowest = _least("histogram_hour", METRIC_MEMORY_FIDELITY, _LINES_LIMIT)
    return [
        means(mean, METRIC_MEMORY_FIDELITY, _SLOT, lowest, decimals=2),
        percentiles(low, METRIC_MEMORY_FIDELITY, _SLOT, lowest, 0.1, minimum=None),
    ]


def coherence_row() -> list[core.Panel]:
    """Return the lifetimes of the slots where they are shortest."""
    t2 = Head(
        id=OWN + 2,
        title=f"Coherence time T2, {_ESTIMATES_LIMIT} shortest",
        about=f"T2 from the latest fits of the {_ESTIMATES_LIMIT} slots where it is shortest. "
        "A common fall follows the cryostat, a "
        "single one the slot",
        cites=("memory.PX1", "memory.PX2", "memory.M4"),
    )
    t1 = Head(
        id=OWN + 3,
        title=f"Relaxation time T1, {_ESTIMATES_LIMIT} shortest",
        about=f"T1 from the latest fits of the {_ESTIMATES_LIMIT} slots where it is shortest. "
        "T2 falling while T1 holds is "
        "dephasing: noise, not loss",
        cites=("memory.PX1", "memory.X11"),
    )
    return [
        estimates(t2, METRIC_MEMORY_T2, _SLOT, _least("number_hour", METRIC_MEMORY_T2, _ESTIMATES_LIMIT)),
        estimates(t1, METRIC_MEMORY_T1, _SLOT, _least("number_hour", METRIC_MEMORY_T1, _ESTIMATES_LIMIT)),
    ]


def _least(hours: str, metric: str, limit: int) -> str:
    """Return the condition that a slot is chosen, and of many one with the least means in the range's last day.

    What was silent on that day comes after the others, so that a few slots are all shown whatever they did. An array
    is there before anything is read, so that series are chosen by it; with IN all slots would be read, then joined.
    """
    return sql(
        """
        ROW(device, slot) = ANY (ARRAY(
          SELECT ROW(s.device, s.slot) FROM series s LEFT JOIN LATERAL (
            SELECT sum(sum) / nullif(sum(count), 0) AS mean FROM @hours
            WHERE series_id = s.id AND time > @until - interval '1 day' AND time <= @until) AS day ON true
          WHERE s.metric = '@metric' AND @chosen ORDER BY day.mean ASC NULLS LAST, s.device, s.slot LIMIT @limit))
        """,
        hours=hours,
        until=UNTIL_NOW,
        metric=metric,
        chosen=_CHOSEN_SLOTS,
        limit=str(limit),
    )


def latest_estimates() -> core.Panel:
    """Return the newest fits of each slot as a table."""
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
        FROM (@points) AS estimate GROUP BY 1, 2 ORDER BY 6, 1, 2
        """,
        points=newest_points("device, slot", parts, _CHOSEN_SLOTS),
        t1=newest("T1"),
        t1_error=newest("T1 error"),
        t2=newest("T2"),
        t2_error=newest("T2 error"),
    )
    head = Head(
        id=OWN + 4,
        title="Latest estimates with standard errors",
        about="The newest T1 and T2 fit of each slot with its standard error, shortest T2 first. T2 above 2 T1 "
        "cannot be: distrust the fit",
        cites=("memory.PX1", "memory.M4", "memory.X11"),
    )
    columns = {name: Column(unit=SECONDS, decimals=2) for name in ("T1", "± T1", "T2", "± T2")}
    columns |= {"Measured": Column(unit=WHEN), "T2 / 2 T1": Column(decimals=2, steps=at_most(1, 1.2))}
    return table(head, query, columns)


def tomography() -> core.Panel:
    """Return the newest tomographies."""
    query = sql(
        """
        SELECT time AS "Measured", device AS "Memory", attributes ->> '@slot' AS "Slot",
          attributes ->> '@state' AS "State",
          (attributes ->> '@fidelity')::float8 AS "Fidelity", 1.96 * (attributes ->> '@error')::float8 AS "± 95 %",
          (attributes ->> '@hold')::float8 AS "Held", attributes ->> '@matrix' AS "Density matrix", body AS "Log"
        FROM event
        WHERE time BETWEEN $__timeFrom()::timestamptz - interval '1 day' AND $__timeTo()::timestamptz
          AND name = '@event' AND @chosen AND attributes ->> '@slot' IN (${slot:sqlstring})
        ORDER BY time DESC LIMIT 50
        """,
        slot=ATTR_SLOT_ID,
        state=ATTR_TOMOGRAPHY_STATE,
        fidelity=ATTR_TOMOGRAPHY_FIDELITY,
        error=ATTR_TOMOGRAPHY_FIDELITY_ERROR,
        hold=ATTR_TOMOGRAPHY_HOLD,
        matrix=ATTR_TOMOGRAPHY_MATRIX,
        event=EVENT_MEMORY_TOMOGRAPHY,
        chosen=MEMORY.chosen,
    )
    head = Head(
        id=OWN + 12,
        title="Tomography, newest first",
        about="State tomography of the chosen slots, from a day before the range on: the state stored, its fidelity "
        "with the 95 % interval, the whole density matrix and the job's log",
        cites=("memory.PD4", "memory.M3"),
    )
    columns = {
        "Measured": MOMENT,
        "Fidelity": Column(unit=RATIO, decimals=2),
        "± 95 %": Column(unit=RATIO, decimals=2),
        "Held": Column(unit=SECONDS, decimals=1),
    }
    return table(head, query, columns, no_value="no tomography in the range or the day before")
