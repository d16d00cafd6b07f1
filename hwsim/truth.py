"""What is really the case in the simulated hardware, free of noise and of any measurement.

Game days compare it with what the telemetry showed: a fault bites from the first minute at which one of these values
leaves its nominal range.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthTrack:
    """A physical quantity of an entity over time, in SI units, and the range in which all is well.

    `values` has one value per second of `times_ns`, the ends of the seconds.
    """

    entity: str
    kind: str
    quantity: str
    low: float
    high: float
    times_ns: NDArray[np.int64]
    values: NDArray[np.float64]

    def abnormal_ns(self) -> NDArray[np.int64]:
        """Return the moments at which the value lay outside its nominal range."""
        return self.times_ns[~((self.values >= self.low) & (self.values <= self.high))]
