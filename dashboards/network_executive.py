"""The network board for those who answer for the service: pairs delivered, key made, incidents and their cost."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames, network_panels
from dashboards.board import Board
from dashboards.counter_panels import gauges, rates, share, shares_of_a_day
from dashboards.distribution_panels import spread
from dashboards.domains import NETWORK, in_sites
from dashboards.frames import OWN
from dashboards.incident_panels import incidents
from dashboards.objective_panels import target_steps
from dashboards.panels import Head
from model.names import (
    METRIC_LINK_REQUESTS,
    METRIC_QKD_KEYS_DELIVERED,
    METRIC_QKD_SECRET_BITS,
    METRIC_QKD_STORE_LEVEL,
    METRIC_REPEATER_REQUESTS,
    METRIC_TELEPORTATION_FIDELITY,
)
from slo import Objective

_SUCCESS = "outcome = 'success'"


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return frames.executive(
        NETWORK,
        objectives,
        question="Does the network deliver entanglement and key as promised, and what do its incidents cost?",
        cites=("network.PE3",),
        more=network_panels.filters(),
        rows=[
            [_last_day(objectives), _trend(objectives)],
            [_key(), _keys(), _store()],
            [_sessions(), _incidents()],
            [network_panels.swaps(OWN + 7), network_panels.sessions(OWN + 8, failed=True)],
        ],
    )


def _last_day(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN,
        title="Entanglement success, last 24 h",
        about="Share of requests for a pair that each link served in the 24 hours before the range ends, whatever "
        "the range. Below target: open the on-call board",
        cites=("network.PE1", "network.M1"),
        width=8,
    )
    steps = target_steps(objectives, "network-entanglement-success")
    return shares_of_a_day(head, METRIC_LINK_REQUESTS, "link", _SUCCESS, in_sites(), steps=steps)


def _trend(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 1,
        title="End-to-end requests served",
        about="Share of requests for end-to-end entanglement that a repeater chain served in time, by priority. A "
        "chain below all its links has trouble with swapping or memory",
        cites=("network.PE1", "network.M7"),
        width=16,
    )
    steps = target_steps(objectives, "network-request-success")
    label = "device || ' ' || priority"
    return share(head, METRIC_REPEATER_REQUESTS, label, _SUCCESS, NETWORK.chosen, steps=steps)


def _key() -> core.Panel:
    head = Head(
        id=OWN + 2,
        title="Secret key made",
        about="Secret bits per second of each QKD pair, after error correction and privacy amplification. None: the "
        "error ratio is above what a secret allows, or the link is dark",
        cites=("network.PE2", "network.M6"),
        width=8,
    )
    return rates(head, METRIC_QKD_SECRET_BITS, "device", NETWORK.chosen, unit="bps")


def _keys() -> core.Panel:
    head = Head(
        id=OWN + 3,
        title="Keys asked for and handed over",
        about="Keys per second that applications asked for, by outcome: what the business makes of the key. "
        "Failures with a full store are a fault of the hand-over, with an empty one of the rate",
        cites=("network.PE2",),
        width=8,
    )
    return rates(head, METRIC_QKD_KEYS_DELIVERED, "device || ' ' || outcome", NETWORK.chosen, unit="suffix: keys/s")


def _store() -> core.Panel:
    head = Head(
        id=OWN + 4,
        title="Key in store",
        about="Secret bits that wait to be used. A falling store lasts its level over the difference of use and make",
        cites=("network.PE2",),
        width=8,
    )
    return gauges(head, METRIC_QKD_STORE_LEVEL, "device", NETWORK.chosen)


def _sessions() -> core.Panel:
    head = Head(
        id=OWN + 5,
        title="Teleportation fidelity",
        about="Mean fidelity of teleported states, with the band that holds nine in ten of them. What users of the "
        "network get, links and memories together",
        cites=("network.PE1", "network.M2"),
    )
    return spread(head, METRIC_TELEPORTATION_FIDELITY, in_sites(), decimals=1)


def _incidents() -> core.Panel:
    head = Head(
        id=OWN + 6,
        title="Major incidents and their burn",
        about="Pages of the range with the budget that is left and how fast it burns now, those that still fire "
        "first. Click one for its incident board",
        cites=("network.PE3",),
    )
    return incidents(head, f"a.severity = 'page' AND {NETWORK.rows('a')}")
