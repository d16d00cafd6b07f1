"""What happened, drawn across every panel of a board: calibrations, firmware changes, pages."""

from typing import Any

from dashboards.look import BAD, BLUE, WARN
from dashboards.source import DATASOURCE_REF
from dashboards.sql import entity, sql
from model.names import ATTR_FIRMWARE_VERSION, EVENT_CALIBRATION, EVENT_FIRMWARE_CHANGE

_LIMIT = "300"


def calibrations(condition: str) -> dict[str, Any]:
    """Return the calibrations of the entities that meet `condition`."""
    query = sql(
        """
        SELECT time, concat_ws(' ', 'Calibration', nullif(device, ''), nullif(link, '')) AS title,
          body AS text, concat_ws(',', 'calibration', nullif(device, ''), nullif(link, '')) AS tags
        FROM event WHERE $__timeFilter(time) AND name = '@event' AND @condition
        ORDER BY time DESC LIMIT @limit
        """,
        event=EVENT_CALIBRATION,
        condition=condition,
        limit=_LIMIT,
    )
    return _annotation("Calibrations", BLUE, query)


def firmware_changes(condition: str) -> dict[str, Any]:
    """Return the firmware changes of the entities that meet `condition`."""
    query = sql(
        """
        SELECT time,
          concat_ws(' ', 'Firmware', attributes ->> '@version', nullif(device, ''), nullif(link, '')) AS title,
          body AS text, concat_ws(',', 'firmware', nullif(device, ''), nullif(link, '')) AS tags
        FROM event WHERE $__timeFilter(time) AND name = '@event' AND @condition
        ORDER BY time DESC LIMIT @limit
        """,
        event=EVENT_FIRMWARE_CHANGE,
        version=ATTR_FIRMWARE_VERSION,
        condition=condition,
        limit=_LIMIT,
    )
    return _annotation("Firmware changes", WARN, query)


def pages(condition: str) -> dict[str, Any]:
    """Return the pages of the objectives that meet `condition`, each as a region while it was firing."""
    query = sql(
        """
        SELECT a.fired_at AS time, coalesce(a.resolved_at, $__timeTo()::timestamptz) AS timeend,
          'Page: ' || a.display_name AS title, @entity AS text, 'page,' || a.tier AS tags
        FROM slo.alert a WHERE $__timeFilter(a.fired_at) AND a.severity = 'page' AND @condition
        ORDER BY a.fired_at DESC LIMIT @limit
        """,
        entity=entity("a"),
        condition=condition,
        limit=_LIMIT,
    )
    return _annotation("Pages", BAD, query)


def _annotation(name: str, colour: str, query: str) -> dict[str, Any]:
    return {
        "datasource": DATASOURCE_REF,
        "enable": True,
        "hide": False,
        "iconColor": colour,
        "name": name,
        "target": {
            "datasource": DATASOURCE_REF,
            "editorMode": "code",
            "format": "table",
            "rawQuery": True,
            "rawSql": query,
            "refId": "Anno",
        },
    }
