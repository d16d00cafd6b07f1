"""What happened, drawn across every panel of a board: calibrations, changes, pages, time that does not count."""

from typing import Any

from dashboards.domains import Domain
from dashboards.look import BAD, BLUE, GREY, WARN
from dashboards.source import DATASOURCE_REF
from dashboards.sql import UNTIL_NOW, entity, one_of, place, sql
from model.names import (
    ATTR_CHANGE_VERSION,
    ATTR_FIRMWARE_VERSION,
    EVENT_CALIBRATION,
    EVENT_CONFIGURATION_CHANGE,
    EVENT_CREDENTIAL_CHANGE,
    EVENT_FIRMWARE_CHANGE,
    EVENT_SOFTWARE_CHANGE,
)

_LIMIT = "1001"
"""One more than `herald web` draws, by which it knows that it leaves some out."""

_CHANGES = {
    EVENT_FIRMWARE_CHANGE: "Firmware",
    EVENT_CONFIGURATION_CHANGE: "Configuration",
    EVENT_SOFTWARE_CHANGE: "Software",
    EVENT_CREDENTIAL_CHANGE: "Credential",
}
CHANGE_CASES = " ".join(f"WHEN '{name}' THEN '{word}'" for name, word in _CHANGES.items())
CHANGE_NAMES = ", ".join(f"'{name}'" for name in _CHANGES)

IN_RANGE = (
    "x.start_at <= $__timeTo()::timestamptz"
    " AND (x.rule <> '' OR coalesce(x.end_at, 'infinity') >= $__timeFrom()::timestamptz)"
)
"""The condition that an exclusion x touches the range, or that it comes again and may do so."""

COVERED = "coalesce((SELECT string_agg(value, ' ' ORDER BY key) FROM jsonb_each_text(x.matchers)), 'whole fleet')"
"""What an exclusion x covers, in words."""


def calibrations(condition: str) -> dict[str, Any]:
    """Return the calibrations of the entities that meet `condition`."""
    query = sql(
        """
        SELECT time, 'Calibration ' || @place AS title,
          body AS text, concat_ws(',', 'calibration', @places) AS tags
        FROM event WHERE $__timeFilter(time) AND name = '@event' AND @condition
        ORDER BY time DESC LIMIT @limit
        """,
        event=EVENT_CALIBRATION,
        place=place(),
        places=place(","),
        condition=condition,
        limit=_LIMIT,
    )
    return _annotation("Calibrations", BLUE, query)


def changes(condition: str) -> dict[str, Any]:
    """Return changes of firmware, configuration, software and credentials that meet `condition`."""
    query = sql(
        """
        SELECT time, concat_ws(' ', CASE name @words END,
            coalesce(attributes ->> '@firmware', attributes ->> '@version'), @place) AS title,
          body AS text, concat_ws(',', 'change', @places) AS tags
        FROM event WHERE $__timeFilter(time) AND name IN (@names) AND @condition
        ORDER BY time DESC LIMIT @limit
        """,
        words=CHANGE_CASES,
        names=CHANGE_NAMES,
        firmware=ATTR_FIRMWARE_VERSION,
        version=ATTR_CHANGE_VERSION,
        place=place(),
        places=place(","),
        condition=condition,
        limit=_LIMIT,
    )
    return _annotation("Changes", WARN, query)


def pages(condition: str) -> dict[str, Any]:
    """Return the pages that meet `condition` on `slo.alert` a, each as a region while it was firing."""
    query = sql(
        """
        SELECT a.fired_at AS time, coalesce(a.resolved_at, @until) AS timeend,
          'Page: ' || coalesce(a.display_name, a.objective) AS title, @entity AS text, 'page,' || a.tier AS tags
        FROM slo.alert a WHERE $__timeFilter(a.fired_at) AND a.severity = 'page' AND @condition
        ORDER BY a.fired_at DESC LIMIT @limit
        """,
        until=UNTIL_NOW,
        entity=entity("a"),
        condition=condition,
        limit=_LIMIT,
    )
    return _annotation("Pages", BAD, query)


def exclusions(rows: str) -> dict[str, Any]:
    """Return the exclusions in force that cover an entity among the `rows` of `slo.status` s, each as a region.

    Of one that comes again only Herald's own pages draw each stretch of the range, by the columns `rule` and `zone`:
    SQL does not know calendars, and Grafana draws the first. The table of exclusions on the board of an objective
    lists its rule.
    """
    query = sql(
        """
        SELECT x.start_at AS time, coalesce(x.end_at, $__timeTo()::timestamptz) AS timeend,
          'Excluded: ' || x.kind AS title, concat_ws(': ', @covered, x.why) AS text, 'exclusion,' || x.kind AS tags,
          x.rule, x.zone
        FROM slo.exclusion x WHERE @in_range AND x.revoked_at IS NULL AND @concerned
        ORDER BY x.start_at DESC LIMIT @limit
        """,
        covered=COVERED,
        in_range=IN_RANGE,
        concerned=concerned(rows),
        limit=_LIMIT,
    )
    return _annotation("Exclusions", GREY, query)


def concerned(rows: str) -> str:
    """Return the condition that an exclusion x covers an entity among the `rows` of `slo.status` s."""
    return f"EXISTS (SELECT FROM slo.status s WHERE s.labels @> x.matchers AND {rows})"


def of_domain(domain: Domain) -> list[dict[str, Any]]:
    """Return what every board of a domain draws across its time series."""
    sites = one_of("site", "site")
    return [calibrations(sites), changes(sites), pages(domain.alerts("a")), exclusions(domain.rows("s"))]


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
