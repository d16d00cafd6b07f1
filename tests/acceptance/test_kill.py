"""kill -9 of the collector and of its database connection, while agents send: nothing is lost, nothing is doubled."""

import os
import random
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from prometheus_client.parser import text_string_to_metric_families

from exporters import LiveExporter, PrometheusEndpoint, build_simulated_sources, render_prometheus_name, run_agent
from exporters.prometheus_endpoint import render_label
from model import names
from model.clock import RealClock
from model.readings import Readings
from store.database import connect
from tests.acceptance.collecting import CollectorProcess

SEED = int(os.environ.get("HERALD_KILL_SEED", "11"))
KILLS = 3
PATIENCE_S = 60.0

Found = TypeVar("Found")
Totals = dict[tuple[str, frozenset[tuple[str, str]]], float]
"""What a counter or the number of samples in a histogram has come to, by Prometheus name and labels."""


class CountingExporter:
    """Takes readings for an exporter and remembers how many events and spans were among them."""

    def __init__(self, exporter: LiveExporter) -> None:
        self.exporter = exporter
        self.events = self.spans = 0

    def take(self, readings: Readings) -> None:
        self.exporter.take(readings)
        self.events += len(readings.happenings)
        self.spans += len(readings.stages)


class LiveFleet:
    """The shipped simulated fleet, live, in threads of this process, with its own count of everything it says."""

    def __init__(self, url: str) -> None:
        self._stop = threading.Event()
        self._endpoint = PrometheusEndpoint(0)
        sources = build_simulated_sources(seed=7, start_ns=time.time_ns())
        self._exporters = [
            LiveExporter(
                source.site, url, export_interval_s=0.1, prometheus=self._endpoint, say=lambda _sentence: None
            )
            for source in sources
        ]
        self._counting = [CountingExporter(exporter) for exporter in self._exporters]
        self._threads = [
            threading.Thread(target=run_agent, args=(*pair, RealClock(), 0.05), kwargs={"stop": self._stop})
            for pair in zip(sources, self._counting, strict=True)
        ]
        for thread in self._threads:
            thread.start()

    def fall_silent(self) -> None:
        """Read nothing more."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def deliver(self) -> bool:
        """Return whether the collector has taken everything."""
        return all(exporter.flush(PATIENCE_S) for exporter in self._exporters)

    def losses(self) -> int:
        """Return how many requests or items were given up."""
        tallies = [exporter.tally for exporter in self._exporters]
        return sum(tally.refused + tally.dropped + tally.rejected_items for tally in tallies)

    def totals(self) -> Totals:
        """Return what the Prometheus endpoint shows."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._endpoint.port}/metrics") as response:
            families = text_string_to_metric_families(response.read().decode())
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
            if sample.name.endswith(("_total", "_count"))
        }

    def happened(self) -> dict[str, int]:
        """Return how many events and spans were handed over."""
        return {
            "event": sum(counting.events for counting in self._counting),
            "span": sum(counting.spans for counting in self._counting),
        }

    def close(self) -> None:
        self.fall_silent()
        for exporter in self._exporters:
            exporter.shutdown(0.0)
        self._endpoint.close()


@pytest.fixture
def fleet(collector: CollectorProcess) -> Iterator[LiveFleet]:
    fleet = LiveFleet(collector.grpc_url)
    yield fleet
    fleet.close()


def stored_totals(database: str) -> Totals:
    """Return the sums of what is stored, under the names and labels that Prometheus knows them by."""
    totals: Totals = defaultdict(float)
    with connect(database) as connection:
        numbers = connection.execute(
            "select metric, unit, attributes, site, sum(value) from point join series on id = series_id"
            " where kind = 'sum' and temporality = 'delta' group by id"
        ).fetchall()
        histograms = connection.execute(
            "select metric, unit, attributes, site, sum(count) from histogram join series on id = series_id"
            " where temporality = 'delta' group by id"
        ).fetchall()
    for rows, instrument, suffix in ((numbers, "counter", "_total"), (histograms, "histogram", "_count")):
        for metric, unit, attributes, site, total in rows:
            labels = {render_label(key): str(value) for key, value in attributes.items()}
            labels[render_label(names.ATTR_SITE_ID)] = site
            key = render_prometheus_name(metric, unit, instrument) + suffix, frozenset(labels.items())
            totals[key] += float(total)
    return dict(totals)


def stored_happened(database: str) -> dict[str, int]:
    """Return how many events and spans are stored."""
    with connect(database) as connection:
        counts = connection.execute("select (select count(*) from event), (select count(*) from span)").fetchall()
    return dict(zip(("event", "span"), counts[0], strict=True))


def wait_for(ask: Callable[[], Found], expected: Found) -> Found:
    """Return the answer once it is as expected, or whatever it is when the time is up."""
    deadline = time.monotonic() + PATIENCE_S
    while (answer := ask()) != expected and time.monotonic() < deadline:
        time.sleep(0.1)
    return answer


def terminate_writer(database: str) -> None:
    """Kill the PostgreSQL backend of the collector, as soon as it has one."""
    with connect(database) as connection:
        while not connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'herald writer' and datname = current_database()"
        ).fetchall():
            time.sleep(0.01)


def test_nothing_is_lost_or_doubled_by_kills(database: str, collector: CollectorProcess, fleet: LiveFleet) -> None:
    chance = random.Random(SEED)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.0, 1.0))
        collector.kill()
        collector.start()
        time.sleep(chance.uniform(0.0, 1.0))
        if chance.random() < 0.3:  # once in a while it has hardly begun to read its spool
            collector.kill()
            collector.start()
        collector.wait_until_ready()
    for _ in range(KILLS):
        terminate_writer(database)
        time.sleep(chance.uniform(0.0, 0.3))
    fleet.fall_silent()
    assert fleet.deliver()
    assert fleet.losses() == 0
    totals, happened = fleet.totals(), fleet.happened()
    assert len(totals) > 20
    assert wait_for(lambda: stored_totals(database), totals) == totals
    assert wait_for(lambda: stored_happened(database), happened) == happened
