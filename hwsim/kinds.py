"""The kinds of devices that a fleet can have, in the order in which the devices of a site live through a block.

What others depend on comes first; telemetry agents come last, because they decide what of all the rest is told.
"""

from hwsim.devices import (
    agent,
    auth,
    backend,
    ci,
    cluster,
    controller,
    cryostat,
    environment,
    link,
    memory,
    orchestrator,
    processor,
    qkd,
    registry,
    repeater,
)
from hwsim.kind import Kind

_IN_ORDER = (
    environment.KIND,
    cryostat.KIND,
    controller.KIND,
    memory.KIND,
    link.KIND,
    repeater.KIND,
    qkd.KIND,
    backend.KIND,
    processor.KIND,
    orchestrator.KIND,
    auth.KIND,
    ci.KIND,
    registry.KIND,
    cluster.KIND,
    agent.KIND,
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _IN_ORDER}
