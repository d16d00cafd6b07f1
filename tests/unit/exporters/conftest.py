"""A collector that listens while the test runs."""

from collections.abc import Iterator

import pytest

from tests.unit.exporters.doors import RecordingCollector


@pytest.fixture
def collector() -> Iterator[RecordingCollector]:
    with RecordingCollector() as running:
        yield running
