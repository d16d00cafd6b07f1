"""What the simulator knows and the telemetry does not say: kept on the side while a game day is played."""

from hwsim import SiteSimulation
from model.readings import Readings
from model.topology import Topology


class Witness:
    """A simulated site that remembers its readings and when its ground truth was out of range; fits `Source`."""

    def __init__(self, simulation: SiteSimulation) -> None:
        self._simulation = simulation
        self.readings: list[Readings] = []
        self.abnormal_ns: list[int] = []

    @property
    def site(self) -> str:
        """Return the site's id."""
        return self._simulation.site

    @property
    def topology(self) -> Topology:
        """Return what acts on what at this site."""
        return self._simulation.topology

    def advance(self, until_ns: int) -> Readings:
        """Return the readings until then, and remember what they hide."""
        readings = self._simulation.advance(until_ns)
        self.readings.append(readings)
        if not all(truth.is_nominal for truth in self._simulation.truth(until_ns)):
            self.abnormal_ns.append(readings.start_ns)
        return readings
