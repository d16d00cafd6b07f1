"""The command line explains itself, and `--json` is one document on stdout with everything else on stderr."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from herald.cli import app
from tests.acceptance.running import Platform, run_herald


def commands(group: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """Yield the path of every command that does something."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


COMMANDS = sorted(commands(typer.main.get_command(app)))


def test_the_commands_of_the_contract_exist():
    contract = "up agents collect engine web report postmortem query note audit"
    groups = {
        "db": "migrate status",
        "token": "create list revoke",
        "import": "ibm-properties",
        "slo": "check list status gate history",
        "exclude": "add list revoke",
        "incident": "list show open acknowledge mitigate resolve",
        "rules": "build",
        "dashboards": "build",
        "gameday": "list run",
        "fault": "list inject clear",
    }
    expected: set[tuple[str, ...]] = {(name,) for name in contract.split()}
    expected |= {(group, name) for group, names in groups.items() for name in names.split()}
    assert expected <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(command: tuple[str, ...]):
    shown = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert f"Example: herald {' '.join(command)}" in shown.stdout


@pytest.mark.parametrize("spelling", ["-h", "--help"])
def test_the_root_lists_every_command(spelling: str):
    shown = CliRunner().invoke(app, [spelling], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert all(f" {command[0]} " in shown.stdout for command in COMMANDS)


@pytest.mark.parametrize(
    ("command", "keys"),
    [
        ("slo status", {"as_of", "objectives"}),
        ("db status", {"applied", "pending", "timescale"}),
        ("fault list", {"faults", "injected"}),
    ],
)
def test_json_of_a_running_platform_is_one_document(platform: Platform, command: str, keys: set[str]):
    done = platform.herald(*command.split(), "--json")
    assert (done.returncode, set(json.loads(done.stdout)), done.stderr) == (0, keys, "")


@pytest.mark.parametrize(("command", "key"), [("slo list", "objectives"), ("gameday list", "faults")])
def test_json_that_needs_no_platform_is_one_document(command: str, key: str):
    done = run_herald(*command.split(), "--json")
    assert (done.returncode, set(json.loads(done.stdout)), done.stderr) == (0, {key}, "")


def test_json_of_a_refusal_is_a_document_too():
    done = run_herald("slo", "check", "nowhere.yaml", "--json")
    (file,) = json.loads(done.stdout)["files"]
    assert (done.returncode, file["valid"], done.stderr) == (1, False, "")


def test_a_message_beside_json_goes_to_stderr():
    done = run_herald("import", "ibm-properties", "nowhere.json", "--json")
    assert (done.returncode, json.loads(done.stdout)["files_refused"]) == (2, 1)
    assert "nowhere.json: cannot be read" in done.stderr
