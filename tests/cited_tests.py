"""Documents that say which test shows something name it as `path::function`, or `path::function[case]`."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
CITED = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+)(?:\[[^`]*\])?)?`")


def missing_tests(text: str) -> list[str]:
    """Return the tests that `text` names and that do not exist, and whole files where it names no test of theirs."""
    return [f"{path}::{name}" for path, name in CITED.findall(text) if not name or f"def {name}(" not in _read(path)]


def _read(path: str) -> str:
    file = ROOT / path
    return file.read_text(encoding="utf-8") if file.is_file() else ""
