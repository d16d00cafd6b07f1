"""Everything that the engine, the reports and the pages ask of the database, on one connection."""

from model.registry import Registry
from store.exclusions import ExclusionStore
from store.incidents import IncidentStore
from store.own_points import OwnPointStore
from store.telemetry import TelemetryReader


class Store(TelemetryReader, IncidentStore, ExclusionStore, OwnPointStore):
    """Reads telemetry, and reads and writes objectives and verdicts; one per thread serves best."""

    def __init__(self, url: str, *, registry: Registry | None = None) -> None:
        super().__init__(url, registry=registry)
