"""The fleet around the devices, for the tests of this folder: what it records, and what to ask of that."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwsim import FaultSchedule, Injection, SiteSimulation, build_sites, load_fleet
from model.clock import HOUR_NS, MINUTE_NS, SECOND_NS
from model.recording import Recording

FLEET = Path(__file__).parent / "fleets" / "community.yaml"
START_NS = 1_800_000_000 * SECOND_NS


def injection(
    fault_id: str, entity: str, magnitude: float, *, at_h: float = 1.0, for_h: float | None = 1.0
) -> Injection:
    """Return a fault that strikes some hours after the start."""
    start_ns = START_NS + round(at_h * HOUR_NS)
    end_ns = None if for_h is None else start_ns + round(for_h * HOUR_NS)
    return Injection(fault_id=fault_id, entity_id=entity, start_ns=start_ns, end_ns=end_ns, magnitude=magnitude)


def sites(*injections: Injection, seed: int = 7) -> dict[str, SiteSimulation]:
    """Return the sites of the fleet by id."""
    fleet = load_fleet(FLEET)
    built = build_sites(fleet, seed=seed, start_ns=START_NS, faults=FaultSchedule(injections))
    return {site.site: site for site in built}


@cache
def record(*injections: Injection, hours: float = 4.0, site: str = "delft", step_ns: int = MINUTE_NS) -> Recording:
    """Return the first hours of a site."""
    return sites(*injections)[site].record(START_NS + round(hours * HOUR_NS), step_ns)


def counts(recording: Recording, metric: str, *values: str) -> NDArray[np.float64]:
    """Return a counter per cell, summed over the series that carry all the attribute values."""
    total = np.zeros(len(recording.edges_ns) - 1)
    for track in recording.counts:
        if track.metric == metric and set(values) <= {value for _, value in track.attributes}:
            np.add.at(total, track.cells, track.values)
    return total


def levels(recording: Recording, metric: str, *values: str) -> NDArray[np.float64]:
    """Return the values of the one gauge that carries all the attribute values."""
    (track,) = [t for t in recording.levels if t.metric == metric and set(values) <= {v for _, v in t.attributes}]
    return track.values


def between(recording: Recording, start_h: float, end_h: float) -> slice:
    """Return the cells between two hours after the start."""
    starts_h = (recording.edges_ns[:-1] - START_NS) / HOUR_NS
    inside = np.flatnonzero((starts_h >= start_h) & (starts_h < end_h))
    return slice(int(inside[0]), int(inside[-1]) + 1)
