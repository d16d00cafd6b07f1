"""Fleets for the tests of this folder, and what to ask of their readings."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from hwsim import FaultSchedule, Injection, SiteSimulation, build_sites, load_fleet
from model.clock import MINUTE_NS, SECOND_NS
from model.readings import Readings

START_NS = 1_800_000_000 * SECOND_NS  # a whole minute


def build_world(*injections: Injection, seed: int = 7, start_ns: int = START_NS) -> dict[str, SiteSimulation]:
    """Return the sites of the default fleet by id."""
    sites = build_sites(load_fleet(), seed=seed, start_ns=start_ns, faults=FaultSchedule(injections))
    return {site.site: site for site in sites}


def run(site: SiteSimulation, *, minutes: int, step_ns: int = MINUTE_NS) -> Iterator[Readings]:
    """Yield the readings of the next `minutes`, step by step."""
    start_ns = site.advance(_now_ns(site)).end_ns
    for number in range(1, minutes * MINUTE_NS // step_ns + 1):
        yield site.advance(start_ns + number * step_ns)


def total(readings: Iterable[Readings], metric: str, **labels: str) -> int:
    """Return the sum of a counter over the series that carry the given attribute values."""
    return sum(
        int(count.value)
        for reading in readings
        for count in reading.counts
        if count.metric == metric and set(labels.values()) <= {value for _, value in count.attributes}
    )


def values(readings: Iterable[Readings], metric: str, entity: str = "") -> NDArray[np.float64]:
    """Return all samples of a histogram metric, of one entity or of all."""
    parts = [
        sample.values
        for reading in readings
        for sample in reading.samples
        if sample.metric == metric and (not entity or entity in {value for _, value in sample.attributes})
    ]
    return np.concatenate(parts) if parts else np.empty(0)


def _now_ns(site: SiteSimulation) -> int:
    return site._now_ns
