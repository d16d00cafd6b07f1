"""`herald postmortem` of a stretch of time: whom and what it can be about, and refusals that write nothing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from herald.cli import app
from model.clock import HOUR_NS, format_time
from model.errors import InvalidInputError
from tests.integration.lived_fleet import HISTORY_NS, INCIDENT, NOW_NS

RANGE = ("--from", format_time(INCIDENT.start_ns), "--to", format_time(INCIDENT.end_ns))
MEMORY = ("--device", "mem-delft")
BEFORE_ALL = ("--from", "2026-09-20T01:00Z", "--to", "2026-09-20T02:00Z")
AFTER_ALL = ("--from", "2026-09-22T01:00Z", "--to", "2026-09-22T02:00Z")


@pytest.fixture(scope="module")
def database(lived_fleet: Callable[[str], str], embedded_server_url: str) -> str:
    return lived_fleet(embedded_server_url)


def write(database: str, *words: object) -> Result:
    line = ["postmortem", *map(str, words), "--database", database]
    return CliRunner().invoke(app, line, catch_exceptions=False)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((*RANGE, "--device", "mem-delf"), "speaks of 'mem-delf'.*did you mean mem-delft"),
        ((*RANGE, "--device", "qxzw"), "speaks of 'qxzw'.*known are .*mem-"),
        ((*RANGE, "--device", ""), "speaks of ''.*known are "),
        (
            (*MEMORY, *BEFORE_ALL),
            "nothing is known of the time from 2026-09-20T01.*times between 2026-09-21T02",
        ),
        ((*MEMORY, *AFTER_ALL), "nothing is known of the time from 2026-09-22T01.*and 2026-09-21T05:30:00Z"),
        ((*MEMORY, "--from", RANGE[3], "--to", RANGE[1]), "swap the two times"),
        ((*MEMORY, "--from", RANGE[1], "--to", RANGE[1]), "a minute at least"),
        ((*MEMORY, "--from", RANGE[1], "--to", "2026-09-21T04:20:30Z"), "a minute at least"),
        ((*MEMORY, "--from", RANGE[1]), "--from and --to"),
        ((*MEMORY, "--alert", "1"), "--device: says whom a time is about"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_nothing_is_known_of_is_refused_and_nothing_is_written(
    database: str, tmp_path: Path, words: tuple[str, ...], why: str
):
    with pytest.raises(InvalidInputError, match=why) as refused:
        write(database, *words, "--into", tmp_path / "reports")
    assert refused.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_it_goes_to_one_place(database: str, tmp_path: Path):
    with pytest.raises(InvalidInputError, match="one of --out and --into"):
        write(database, *RANGE, *MEMORY, "--into", tmp_path, "--out", tmp_path / "it.md")


def test_what_of_a_time_was_not_judged_is_left_out_and_said(database: str):
    end = format_time(NOW_NS + HOUR_NS)
    written = write(database, *MEMORY, "--from", RANGE[1], "--to", end, "--format", "json")
    assert "the rest of that time is left out" in written.stderr
    assert json.loads(written.stdout)["incident"]["resolved_at"] == format_time(NOW_NS)
    assert write(database, *MEMORY, *RANGE, "--format", "json").stderr == ""


def test_a_time_that_begins_before_everything_begins_with_the_first_minute(database: str):
    written = write(database, *MEMORY, "--from", "2026-09-20T01:00Z", "--to", RANGE[3], "--format", "json")
    began = json.loads(written.stdout)["incident"]["impact_at"]
    assert format_time(NOW_NS - HISTORY_NS) <= began < RANGE[1]
