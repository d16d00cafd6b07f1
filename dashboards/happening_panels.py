"""Panels of what happened: changes, alarms that devices raised themselves, and the log of all events."""

from grafanalib import core

from dashboards.annotations import CHANGE_CASES, CHANGE_NAMES
from dashboards.look import BAD, COUNT, GOOD, none_expected, word_mappings
from dashboards.panels import MOMENT, Column, Head, table
from dashboards.sql import last_time, place, sql
from model.names import (
    ATTR_CALIBRATION_ID,
    ATTR_CHANGE_VERSION,
    ATTR_FIRMWARE_VERSION,
    ATTR_HW_ID,
    ATTR_NODE_ID,
    EVENT_ALARM,
    EVENT_CALIBRATION,
    EVENT_TOPOLOGY_EDGE,
)

_NODE = f""" attributes ->> '{ATTR_NODE_ID}' AS "Node", attributes ->> '{ATTR_FIRMWARE_VERSION}' AS "Firmware","""
"""Columns of a repeater's events."""


def changes(head: Head, condition: str) -> core.Panel:
    """Return the calibrations and changes that meet `condition`, from a week before the range on.

    What breaks now may have been changed days ago.
    """
    query = sql(
        """
        SELECT time AS "Time", CASE name @words ELSE 'Calibration' END AS "Change",
          @place AS "Where",
          coalesce(attributes ->> '@firmware', attributes ->> '@version', attributes ->> '@set') AS "Version",
          body AS "What"
        FROM event
        WHERE time BETWEEN $__timeFrom()::timestamptz - interval '7 days' AND $__timeTo()::timestamptz
          AND name IN ('@calibration', @names) AND @condition
        ORDER BY time DESC LIMIT 50
        """,
        calibration=EVENT_CALIBRATION,
        words=CHANGE_CASES,
        names=CHANGE_NAMES,
        firmware=ATTR_FIRMWARE_VERSION,
        version=ATTR_CHANGE_VERSION,
        set=ATTR_CALIBRATION_ID,
        place=place(),
        condition=condition,
    )
    return table(head, query, {"Time": MOMENT})


def alarms(head: Head, condition: str) -> core.Panel:
    """Return how often each device raised its own alarm in the range, and what it said last."""
    query = sql(
        """
        SELECT d.device AS "Device", count(e.time) AS "Alarms", @last AS "Last alarm",
          coalesce((array_agg(e.body ORDER BY e.time DESC))[1], 'quiet') AS "What"
        FROM (SELECT DISTINCT coalesce(nullif(device, ''), nullif(backend, ''), attributes ->> '@hardware', link)
                AS device FROM series WHERE @condition) AS d
        LEFT JOIN event e
          ON coalesce(nullif(e.device, ''), nullif(e.backend, ''), e.link) = d.device AND e.name = '@alarm'
          AND $__timeFilter(e.time)
        WHERE d.device <> '' GROUP BY 1 ORDER BY 2 DESC, 1
        """,
        alarm=EVENT_ALARM,
        hardware=ATTR_HW_ID,
        condition=condition,
        last=last_time("e.time"),
    )
    columns = {"Alarms": Column(unit=COUNT, steps=none_expected())}
    return table(head, query, columns, no_value="no device has sent telemetry yet")


def events(head: Head, condition: str, *, days: int = 7, node: bool = False) -> core.Panel:
    """Return the log of every event that meets `condition`, from `days` before the range on, newest first.

    What acts on what is left out: agents tell it anew at every start.

    With `node`, the node and the firmware of a repeater are columns.
    """
    query = sql(
        """
        SELECT time AS "Time", severity AS "Severity", name AS "Event", @place AS "Where",@node body AS "What",
          trace_id AS "Trace"
        FROM event
        WHERE time BETWEEN $__timeFrom()::timestamptz - interval '@days days' AND $__timeTo()::timestamptz
          AND name <> '@edge' AND @condition
        ORDER BY time DESC LIMIT 100
        """,
        place=place(),
        node=_NODE if node else "",
        days=str(days),
        edge=EVENT_TOPOLOGY_EDGE,
        condition=condition,
    )
    return table(head, query, {"Time": MOMENT})


def calibration_runs(head: Head, condition: str) -> core.Panel:
    """Return the calibrations that meet `condition`, from 30 days before the range on, newest first."""
    query = sql(
        """
        SELECT time AS "Ended", @place AS "Where", attributes ->> '@set' AS "Set",
          CASE WHEN severity ILIKE 'error%' THEN 'failed' ELSE 'in force' END AS "Outcome", body AS "What"
        FROM event
        WHERE time BETWEEN $__timeFrom()::timestamptz - interval '30 days' AND $__timeTo()::timestamptz
          AND name = '@calibration' AND @condition
        ORDER BY time DESC LIMIT 100
        """,
        place=place(),
        set=ATTR_CALIBRATION_ID,
        calibration=EVENT_CALIBRATION,
        condition=condition,
    )
    columns = {
        "Ended": MOMENT,
        "Outcome": Column(mappings=word_mappings({"in force": ("in force", GOOD), "failed": ("FAILED", BAD)})),
    }
    return table(head, query, columns, no_value="no calibration in the range or the 30 days before")
