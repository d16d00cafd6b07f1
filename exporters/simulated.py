"""Simulated sites as sources: the only file of this folder that knows `hwsim`.

`hwsim` brings QuTiP, which takes a second to import; who reads real instruments never pays for it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hwsim import FaultSchedule, SiteSimulation


def build_simulated_sources(
    fleet: Path | None = None, *, seed: int, start_ns: int, faults: "FaultSchedule | None" = None
) -> "Sequence[SiteSimulation]":
    """Return one site of a fleet file, or of the shipped fleet, after the other, standing at `start_ns`.

    Each is a source and a recorder.

    The same fleet, seed, start and faults give the same readings. Raises InvalidInputError for a bad fleet file.
    """
    from hwsim import FaultSchedule, build_sites, load_fleet  # noqa: PLC0415  see above

    return build_sites(load_fleet(fleet), seed=seed, start_ns=start_ns, faults=faults or FaultSchedule())
