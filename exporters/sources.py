"""What an exporter reads: simulated fleets, real instruments and calibration files answer the same Protocol."""

from typing import Protocol

from model.readings import Readings
from model.recording import Recording
from model.topology import Topology


class Source(Protocol):
    """One site with its devices."""

    @property
    def site(self) -> str:
        """Return the site's id."""
        ...

    @property
    def topology(self) -> Topology:
        """Return what acts on what at this site."""
        ...

    def advance(self, until_ns: int) -> Readings:
        """Return everything that happened since the last call, up to and including `until_ns`."""
        ...


class Recorder(Protocol):
    """One site with its devices, in virtual time."""

    @property
    def site(self) -> str:
        """Return the site's id."""
        ...

    @property
    def topology(self) -> Topology:
        """Return what acts on what at this site."""
        ...

    def record(self, until_ns: int, step_ns: int) -> Recording:
        """Return the same as a source would, cut at each whole step and at the end."""
        ...
