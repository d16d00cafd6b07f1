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
    registry,
)
from hwsim.kind import Kind

_MODULES = (
    environment,
    cryostat,
    controller,
    auth,
    backend,
    ci,
    registry,
    cluster,
    agent,
)
KINDS: dict[str, Kind] = {module.KIND.name: module.KIND for module in _MODULES}
