"""Which objectives a command works with."""

from pathlib import Path

from alert_rules import load_shipped_objectives
from model.errors import InvalidInputError
from slo import Objective
from slo.openslo import load_objectives


def load_shipped_or(folder: Path | None) -> tuple[Objective, ...]:
    """Return the objectives in a folder, or those that come with Herald."""
    if folder is None:
        return load_shipped_objectives()
    files = sorted(folder.glob("*.y*ml"))
    if not files:
        raise InvalidInputError(f"there is no objective file in {folder}", remedy="give a folder of OpenSLO files")
    return load_objectives(files)
