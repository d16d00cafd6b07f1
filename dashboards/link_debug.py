"""The link board for diagnosis: attempts, detectors, distributions, and whether the telemetry is complete."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames, link_photons, slo_rows, variables
from dashboards.board import Board
from dashboards.counter_panels import rates
from dashboards.distribution_panels import percentiles
from dashboards.domains import LINK, in_sites
from dashboards.frames import OWN
from dashboards.happening_panels import events
from dashboards.look import COUNT, NEUTRAL, RATIO
from dashboards.panels import Column, Head, table
from dashboards.sql import UNTIL_NOW, sql
from dashboards.trace_panels import latest_jobs, stages_of_job
from model.names import (
    ATTR_DETECTOR_ID,
    EVENT_REPEATER_ERROR,
    METRIC_CONTROL_ROUND_TRIP_DURATION,
    METRIC_LINK_FIDELITY,
    METRIC_LINK_HERALD_LATENCY,
    METRIC_LINK_PHOTON_DETECTIONS,
    METRIC_REPEATER_SWAPS,
    SPAN_LINK_REQUEST,
)
from slo import Objective


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
            link_photons.attempts_row(),
            [_requests(), _stages()],
            link_photons.detector_row(),
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
        percentiles(fidelity, METRIC_LINK_FIDELITY, "link", LINK.chosen, 0.05, 0.5, 0.95, minimum=None),
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
          sum(minutes) / greatest(1, floor(extract(epoch FROM @until - min(oldest)) / 60))::float8
            AS "Complete", max(newest) AS "Newest minute"
        FROM entity JOIN (SELECT entity_id, sum(minutes)::float8 AS minutes FROM @counts GROUP BY 1) AS seen
            ON entity_id = id,
          LATERAL (SELECT min(minute) AS oldest, max(minute) AS newest
            FROM sli WHERE sli.entity_id = id AND $__timeFilter(minute)) AS ends
        WHERE @chosen GROUP BY 1, 2 ORDER BY 4, 1, 2
        """,
        until=UNTIL_NOW,
        counts=slo_rows.counts_of_range(),
        chosen=LINK.chosen,
    )
    head = Head(
        id=OWN + 8,
        title="Completeness of telemetry",
        about="Minutes of the range that were counted, of those since the first. Some objectives count one minute in "
        "ten or thirty; of one that counts each, below 99 % agents or collector lost data",
        cites=("link.PD4",),
    )
    columns = {
        "Minutes seen": Column(unit=COUNT),
        "Complete": Column(unit=RATIO, decimals=1, steps=NEUTRAL),
        "Newest minute": Column(unit="dateTimeAsIso"),
    }
    return table(head, query, columns, no_value="no minute has been counted in this range")
