"""Simulated sites as sources: the only file of this folder that knows `hwsim`.

`hwsim` brings QuTiP, which takes a second to import; who reads real instruments never pays for it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from exporters.sources import Source

if TYPE_CHECKING:
    from hwsim.faults import FaultSchedule


def build_simulated_sources(
    fleet: Path | None = None, *, seed: int, start_ns: int, faults: "FaultSchedule | None" = None
) -> Sequence[Source]:
    """Return one source per site of a fleet file, or of the shipped fleet, standing at `start_ns`.

    The same fleet, seed, start and faults give the same readings. Raises InvalidInputError for a bad fleet file.
    """
    from hwsim import build_sites  # noqa: PLC0415  see above
    from hwsim.faults import FaultSchedule  # noqa: PLC0415
    from hwsim.fleet import load_fleet  # noqa: PLC0415

    return build_sites(load_fleet(fleet), seed=seed, start_ns=start_ns, faults=faults or FaultSchedule())
