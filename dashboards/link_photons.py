"""The rows of the link board for diagnosis that follow photons: attempts, detectors, and pairs."""

from grafanalib import core

from dashboards.counter_panels import rates, share
from dashboards.domains import LINK
from dashboards.frames import OWN
from dashboards.look import RATIO
from dashboards.panels import Head, timeseries
from dashboards.sql import one_of, rolled, sql
from model.names import (
    METRIC_LINK_ATTEMPTS,
    METRIC_LINK_HERALDS,
    METRIC_LINK_PHOTON_DETECTIONS,
    METRIC_LINK_REQUESTS,
)

_DETECTORS = f"{LINK.chosen} AND {one_of('detector', 'detector')}"
_DETECTOR = "link || ' ' || detector"


def attempts_row() -> list[core.Panel]:
    """Return how attempts become heralded pairs."""
    attempts = Head(
        id=OWN + 0,
        title="Attempts",
        about="Entanglement attempts per second. Fewer attempts: the controller or the memories hold the link back",
        cites=("link.PD1",),
        width=8,
    )
    chance = Head(
        id=OWN + 1,
        title="Heralds per attempt",
        about="Chance that one attempt is heralded. A step down is loss in the fibre or an optic (link.F1)",
        cites=("link.PD1", "link.M1"),
        width=8,
    )
    outcomes = Head(
        id=OWN + 2,
        title="Requests by outcome",
        about="Requests per second by outcome: timeouts rise when heralds per attempt fall",
        cites=("link.PD1", "link.M1"),
        width=8,
    )
    return [
        rates(attempts, METRIC_LINK_ATTEMPTS, "link", LINK.chosen, unit="suffix: attempts/s"),
        _ratio_of_counters(chance, METRIC_LINK_HERALDS, METRIC_LINK_ATTEMPTS, part_label="link", whole_label="link"),
        rates(outcomes, METRIC_LINK_REQUESTS, "link || ' ' || outcome", LINK.chosen, unit="suffix: requests/s"),
    ]


def detector_row() -> list[core.Panel]:
    """Return what each detector counts."""
    clicks = Head(
        id=OWN + 3,
        title="Detections by kind",
        about="Clicks per second of each detector, photons and dark counts. Photons falling on all detectors is "
        "loss, on one a detector; dark counts rising is a warm or bright detector",
        cites=("link.PD2", "link.F1"),
    )
    dark = Head(
        id=OWN + 4,
        title="Dark share of detections",
        about="Share of clicks that no photon made. It lowers fidelity before it lowers the rate",
        cites=("link.PD2",),
    )
    return [
        rates(
            clicks,
            METRIC_LINK_PHOTON_DETECTIONS,
            f"{_DETECTOR} || ' ' || detection_kind",
            _DETECTORS,
            unit="suffix: clicks/s",
            log10=True,
        ),
        share(dark, METRIC_LINK_PHOTON_DETECTIONS, _DETECTOR, "detection_kind = 'dark'", _DETECTORS, decimals=3),
    ]


def _ratio_of_counters(head: Head, part: str, whole: str, *, part_label: str, whole_label: str) -> core.Panel:
    """Return the increments of one counter over those of another in the same step."""
    query = sql(
        """
        SELECT time, name AS metric, sum(part) / nullif(sum(whole), 0) AS value FROM (
          SELECT $__timeGroupAlias(time,$__interval), @part_label AS name, increase AS part, 0 AS whole
          FROM @part WHERE @chosen
          UNION ALL
          SELECT $__timeGroupAlias(time,$__interval), @whole_label, 0, increase
          FROM @whole WHERE @chosen) AS step
        GROUP BY 1, 2 ORDER BY 1, 2
        """,
        part=rolled(part),
        whole=rolled(whole),
        part_label=part_label,
        whole_label=whole_label,
        chosen=LINK.chosen,
    )
    return timeseries(head, query, unit=RATIO, decimals=4, minimum=0)
