"""`herald gameday play`: a scenario lives through collector, database, engine and change management."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.running import run_herald

RELEASE = """
title: New firmware behind its gate
about: Firmware that spoils the retrieval goes to the canary; link and cooling are as they were.
fleet: memory
hours: 1.5
rollouts:
  - {fault: memory.F6, waves: [[mem-delft], [mem-hague]], at_h: 0.5, soak_h: 0.5, gate: [memory-good-retrieval]}
observe:
  - {telemetry: quantum.firmware.change, entity: mem-delft, expect: comes and goes}
  - {telemetry: quantum.memory.fidelity, entity: mem-delft, expect: falls with it and returns}
  - {telemetry: quantum.memory.fidelity, entity: mem-hague, expect: never falls}
"""

Day = dict[str, Any]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """The canary's scenario, an hour and a half of it, played once by the real command."""
    folder = tmp_path_factory.mktemp("scenario")
    (folder / "release.yaml").write_text(RELEASE)
    told = run_herald("gameday", "play", str(folder / "release.yaml"), f"--data={folder}", "--json", patience_s=600)
    assert told.returncode == 0, told.stderr
    (day,) = json.loads(told.stdout)["scenarios"]
    return dict(day)


def test_a_release_that_hurts_is_taken_back_by_its_gate_before_the_second_wave(day: Day):
    (rollout,) = day["rollouts"]
    assert (rollout["stage"], rollout["reached"]) == ("rolled_back", ["mem-delft"])
    assert "memory-good-retrieval of mem-delft" in rollout["reasons"][0]


def test_both_changes_are_told_where_they_happened(day: Day):
    (rollout,), (fault,) = day["rollouts"], day["faults"]
    assert day["observed"][0]["times"] == [fault["begins_at"], fault["ends_at"]]
    assert fault["begins_at"] < rollout["rolled_back_at"] < fault["ends_at"]
    assert fault["taken_back"]


def test_what_was_to_be_looked_at_shows_the_harm_in_figures_and_where_there_was_none(day: Day):
    _, struck, spared = day["observed"]
    assert struck["before"] - struck["during"] > 5 * abs(struck["before"] - struck["after"])
    assert abs(spared["before"] - spared["during"]) < 0.1 * (struck["before"] - struck["during"])


def test_a_scenario_that_is_not_there_is_refused_in_one_sentence(tmp_path: Path):
    told = run_herald("gameday", "play", "memory.S9", f"--data={tmp_path}")
    assert told.returncode == 2
    assert "there is no scenario memory.S9" in told.stderr
    assert "Traceback" not in told.stderr
