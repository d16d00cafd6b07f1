"""What the three network boards share: quick filters by node and job, and the panels that obey them."""

from grafanalib import core

from dashboards import variables
from dashboards.counter_panels import share
from dashboards.domains import NETWORK, in_sites
from dashboards.panels import Head
from dashboards.sql import one_of
from dashboards.trace_panels import CHOSEN_JOB, latest_jobs
from model.names import ATTR_NODE_ID, METRIC_REPEATER_SWAPS, SPAN_LINK_REQUEST

NODES = f"{NETWORK.chosen} AND {one_of('node', 'node')}"


def filters() -> list[core.Template]:
    """Return the variables by which every network board is narrowed, beside site and chain."""
    return [
        variables.attribute("node", "Node", METRIC_REPEATER_SWAPS, ATTR_NODE_ID, within=("device",)),
        variables.jobs(),
    ]


def swaps(number: int) -> core.Panel:
    """Return the share of swaps that succeeded at each node."""
    head = Head(
        id=number,
        title="Swap success at each node",
        about="Share of entanglement swaps that succeeded. One node alone: its firmware or its memories "
        "(network.F6); choose chain and node above",
        cites=("network.PX1", "network.PO2"),
    )
    return share(head, METRIC_REPEATER_SWAPS, "device || ' ' || node", "outcome = 'success'", NODES)


def sessions(number: int, *, failed: bool = False) -> core.Panel:
    """Return the newest traced requests over links, or those of them that failed."""
    head = Head(
        id=number,
        title="Sessions that failed" if failed else "Latest sessions",
        about="Traced requests for a pair with what was teleported over it, newest first; choose one above or click "
        "it for its stages",
        cites=("network.PX1", "network.PO4"),
    )
    condition = f"{CHOSEN_JOB} AND {in_sites()}"
    return latest_jobs(head, SPAN_LINK_REQUEST, condition, uid=NETWORK.uid("debug"), failed=failed)
