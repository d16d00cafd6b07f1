"""Files that stand in the repository and are generated: compared by tests, rewritten by one command."""

import os
from pathlib import Path


def assert_generated(path: Path, text: str) -> None:
    """Hold `path` against the text that generating it gives now; with HERALD_REWRITE=1 (`make generate`) write it."""
    if os.environ.get("HERALD_REWRITE") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    current = path.read_text(encoding="utf-8") if path.exists() else ""
    assert current == text, f"{path.name} is not what its generator writes: run make generate and look at the change"
