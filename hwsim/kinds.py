"""The kinds of devices that a fleet can have, in the order in which the devices of a site live through a block.

What others depend on comes first; telemetry agents come last, because they decide what of all the rest is told.
"""

from hwsim.devices import controller, cryostat, link, memory, qkd, repeater
from hwsim.kind import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (cryostat.KIND, controller.KIND, memory.KIND, link.KIND, repeater.KIND, qkd.KIND)
}
