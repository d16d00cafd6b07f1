"""Calibration snapshots of a small processor, as a provider of other names would have written them."""

import json
import re
from datetime import datetime
from pathlib import Path

PAIR = Path(__file__).parent / "unit" / "exporters" / "data" / "props_pair.json"


def write_snapshot(folder: Path, backend: str, measured: datetime) -> Path:
    """Write the small snapshot as another backend's, with every value measured at one time; return its path."""
    text = re.sub(r'"date": "[^"]*"', f'"date": "{measured.isoformat()}"', PAIR.read_text(encoding="utf-8"))
    path = folder / f"props_{backend}.json"
    path.write_text(json.dumps(json.loads(text) | {"backend_name": backend}), encoding="utf-8")
    return path
