"""The link board for whoever is on call: are pairs delivered, how late are heralds, what changed before."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames
from dashboards.board import Board
from dashboards.counter_panels import rates, share, share_query, temperatures
from dashboards.distribution_panels import percentiles
from dashboards.domains import LINK, in_sites
from dashboards.frames import OWN
from dashboards.look import RATIO, SECONDS
from dashboards.objective_panels import bound_steps, target_steps
from dashboards.panels import Head, stat
from dashboards.sql import bucket_sums, has_bounds, rolled, sql
from model.names import (
    METRIC_LINK_ALLOCATION_LATENCY,
    METRIC_LINK_FIDELITY,
    METRIC_LINK_HERALD_LATENCY,
    METRIC_LINK_HERALDS,
    METRIC_LINK_REQUESTS,
    METRIC_REPEATER_SWAPS,
)
from slo import Objective

_SUCCEEDED = "outcome = 'success'"
_TILE = {"width": 4, "height": 4}


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return frames.on_call(
        LINK,
        objectives,
        question="Which link fails its users now, since when, and what changed before?",
        cites=("link.PO1", "link.PO5"),
        changes_cite=("link.PO5",),
        now=[_success_now(objectives), _latency_now(objectives)],
        rows=[
            [_success(objectives), _rate()],
            [_latency(objectives), _allocation(objectives)],
            [_fidelity(), _swaps(objectives)],
            [_temperatures()],
        ],
    )


def _success_now(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN,
        title="Entanglement success now",
        about="Share of requests that got a pair in the newest step of each link",
        cites=("link.PO1", "link.M1"),
        **_TILE,
    )
    query = share_query(METRIC_LINK_REQUESTS, "link", _SUCCEEDED, LINK.chosen)
    steps = target_steps(objectives, "link-entanglement-success")
    return stat(head, query, unit=RATIO, decimals=1, steps=steps, sparkline=True, no_value="NO TRAFFIC")


def _latency_now(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 1,
        title="Heralding latency p95 in range",
        about="95th percentile over the chosen links. Spikes point at the classical channel",
        cites=("link.PO4", "link.M7"),
        **_TILE,
    )
    query = sql(
        """
        SELECT histogram_quantile(0.95, bounds, @buckets) AS "p95" FROM @rolled WHERE @bounds AND @chosen
          GROUP BY bounds
        """,
        buckets=bucket_sums(METRIC_LINK_HERALD_LATENCY),
        bounds=has_bounds(METRIC_LINK_HERALD_LATENCY),
        rolled=rolled(METRIC_LINK_HERALD_LATENCY),
        chosen=LINK.chosen,
    )
    steps = bound_steps(objectives, "link-heralding-latency")
    return stat(head, query, unit=SECONDS, decimals=1, steps=steps, no_value="NO TRAFFIC")


def _success(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 2,
        title="Entanglement success",
        about="Share of requests that got a pair before they timed out. A sudden fall is a connector or a laser "
        "(link.F1), a slow one drift",
        cites=("link.PO1", "link.M1"),
    )
    steps = target_steps(objectives, "link-entanglement-success")
    return share(head, METRIC_LINK_REQUESTS, "link", _SUCCEEDED, LINK.chosen, steps=steps)


def _rate() -> core.Panel:
    head = Head(
        id=OWN + 3,
        title="Heralded pairs",
        about="Pairs per second. A fall while success holds means less demand; both falling is a fault",
        cites=("link.PO1",),
    )
    return rates(head, METRIC_LINK_HERALDS, "link", LINK.chosen, unit="suffix: pairs/s")


def _latency(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 4,
        title="Heralding latency",
        about="From emission to confirmation, median, 95th and 99th percentile. Spikes: check the control network "
        "first",
        cites=("link.PO4", "link.M7"),
    )
    steps = bound_steps(objectives, "link-heralding-latency")
    return percentiles(head, METRIC_LINK_HERALD_LATENCY, "link", LINK.chosen, 0.5, 0.95, 0.99, steps=steps)


def _allocation(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 5,
        title="Allocation latency",
        about="From the request to the pair, median and 95th percentile of each link. Rising with a steady rate: "
        "more is asked than the link delivers",
        cites=("link.PO2", "link.M3"),
    )
    steps = bound_steps(objectives, "link-allocation-latency")
    return percentiles(head, METRIC_LINK_ALLOCATION_LATENCY, "link", LINK.chosen, 0.5, 0.95, steps=steps)


def _fidelity() -> core.Panel:
    head = Head(
        id=OWN + 6,
        title="Pair fidelity, worst tenth",
        about="10th percentile and median of fidelity. Low fidelity at a good rate is dark counts or dephasing, not "
        "loss",
        cites=("link.PO1", "link.M2"),
    )
    return percentiles(head, METRIC_LINK_FIDELITY, "link", LINK.chosen, 0.1, 0.5, minimum=None)


def _swaps(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 7,
        title="Swap success of multi-hop jobs",
        about="Share of swaps at each repeater node that succeeded, for jobs that need more than one link. One node "
        "alone is its firmware; all: the pairs they are fed",
        cites=("link.PO3", "link.M8"),
    )
    steps = target_steps(objectives, "link-swap-success")
    label = "device || ' ' || node"
    return share(head, METRIC_REPEATER_SWAPS, label, _SUCCEEDED, in_sites(), steps=steps)


def _temperatures() -> core.Panel:
    head = Head(
        id=OWN + 8,
        title="Cryostat stages",
        about="Temperature of the cryostats whose memories end the links",
        cites=("link.PO5",),
        width=24,
        height=7,
    )
    return temperatures(head, in_sites())
