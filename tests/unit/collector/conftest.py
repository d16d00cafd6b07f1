"""A collector that runs: a spool in a temporary directory, a consumer in memory, both doors on free ports."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3

from collector import CollectorServer, DrainSettings, Limits, Pipeline, Spool
from collector.testing import MemoryConsumer

QUICK = DrainSettings(group_interval_s=0.0, first_retry_s=0.01, longest_retry_s=0.05, idle_probe_s=0.2)
BODY_LIMIT = 100_000


@dataclass
class Running:
    consumer: MemoryConsumer
    pipeline: Pipeline
    http: str
    grpc: str


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path / "spool")
    yield opened
    opened.close()


@pytest.fixture
def running(spool: Spool) -> Iterator[Running]:
    consumer = MemoryConsumer()
    with (
        Pipeline(spool, consumer, settings=QUICK) as pipeline,
        CollectorServer("127.0.0.1:0", "127.0.0.1:0", pipeline, limits=Limits(body_bytes=BODY_LIMIT)) as server,
    ):
        yield Running(consumer, pipeline, f"http://127.0.0.1:{server.http_port}", f"127.0.0.1:{server.grpc_port}")


@pytest.fixture
def http() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False) as pool:
        yield pool
