"""The kinds of devices that a fleet can have, in the order in which the devices of a site live through a block.

What others depend on comes first; telemetry agents come last, because they decide what of all the rest is told.
"""

from hwsim.devices import (
    controller,
    cryostat,
    link,
    orchestrator,
    processor,
    qkd,
    repeater,
)
from hwsim.kind import Kind

_IN_ORDER = (
    cryostat.KIND,
    controller.KIND,
    link.KIND,
    repeater.KIND,
    qkd.KIND,
    processor.KIND,
    orchestrator.KIND,
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _IN_ORDER}
