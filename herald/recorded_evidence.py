"""Evidence for an investigation straight from a simulation's recordings: no exporter, no collector, no database.

Wide sweeps over faults, magnitudes and seeds run on it; a test holds the database road against it. Fits
`reports.evidence.Evidence`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from herald.evidence import CHANGES, describe_series, entity_of, split_by
from model.attributes import Attributes
from model.clock import MINUTE_NS
from model.names import ATTR_SITE_ID
from model.queries import Group
from model.recording import Recording
from model.registry import Registry
from model.topology import Edge, Entity, Topology
from model.windows import Window
from reports.evidence import ChangeEvent, EvidenceSeries

_Points = tuple[NDArray[np.int64], NDArray[np.float64]]


class RecordedEvidence:
    """Reads series and changes around an incident from recordings of all sites of a fleet."""

    def __init__(self, registry: Registry, recordings: Sequence[Recording], topologies: Iterable[Topology]) -> None:
        self._registry = registry
        self._series: dict[str, dict[Group, list[_Points]]] = defaultdict(lambda: defaultdict(list))
        self._changes: list[ChangeEvent] = []
        self._topology = _join(topologies)
        for recording in recordings:
            self._add_points(recording)
            self._add_changes(recording)

    def read_topology(self) -> Topology:
        """Return what acts on what."""
        return self._topology

    def read_evidence(self, metrics: Sequence[str], window: Window) -> Iterator[tuple[str, list[EvidenceSeries]]]:
        """Yield each metric with its series by the minute."""
        for metric in metrics:
            yield metric, list(self._read_metric(metric, window))

    def read_changes(self, window: Window) -> Iterator[ChangeEvent]:
        """Yield the calibrations and the changes of firmware, configuration, credentials and software."""
        return (c for c in self._changes if window.start_ns < c.time_ns <= window.end_ns)

    def _read_metric(self, metric: str, window: Window) -> Iterator[EvidenceSeries]:
        adds = self._registry.metrics[metric].instrument == "counter"
        for group, parts in sorted(self._series.get(metric, {}).items()):
            ends_ns = np.concatenate([ends for ends, _ in parts])
            values = np.concatenate([values for _, values in parts])
            wanted = (ends_ns > window.start_ns) & (ends_ns <= window.end_ns) & ~np.isnan(values)
            minutes = (ends_ns[wanted] - 1) // MINUTE_NS * MINUTE_NS
            minute_ns, place, number = np.unique(minutes, return_inverse=True, return_counts=True)
            if not len(minute_ns):
                continue
            value = np.bincount(place, values[wanted]).astype(np.float64)
            yield describe_series(metric, group, minute_ns, value if adds else np.true_divide(value, number))

    def _add_points(self, recording: Recording) -> None:
        ends_ns = recording.edges_ns[1:]
        for count in recording.counts:
            self._add(recording, count.metric, count.attributes, ends_ns[count.cells], count.values)
        for level in recording.levels:
            self._add(recording, level.metric, level.attributes, level.times_ns, level.values)
        for samples in recording.samples:
            times_ns = np.repeat(ends_ns[samples.cells], np.diff(samples.splits))
            self._add(recording, samples.metric, samples.attributes, times_ns, samples.values)

    def _add(
        self, recording: Recording, metric: str, attributes: Attributes, ends_ns: NDArray[np.int64], values: object
    ) -> None:
        known = {**dict(attributes), ATTR_SITE_ID: recording.site}
        names = split_by(self._registry.metrics[metric])
        group = tuple(sorted((self._registry.column(name), str(known.get(name, ""))) for name in names))
        self._series[metric][group].append((ends_ns, np.asarray(values, dtype=np.float64)))

    def _add_changes(self, recording: Recording) -> None:
        for happening in recording.happenings:
            if happening.event in CHANGES:
                labels = {self._registry.column(name): str(value) for name, value in happening.attributes}
                self._changes.append(
                    ChangeEvent(
                        entity=entity_of({**labels, "site": recording.site}),
                        event=happening.event,
                        time_ns=happening.time_ns,
                        text=happening.body,
                    )
                )


def _join(topologies: Iterable[Topology]) -> Topology:
    entities: dict[str, Entity] = {}
    edges: dict[Edge, None] = {}
    for topology in topologies:
        entities.update({entity.id: entity for entity in topology.entities})
        edges.update(dict.fromkeys(topology.edges))
    return Topology(entities.values(), edges)
