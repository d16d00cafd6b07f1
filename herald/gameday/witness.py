"""What the simulator knows and the telemetry does not say: kept on the side while a game day is played."""

import numpy as np

from hwsim import SiteSimulation
from model.clock import MINUTE_NS
from model.recording import Recording
from model.topology import Topology


class Witness:
    """A simulated site that remembers its recordings and when its ground truth was out of range; fits `Recorder`.

    `abnormal_ns` are the minutes, by their start, in which it was.
    """

    def __init__(self, simulation: SiteSimulation) -> None:
        self._simulation = simulation
        self.recordings: list[Recording] = []
        self.abnormal_ns: set[int] = set()

    @property
    def site(self) -> str:
        """Return the site's id."""
        return self._simulation.site

    @property
    def topology(self) -> Topology:
        """Return what acts on what at this site."""
        return self._simulation.topology

    def record(self, until_ns: int, step_ns: int) -> Recording:
        """Return the recording until then, and remember what it hides."""
        recording = self._simulation.record(until_ns, step_ns)
        self.recordings.append(recording)
        for truth in self._simulation.truths():
            minutes = np.unique((truth.abnormal_ns() - 1) // MINUTE_NS) * MINUTE_NS
            self.abnormal_ns.update(minutes.tolist())
        return recording
