"""The simulated fleet answers the same Protocol as any source, in words that the registry knows."""

import pytest

from exporters.delivery import Signal
from exporters.encode import encode_metrics
from exporters.history import replay_history
from exporters.simulated import build_simulated_sources
from hwsim import SiteSimulation
from model.clock import HOUR_NS, MINUTE_NS
from model.registry import load_registry
from tests.unit.exporters.stations import MORNING_NS, read_metrics


@pytest.fixture
def sources() -> list[SiteSimulation]:
    return list(build_simulated_sources(seed=7, start_ns=MORNING_NS))


def test_the_shipped_fleet_has_two_sites(sources: list[SiteSimulation]) -> None:
    assert [source.site for source in sources] == ["delft", "hague"]


def test_every_reading_fits_the_registry(sources: list[SiteSimulation]) -> None:
    for source in sources:
        for metric in read_metrics(encode_metrics([source.record(MORNING_NS + HOUR_NS, MINUTE_NS)])):
            assert metric.unit == load_registry().metrics[metric.name].unit


def test_the_same_seed_sends_the_same_history() -> None:
    def replay() -> list[tuple[Signal, bytes]]:
        sent: list[tuple[Signal, bytes]] = []
        sources = build_simulated_sources(seed=7, start_ns=MORNING_NS)
        end_ns = MORNING_NS + HOUR_NS // 4
        list(replay_history(sources, MORNING_NS, end_ns, send=lambda signal, body: sent.append((signal, body))))
        return sent

    assert replay() == replay()
