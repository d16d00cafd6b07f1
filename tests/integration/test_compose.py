"""Compose itself accepts the compose file, and refuses it without passwords."""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import or_skip
from tests.services.compose import find_compose

ROOT = Path(__file__).parents[2]
EMPTY = (ROOT / ".env.example").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def compose() -> list[str]:
    return or_skip(find_compose)


def check(compose: list[str], environment: Path) -> subprocess.CompletedProcess[str]:
    argv = [*compose, "--env-file", str(environment), "config", "-q"]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)


def test_compose_accepts_the_file(compose: list[str], tmp_path: Path):
    (tmp_path / "env").write_text(EMPTY.replace("=", "=secret"))
    done = check(compose, tmp_path / "env")
    assert (done.returncode, done.stderr) == (0, "")


def test_compose_refuses_to_start_without_passwords(compose: list[str], tmp_path: Path):
    (tmp_path / "env").write_text(EMPTY)
    done = check(compose, tmp_path / "env")
    assert done.returncode != 0
    assert "set it in .env" in done.stderr
