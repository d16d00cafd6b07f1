"""Of several engines on one database one leads, and another takes over when it is gone."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from store import Leadership

PATIENCE_S = 120.0


def wait_until(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()


def test_one_candidate_leads_until_its_connection_is_gone(database: str) -> None:
    with Leadership(database) as first, Leadership(database) as second:
        assert (first.stand(), second.stand(), first.stand()) == (True, False, True)
        first.close()
        assert wait_until(second.stand)
        assert first.stand() is False


def start_engine(database: str, log: Path) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-m", "herald", "engine", "--database", database]
    with log.open("wb") as said:
        return subprocess.Popen(argv, stdout=said, stderr=subprocess.STDOUT)


def test_a_second_engine_takes_over_when_the_first_is_killed(database: str, tmp_path: Path) -> None:
    logs = [tmp_path / "first.log", tmp_path / "second.log"]

    def leads(log: Path) -> bool:
        return b"engine: leads" in log.read_bytes()

    first = start_engine(database, logs[0])
    assert wait_until(lambda: leads(logs[0])), logs[0].read_text()
    second = start_engine(database, logs[1])
    try:
        time.sleep(4.0)  # it stands as soon as it has started
        assert not leads(logs[1])
        first.kill()
        assert wait_until(lambda: leads(logs[1])), logs[1].read_text()
    finally:
        for engine in (first, second):
            engine.kill()
            engine.wait()
