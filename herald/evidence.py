"""Evidence for an investigation, read from the store; fits `reports.evidence.Evidence`."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from model.names import (
    ATTR_GATE_QUBITS,
    ATTR_HW_ID,
    ATTR_QUBIT_ID,
    ATTR_SITE_ID,
    ATTR_SLOT_ID,
    ATTR_TENANT_ID,
    EVENT_CALIBRATION,
    EVENT_CONFIGURATION_CHANGE,
    EVENT_CREDENTIAL_CHANGE,
    EVENT_FIRMWARE_CHANGE,
    EVENT_SOFTWARE_CHANGE,
)
from model.queries import Group
from model.registry import MetricDefinition, Registry
from model.topology import Topology
from model.windows import Window
from reports.evidence import ChangeEvent, EvidenceSeries
from store import Store

CHANGES = (
    EVENT_CALIBRATION,
    EVENT_CONFIGURATION_CHANGE,
    EVENT_CREDENTIAL_CHANGE,
    EVENT_FIRMWARE_CHANGE,
    EVENT_SOFTWARE_CHANGE,
)
_FINE = frozenset({ATTR_SLOT_ID, ATTR_QUBIT_ID, ATTR_GATE_QUBITS, ATTR_TENANT_ID})
_IDENTITY = ("link", "device", "hw_id", "backend", "site", "tenant")


class StoredEvidence:
    """Reads series and changes around an incident."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self._store = store
        self._registry = registry

    def read_topology(self) -> Topology:
        """Return what acts on what."""
        return self._store.read_topology()

    def read_evidence(self, metrics: Sequence[str], window: Window) -> Iterator[tuple[str, list[EvidenceSeries]]]:
        """Yield each metric with its series by the minute."""
        split = {metric: split_by(self._registry.metrics[metric]) for metric in metrics}
        for metric, found in self._store.read_series(split, window):
            yield metric, [describe_series(metric, each.group, each.time_ns, each.value) for each in found]

    def read_changes(self, window: Window) -> Iterator[ChangeEvent]:
        """Yield the calibrations and the changes of firmware, configuration, credentials and software."""
        for event in self._store.read_events(window, CHANGES):
            hw_id = str(event.attributes.get(ATTR_HW_ID, ""))
            entity = event.link or event.device or hw_id or event.backend or event.site
            yield ChangeEvent(entity=entity, event=event.name, time_ns=event.time_ns, text=event.body)


def split_by(definition: MetricDefinition) -> tuple[str, ...]:
    """Return the attributes by which evidence tells a metric's series apart.

    Effects are read for an entity as a whole: a thousand slots that suffer say no more than their mean.
    """
    fine = _FINE if definition.role == "outcome" else frozenset()
    return tuple(sorted({*definition.attributes, ATTR_SITE_ID} - fine))


def describe_series(
    metric: str, group: Group, minute_ns: NDArray[np.int64], value: NDArray[np.float64]
) -> EvidenceSeries:
    """Return a series with the entity that its labels speak about; the other labels tell its parts apart."""
    labels = dict(group)
    entity = entity_of(labels)
    rest = tuple((column, label) for column, label in group if label and label != entity and column != "site")
    return EvidenceSeries(
        entity=entity,
        metric=metric,
        part=", ".join(label for _, label in rest),
        minute_ns=minute_ns,
        value=value,
        labels=rest,
    )


def entity_of(labels: Mapping[str, str]) -> str:
    """Return the id of what the labels speak about, as the topology names it.

    >>> entity_of({"device": "mem-delft", "slot": "slot-0"})
    'mem-delft'
    """
    return next((labels[column] for column in _IDENTITY if labels.get(column)), "")
