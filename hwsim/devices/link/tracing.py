"""Traces of requests: one served request per interval and link, never each of them."""

import numpy as np
from numpy.typing import NDArray

from hwsim.block import Block, by_interval
from hwsim.demand import Outcome
from model.attributes import attributes
from model.clock import SECOND_NS
from model.names import ATTR_JOB_ID, ATTR_LINK_ID, ATTR_OUTCOME, SPAN_LINK_REQUEST
from model.readings import Stage

Float64s = NDArray[np.float64]


def trace_request(
    block: Block, link_id: str, outcome: Outcome, ready_s: Float64s, *, flight_s: float, message_s: Float64s
) -> None:
    """Report the first teleportation that was asked for in each interval and served in the block, with its stages."""
    for part in by_interval(outcome.asked_s):
        whole = part.start + np.flatnonzero(outcome.asked_s[part] > 0)
        if len(whole):
            _trace(block, link_id, outcome, ready_s, int(whole[0]), flight_s=flight_s, message_s=message_s)


def _trace(
    block: Block,
    link_id: str,
    outcome: Outcome,
    ready_s: Float64s,
    index: int,
    *,
    flight_s: float,
    message_s: Float64s,
) -> None:
    end_s = float(ready_s[index])
    moments_s = [float(outcome.asked_s[index]), end_s - flight_s, end_s, end_s + float(message_s[index])]
    moments_ns = [block.start_ns + round(max(moment, moments_s[0]) * SECOND_NS) for moment in moments_s]
    if moments_ns[-1] > block.end_ns:
        return
    trace = f"{link_id}-{moments_ns[0]:x}"
    about = attributes({ATTR_LINK_ID: link_id, ATTR_JOB_ID: f"request-{trace}", ATTR_OUTCOME: "success"})
    block.stage(
        Stage(trace=trace, name=SPAN_LINK_REQUEST, attributes=about, start_ns=moments_ns[0], end_ns=moments_ns[-1])
    )
    for name, start_ns, end_ns in zip(("wait", "herald", "teleport"), moments_ns, moments_ns[1:], strict=False):
        block.stage(
            Stage(
                trace=trace,
                name=name,
                attributes=about,
                start_ns=start_ns,
                end_ns=end_ns,
                parent=SPAN_LINK_REQUEST,
            )
        )
