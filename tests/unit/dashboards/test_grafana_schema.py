"""Grafana's own SDK reads every board and writes it again without dropping a key: what it drops, Grafana ignores."""

import json
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins

from tests.unit.dashboards.rendered import Json, each_board

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # the model of files that Grafana provisions is "old" to it
    from grafana_foundation_sdk.models.dashboard import Dashboard


@pytest.fixture(scope="module", autouse=True)
def _plugins():
    register_default_plugins()


def keys(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"{path}.{key}"
            yield from keys(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from keys(item, f"{path}[{index}]")


@each_board
def test_sdk_keeps_every_key(board: Json):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        again = json.loads(json.dumps(Dashboard.from_json(board), cls=JSONEncoder))
    assert set(keys(board)) - set(keys(again)) == set()
