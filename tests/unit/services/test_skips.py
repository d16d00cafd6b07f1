"""With CI=true a skip is a failure; without it the reason is shown."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SKIPPING = """
import pytest
def test_needs_a_service(): pytest.skip("no service; install it")
"""
SKIPPED_MODULE = 'import pytest\npytest.skip("no module; install it", allow_module_level=True)\n'


def run_pytest(folder: Path, text: str, *, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text("from tests.conftest import *\n")
    (folder / "test_it.py").write_text(text)
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)]
    return subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("text", [SKIPPING, SKIPPED_MODULE])
def test_a_skip_fails_where_everything_must_run(tmp_path: Path, text: str):
    done = run_pytest(tmp_path, text, ci="true")
    assert done.returncode != 0
    assert "CI=true allows no skip" in done.stdout


def test_a_skip_says_its_reason_elsewhere(tmp_path: Path):
    done = run_pytest(tmp_path, SKIPPING, ci="")
    assert done.returncode == 0
    assert "no service; install it" in done.stdout
