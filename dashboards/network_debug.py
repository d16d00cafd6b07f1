"""The network board for diagnosis: fidelities, photons, memories, calibrations and the repeaters' own logs."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames, network_panels
from dashboards.board import Board
from dashboards.counter_panels import MEAN, gauge_query, rates
from dashboards.distribution_panels import bucket_histogram
from dashboards.domains import NETWORK, in_sites
from dashboards.estimate_panels import estimates, on_the_right
from dashboards.frames import OWN
from dashboards.happening_panels import calibration_runs, events
from dashboards.look import KELVIN
from dashboards.panels import Head
from dashboards.trace_panels import stages_of_job
from model.names import (
    EVENT_REPEATER_ERROR,
    METRIC_HW_TEMPERATURE,
    METRIC_LINK_PHOTON_DETECTIONS,
    METRIC_MEMORY_STORAGE_LIFETIME,
    METRIC_QKD_DETECTIONS,
    METRIC_QKD_ERROR_RATIO,
    METRIC_REPEATER_FIDELITY,
    METRIC_TELEPORTATION_FIDELITY,
    SPAN_LINK_REQUEST,
)
from model.units import ZERO_CELSIUS_K
from slo import Objective


def build(_objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return frames.debug(
        NETWORK,
        question="Where between photon, memory and swap does the network lose quality, and did the fix help?",
        cites=("network.PD2",),
        more=network_panels.filters(),
        rows=[
            [_session_fidelity(), _chain_fidelity()],
            [_link_clicks(), _key_clicks()],
            [_lifetime(), _error_ratio()],
            [network_panels.sessions(OWN + 6), _stages()],
            [network_panels.swaps(OWN + 8), _calibrations()],
        ],
        own_log=_errors(),
    )


def _session_fidelity() -> core.Panel:
    head = Head(
        id=OWN,
        title="Fidelity by session",
        about="How many teleportation sessions of the range had which fidelity, all links together. Two humps: two "
        "kinds of sessions; compare before and after a fix",
        cites=("network.PD1", "network.M2"),
    )
    return bucket_histogram(head, METRIC_TELEPORTATION_FIDELITY, "sessions", in_sites())


def _chain_fidelity() -> core.Panel:
    head = Head(
        id=OWN + 1,
        title="Fidelity by chain",
        about="How many end-to-end pairs of the range had which fidelity, for the chosen chains and their nodes",
        cites=("network.PD1", "network.M2"),
    )
    return bucket_histogram(head, METRIC_REPEATER_FIDELITY, "pairs", NETWORK.chosen)


def _link_clicks() -> core.Panel:
    head = Head(
        id=OWN + 2,
        title="Photon counts of links",
        about="Clicks per second of each detector, photons and dark counts. Photons falling on all is loss, on one "
        "a detector",
        cites=("network.PD2",),
    )
    label = "link || ' ' || detector || ' ' || detection_kind"
    return rates(head, METRIC_LINK_PHOTON_DETECTIONS, label, in_sites(), unit="suffix: clicks/s", log10=True)


def _key_clicks() -> core.Panel:
    head = Head(
        id=OWN + 3,
        title="Detections of key pulses",
        about="Clicks per second of each QKD pair by what the pulse held. Vacuum pulses count the background: when "
        "they rise with the rest, light leaks in",
        cites=("network.PD2",),
    )
    label = "device || ' ' || pulse"
    return rates(head, METRIC_QKD_DETECTIONS, label, NETWORK.chosen, unit="suffix: clicks/s", log10=True)


def _lifetime() -> core.Panel:
    head = Head(
        id=OWN + 4,
        title="Memory lifetime and temperature",
        about="Storage lifetime of each memory with its 95 % limits, and on the right the sample stages that cool "
        "them. Lifetime falls as the stage warms: the cryostat; alone: the memory",
        cites=("network.PD3", "network.M5"),
    )
    stages = gauge_query(
        METRIC_HW_TEMPERATURE,
        "hw_id || ' stage'",
        f"{in_sites()} AND stage = 'sample'",
        value=f"{MEAN} + {ZERO_CELSIUS_K}",
    )
    return estimates(
        head,
        METRIC_MEMORY_STORAGE_LIFETIME,
        "device",
        in_sites(),
        right=[stages],
        overrides=[on_the_right("/ stage$/", KELVIN)],
    )


def _error_ratio() -> core.Panel:
    head = Head(
        id=OWN + 5,
        title="Quantum bit error ratio",
        about="Share of sifted bits that differ, with its 95 % limits. Above about 11 % no secret is left in them",
        cites=("network.PD2", "network.M6"),
    )
    return estimates(head, METRIC_QKD_ERROR_RATIO, "device", NETWORK.chosen, decimals=2)


def _stages() -> core.Panel:
    head = Head(
        id=OWN + 7,
        title="Stages of one session",
        about="The trace of the newest chosen session: wait, herald, teleport. Click a session beside it to choose "
        "it",
        cites=("network.PX1", "network.PD1"),
    )
    return stages_of_job(head, SPAN_LINK_REQUEST, in_sites())


def _calibrations() -> core.Panel:
    head = Head(
        id=OWN + 9,
        title="Calibration runs",
        about="Calibrations of the range and the month before, newest first, with the set that came into force. A "
        "device that is missing was not calibrated: see the age of its set",
        cites=("network.PD4", "network.M9"),
    )
    return calibration_runs(head, in_sites())


def _errors() -> core.Panel:
    head = Head(
        id=OWN + 10,
        title="Errors and dumps of repeaters",
        about="What the nodes of repeater chains wrote into their logs, a week back, newest first",
        cites=("network.PD5", "network.F6"),
        width=24,
    )
    return events(head, f"name = '{EVENT_REPEATER_ERROR}' AND {in_sites()}", days=7, node=True)
