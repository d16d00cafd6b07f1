"""The Prometheus endpoint: names by convention, one family over all sites, buckets that add up."""

import urllib.request
from collections.abc import Iterator

import numpy as np
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from alert_rules.prometheus_names import render_family
from exporters.instruments import Instruments
from exporters.prometheus_endpoint import PrometheusEndpoint, render_prometheus_name
from model import names
from model.errors import PortInUseError
from model.readings import Count, Samples
from model.registry import load_registry
from tests.unit.exporters.stations import LINK


@pytest.fixture
def endpoint() -> Iterator[PrometheusEndpoint]:
    running = PrometheusEndpoint(0)
    yield running
    running.close()


def instruments_of(endpoint: PrometheusEndpoint, site: str) -> Instruments:
    provider = MeterProvider([endpoint.reader(site)], shutdown_on_exit=False)
    return Instruments(provider.get_meter("test"))


def scrape(endpoint: PrometheusEndpoint) -> dict[str, Metric]:
    with urllib.request.urlopen(f"http://127.0.0.1:{endpoint.port}/metrics") as response:
        text = response.read().decode()
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    return {family.name: family for family in families}


@pytest.mark.parametrize(
    ("metric", "unit", "instrument", "name"),
    [
        ("quantum.memory.reads", "{read}", "counter", "quantum_memory_reads"),
        ("quantum.memory.hold.duration", "s", "histogram", "quantum_memory_hold_duration_seconds"),
        ("hw.temperature", "Cel", "gauge", "hw_temperature_celsius"),
        ("quantum.gate.error", "1", "gauge", "quantum_gate_error_ratio"),
        ("quantum.memory.fidelity", "1", "histogram", "quantum_memory_fidelity"),
        ("quantum.wait.seconds", "s", "gauge", "quantum_wait_seconds"),
    ],
)
def test_names_follow_the_convention(metric: str, unit: str, instrument: str, name: str) -> None:
    assert render_prometheus_name(metric, unit, instrument) == name


def test_every_registered_metric_has_its_own_name() -> None:
    metrics = load_registry().metrics.values()
    rendered = {render_prometheus_name(m.name, m.unit, m.instrument) for m in metrics}
    assert len(rendered) == len(metrics)


def test_a_counter_of_two_sites_is_one_family(endpoint: PrometheusEndpoint) -> None:
    for site, value in {"delft": 2, "hague": 5}.items():
        count = Count(metric=names.METRIC_LINK_ATTEMPTS, attributes=LINK, value=value)
        instruments_of(endpoint, site).add(count)
    family = scrape(endpoint)["quantum_link_attempts"]
    assert family.type == "counter"
    assert {(s.labels["quantum_site_id"], s.value) for s in family.samples} == {("delft", 2), ("hague", 5)}
    assert {s.labels["quantum_link_id"] for s in family.samples} == {"link-a"}


def test_histogram_buckets_are_cumulative(endpoint: PrometheusEndpoint) -> None:
    values = np.array([0.2, 0.9, 0.95, 2.0])
    instruments_of(endpoint, "lab").record(Samples(metric=names.METRIC_LINK_FIDELITY, attributes=LINK, values=values))
    family = scrape(endpoint)["quantum_link_fidelity"]
    buckets = {s.labels["le"]: s.value for s in family.samples if s.name.endswith("_bucket")}
    assert (buckets["0.25"], buckets["0.9"], buckets["0.95"], buckets["1.0"], buckets["+Inf"]) == (1, 2, 3, 3, 4)


def test_totals_go_on_from_scrape_to_scrape(endpoint: PrometheusEndpoint) -> None:
    instruments = instruments_of(endpoint, "lab")
    for _ in range(2):
        instruments.add(Count(metric=names.METRIC_LINK_ATTEMPTS, attributes=LINK, value=3))
        scrape(endpoint)
    assert scrape(endpoint)["quantum_link_attempts"].samples[0].value == 6


def test_a_port_in_use_is_said(endpoint: PrometheusEndpoint) -> None:
    with pytest.raises(PortInUseError, match=f"cannot serve Prometheus metrics on 127.0.0.1:{endpoint.port}"):
        PrometheusEndpoint(endpoint.port)


def test_the_alert_rules_ask_for_the_names_that_are_shown() -> None:
    for metric in load_registry().metrics.values():
        assert render_family(metric) == render_prometheus_name(metric.name, metric.unit, metric.instrument)
