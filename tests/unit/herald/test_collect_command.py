"""What `herald collect` is told reaches the collector."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from collector import Caps
from herald import wiring
from herald.cli import app


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a collector that does nothing was told."""
    told: dict[str, Any] = {}
    monkeypatch.setattr(wiring, "run_collector", told.update)
    return told


@pytest.mark.parametrize(
    ("options", "caps"),
    [
        ([], Caps()),
        (
            ["--series-per-metric=3", "--series-per-tenant=4", "--series-in-all=5"],
            Caps(per_metric=3, per_tenant=4, in_all=5),
        ),
    ],
)
def test_the_caps_on_series_are_those_of_the_command_line(told, tmp_path: Path, options: list[str], caps: Caps):
    result = CliRunner().invoke(app, ["collect", f"--data={tmp_path}", *options])
    assert result.exit_code == 0, result.output
    assert told["bounds"].series == caps
