"""Evidence for an investigation, read from the store; fits `reports.evidence.Evidence`."""

from collections.abc import Iterator, Mapping

from model.names import EVENT_CALIBRATION, EVENT_FIRMWARE_CHANGE
from model.topology import Topology
from model.windows import Window
from reports.evidence import ChangeEvent, EvidenceSeries
from store import Store

_IDENTITY = ("link", "device", "hw_id", "backend", "site")
_CHANGES = (EVENT_CALIBRATION, EVENT_FIRMWARE_CHANGE)


class StoredEvidence:
    """Reads series and changes around an incident."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read_topology(self) -> Topology:
        """Return what acts on what."""
        return self._store.read_topology()

    def read_evidence(self, metric: str, window: Window) -> Iterator[EvidenceSeries]:
        """Yield the series of one metric by the minute."""
        for series in self._store.read_series(metric, window):
            labels = dict(series.group)
            yield EvidenceSeries(
                entity=entity_of(labels),
                metric=metric,
                part=", ".join(value for column, value in series.group if column not in _IDENTITY),
                minute_ns=series.time_ns,
                value=series.value,
            )

    def read_changes(self, window: Window) -> Iterator[ChangeEvent]:
        """Yield the calibrations and firmware changes."""
        for event in self._store.read_events(window, _CHANGES):
            entity = event.link or event.device or event.site
            yield ChangeEvent(entity=entity, event=event.name, time_ns=event.time_ns, text=event.body)


def entity_of(labels: Mapping[str, str]) -> str:
    """Return the id of what the labels speak about, as the topology names it.

    >>> entity_of({"device": "mem-delft", "slot": "slot-0"})
    'mem-delft'
    """
    return next((labels[column] for column in _IDENTITY if labels.get(column)), "")
