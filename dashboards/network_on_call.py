"""The network board for whoever is on call: which link, which buffer, which control path, and who waits."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames, network_panels
from dashboards.board import Board
from dashboards.counter_panels import MOST, gauge_query, gauges, share, share_map, share_query
from dashboards.distribution_panels import mean_map, percentiles
from dashboards.domains import NETWORK, in_sites
from dashboards.frames import OWN
from dashboards.look import COUNT, RATIO, SECONDS, at_most
from dashboards.objective_panels import bound_steps, target_steps
from dashboards.panels import Column, Head, stat, table
from dashboards.sql import bucket_sums, has_bounds, rolled, sql
from model.names import (
    METRIC_CONTROL_MESSAGES,
    METRIC_CONTROL_ROUND_TRIP_DURATION,
    METRIC_LINK_FIDELITY,
    METRIC_LINK_REQUESTS,
    METRIC_REPEATER_BUFFER_OCCUPANCY,
    METRIC_REPEATER_LATENCY,
    METRIC_REPEATER_QUEUE_DEPTH,
    METRIC_REPEATER_REQUESTS,
)
from slo import Objective

_SUCCESS = "outcome = 'success'"
_TILE = {"width": 4, "height": 4}


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return frames.on_call(
        NETWORK,
        objectives,
        question="Which link, repeater or control path fails the network now, and whose jobs wait for it?",
        cites=("network.PO1",),
        changes_cite=("network.PO1", "network.PD4"),
        more=network_panels.filters(),
        now=[_served(objectives), _waiting()],
        rows=[
            [_success_map(), _fidelity_map()],
            [_buffers(objectives), _queues()],
            [_round_trip(objectives), _losses()],
            [_jobs(), network_panels.sessions(OWN + 9, failed=True)],
        ],
    )


def _served(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN,
        title="Requests served now",
        about="Share of end-to-end requests served in time, newest step",
        cites=("network.PO1", "network.M7"),
        **_TILE,
    )
    query = share_query(METRIC_REPEATER_REQUESTS, "device", _SUCCESS, NETWORK.chosen)
    steps = target_steps(objectives, "network-request-success")
    return stat(head, query, unit=RATIO, decimals=1, steps=steps, sparkline=True, no_value="NO TRAFFIC")


def _waiting() -> core.Panel:
    head = Head(
        id=OWN + 1,
        title="Requests waiting now",
        about="Requests that wait for a chain. A queue that grows is starvation: buffers without pairs",
        cites=("network.PO2",),
        **_TILE,
    )
    query = gauge_query(METRIC_REPEATER_QUEUE_DEPTH, "device", NETWORK.chosen, value=MOST)
    return stat(head, query, unit=COUNT, decimals=0, sparkline=True)


def _success_map() -> core.Panel:
    head = Head(
        id=OWN + 2,
        title="Success of every link",
        about="Share of requests that got a pair, one row per link. A pale stretch is a link that failed; all rows "
        "pale at once is the control network or the site",
        cites=("network.PO1", "network.M1"),
    )
    return share_map(head, METRIC_LINK_REQUESTS, "link", _SUCCESS, in_sites())


def _fidelity_map() -> core.Panel:
    head = Head(
        id=OWN + 3,
        title="Fidelity of every link",
        about="Mean fidelity of pairs, one row per link. Pale while success holds: dark counts or dephasing, not "
        "loss",
        cites=("network.PO1", "network.M2"),
    )
    return mean_map(head, METRIC_LINK_FIDELITY, "link", in_sites())


def _buffers(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 4,
        title="Repeater buffers in use",
        about="Share of each node's memories that hold a pair. Full: a neighbour delivers nothing to swap with; "
        "empty with a queue: starvation",
        cites=("network.PO2", "network.M8"),
    )
    steps = bound_steps(objectives, "network-buffer-occupancy")
    label = "device || ' ' || node"
    return gauges(head, METRIC_REPEATER_BUFFER_OCCUPANCY, label, network_panels.NODES, steps=steps)


def _queues() -> core.Panel:
    head = Head(
        id=OWN + 5,
        title="Requests that wait for a chain",
        about="Length of the queue by priority, the longest of each step",
        cites=("network.PO2",),
    )
    label = "device || ' ' || priority"
    return gauges(head, METRIC_REPEATER_QUEUE_DEPTH, label, NETWORK.chosen, value=MOST)


def _round_trip(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 6,
        title="Control round trip",
        about="Median, 95th and 99th percentile of control messages. It rises with the losses beside it: the "
        "classical network is at fault, not the optics",
        cites=("network.PO3", "network.M4"),
    )
    steps = bound_steps(objectives, "network-control-latency")
    return percentiles(head, METRIC_CONTROL_ROUND_TRIP_DURATION, "device", in_sites(), 0.5, 0.95, 0.99, steps=steps)


def _losses() -> core.Panel:
    head = Head(
        id=OWN + 7,
        title="Control messages lost",
        about="Share of control messages that had to be repeated. Above 1 %: heralds arrive late and pairs decay",
        cites=("network.PO3",),
    )
    return share(head, METRIC_CONTROL_MESSAGES, "device", "outcome = 'failure'", in_sites())


def _jobs() -> core.Panel:
    query = sql(
        """
        SELECT device AS "Chain", priority AS "Priority", waiting AS "Waiting", asked AS "Asked in range",
          late / nullif(asked, 0) AS "Missed deadline", p95 AS "p95 to serve" FROM (
          SELECT device, priority, sum(increase) AS asked,
            coalesce(sum(increase) FILTER (WHERE outcome <> 'success'), 0)
            AS late FROM @requests WHERE @chosen GROUP BY 1, 2) AS done
        LEFT JOIN (
          SELECT device, priority, (array_agg(last ORDER BY time DESC))[1] AS waiting FROM @queue WHERE @chosen
          GROUP BY 1, 2) AS queue USING (device, priority)
        LEFT JOIN (
          SELECT device, histogram_quantile(0.95, bounds, @buckets) AS p95 FROM @latency
          WHERE @bounds AND @chosen GROUP BY device, bounds) AS latency USING (device)
        ORDER BY 5 DESC NULLS LAST, 3 DESC NULLS LAST, 1, 2
        """,
        requests=rolled(METRIC_REPEATER_REQUESTS),
        queue=rolled(METRIC_REPEATER_QUEUE_DEPTH),
        latency=rolled(METRIC_REPEATER_LATENCY),
        buckets=bucket_sums(METRIC_REPEATER_LATENCY),
        bounds=has_bounds(METRIC_REPEATER_LATENCY),
        chosen=NETWORK.chosen,
    )
    head = Head(
        id=OWN + 8,
        title="Active jobs and their deadlines",
        about="By chain and priority: who waits now, and how many of the range missed the deadline at which a "
        "request is given up. Recover the first row first",
        cites=("network.PO4", "network.M7"),
    )
    columns = {
        "Waiting": Column(unit=COUNT, decimals=1),
        "Asked in range": Column(unit=COUNT),
        "Missed deadline": Column(unit=RATIO, decimals=2, steps=at_most(0.01, 0.1)),
        "p95 to serve": Column(unit=SECONDS, decimals=2),
    }
    return table(head, query, columns, no_value="nobody asked in this range")
