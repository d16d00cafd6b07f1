"""The link board for diagnosis: attempts, detectors, distributions, and whether the telemetry is complete."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames, slo_rows, variables
from dashboards.board import Board
from dashboards.counter_panels import rates, share
from dashboards.distribution_panels import percentiles
from dashboards.domains import LINK, in_sites
from dashboards.frames import OWN
from dashboards.happening_panels import events
from dashboards.look import COUNT, RATIO, at_least
from dashboards.panels import Column, Head, table, timeseries
from dashboards.sql import one_of, rolled, sql
from dashboards.trace_panels import latest_jobs, stages_of_job
from model.names import (
    ATTR_DETECTOR_ID,
    EVENT_REPEATER_ERROR,
    METRIC_CONTROL_ROUND_TRIP_DURATION,
    METRIC_LINK_ATTEMPTS,
    METRIC_LINK_FIDELITY,
    METRIC_LINK_HERALD_LATENCY,
    METRIC_LINK_HERALDS,
    METRIC_LINK_PHOTON_DETECTIONS,
    METRIC_LINK_REQUESTS,
    METRIC_REPEATER_SWAPS,
    SPAN_LINK_REQUEST,
)
from slo import Objective

_DETECTORS = f"{LINK.chosen} AND {one_of('detector', 'detector')}"
_DETECTOR = "link || ' ' || detector"


def build(_objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return frames.debug(
        LINK,
        question="Where between emission and herald are pairs lost, and can the telemetry be trusted?",
        cites=("link.PD4",),
        more=[
            variables.attribute(
                "detector", "Detector", METRIC_LINK_PHOTON_DETECTIONS, ATTR_DETECTOR_ID, within=("link",)
            ),
            variables.jobs(),
        ],
        rows=[
            _attempts_row(),
            [_requests(), _stages()],
            _detector_row(),
            _distribution_row(),
            [_control(), _swaps()],
            [_repeater_log(), _completeness()],
        ],
    )


def _requests() -> core.Panel:
    head = Head(
        id=OWN + 9,
        title="Latest requests",
        about="Traced requests for a pair, newest first. Click one to see its stages beside it",
        cites=("link.PD1",),
    )
    return latest_jobs(head, SPAN_LINK_REQUEST, LINK.chosen, uid=LINK.uid("debug"))


def _stages() -> core.Panel:
    head = Head(
        id=OWN + 10,
        title="Timeline of one request",
        about="The stages of the newest chosen request: wait, herald, teleport, each with its start and length",
        cites=("link.PD1",),
    )
    return stages_of_job(head, SPAN_LINK_REQUEST, LINK.chosen)


def _swaps() -> core.Panel:
    head = Head(
        id=OWN + 11,
        title="Swaps of each repeater",
        about="Swaps per second at each node of the site's repeater chains, by outcome",
        cites=("link.PD3", "link.M8"),
    )
    label = "device || ' ' || node || ' ' || outcome"
    return rates(head, METRIC_REPEATER_SWAPS, label, in_sites(), unit="suffix: swaps/s")


def _repeater_log() -> core.Panel:
    head = Head(
        id=OWN + 12,
        title="Log of repeaters",
        about="Errors that nodes of repeater chains logged, a week back, newest first",
        cites=("link.PD3",),
    )
    return events(head, f"name = '{EVENT_REPEATER_ERROR}' AND {in_sites()}", node=True)


def _attempts_row() -> list[core.Panel]:
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


def _detector_row() -> list[core.Panel]:
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


def _distribution_row() -> list[core.Panel]:
    fidelity = Head(
        id=OWN + 5,
        title="Pair fidelity",
        about="5th percentile, median and 95th percentile of the estimated fidelity",
        cites=("link.PD1", "link.M2"),
    )
    latency = Head(
        id=OWN + 6,
        title="Heralding latency",
        about="Median, 95th and 99th percentile from emission to confirmation",
        cites=("link.PD1", "link.M7"),
    )
    return [
        percentiles(fidelity, METRIC_LINK_FIDELITY, "link", LINK.chosen, 0.05, 0.5, 0.95),
        percentiles(latency, METRIC_LINK_HERALD_LATENCY, "link", LINK.chosen, 0.5, 0.95, 0.99),
    ]


def _control() -> core.Panel:
    head = Head(
        id=OWN + 7,
        title="Control round trip",
        about="Round trip of control messages at the site. When it spikes with the heralding latency, the network "
        "is at fault, not the optics",
        cites=("link.PD1", "link.M10"),
    )
    return percentiles(head, METRIC_CONTROL_ROUND_TRIP_DURATION, "device", in_sites(), 0.5, 0.95, 0.99)


def _completeness() -> core.Panel:
    query = sql(
        """
        SELECT objective AS "Objective", link AS "Link", sum(minutes)::float8 AS "Minutes seen",
          sum(minutes) / greatest(1, floor(extract(epoch FROM $__timeTo()::timestamptz - min(oldest)) / 60))::float8
            AS "Complete", max(newest) AS "Newest minute"
        FROM entity JOIN (SELECT entity_id, sum(minutes)::float8 AS minutes FROM @counts GROUP BY 1) AS seen
            ON entity_id = id,
          LATERAL (SELECT min(minute) AS oldest, max(minute) AS newest
            FROM sli WHERE sli.entity_id = id AND $__timeFilter(minute)) AS ends
        WHERE @chosen GROUP BY 1, 2 ORDER BY 4, 1, 2
        """,
        counts=slo_rows.counts_of_range(),
        chosen=LINK.chosen,
    )
    head = Head(
        id=OWN + 8,
        title="Completeness of telemetry",
        about="Minutes of the range that were counted, of those since the first. Below 99 %: agents or collector "
        "lost data, so do not trust small differences",
        cites=("link.PD4",),
    )
    columns = {
        "Minutes seen": Column(unit=COUNT),
        "Complete": Column(unit=RATIO, decimals=1, steps=at_least(0.9)),
        "Newest minute": Column(unit="dateTimeAsIso"),
    }
    return table(head, query, columns, no_value="no minute has been counted in this range")


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
