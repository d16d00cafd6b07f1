"""All boards, their files, and whether files that were written once still say the same."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dashboards import (
    community_debug,
    community_executive,
    community_on_call,
    home,
    incident,
    link_debug,
    link_executive,
    link_on_call,
    memory_debug,
    memory_executive,
    memory_on_call,
    network_debug,
    network_executive,
    network_on_call,
    processor_calibration,
    scaleup_debug,
    scaleup_executive,
    scaleup_on_call,
    slo_detail,
)
from dashboards.board import Board
from dashboards.provisioning import folder_of, render_datasources, render_providers
from model.files import write_text
from slo import Objective

_BOARDS = (
    home,
    memory_executive,
    memory_on_call,
    memory_debug,
    link_executive,
    link_on_call,
    link_debug,
    scaleup_executive,
    scaleup_on_call,
    scaleup_debug,
    network_executive,
    network_on_call,
    network_debug,
    community_executive,
    community_on_call,
    community_debug,
    processor_calibration,
    slo_detail,
    incident,
)


def assemble_boards(objectives: Iterable[Objective] = ()) -> tuple[Board, ...]:
    """Return every board as it is before Grafana, in the order in which a reader meets them."""
    given = tuple(objectives)
    return tuple(module.build(given) for module in _BOARDS)


def build_boards(objectives: Iterable[Objective] = ()) -> dict[str, dict[str, Any]]:
    """Return the Grafana JSON of every board by uid; targets, windows and thresholds are those of `objectives`."""
    return {board.uid: board.render() for board in assemble_boards(objectives)}


def render_files(objectives: Iterable[Objective] = ()) -> dict[str, str]:
    """Return the text of every file by its path below the output folder; the same objectives give the same bytes."""
    files = {
        f"dashboards/{folder_of(board.audience.tag)}/{board.uid}.json": (
            json.dumps(board.render(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        )
        for board in assemble_boards(objectives)
    }
    files["provisioning/datasources/herald.yaml"] = render_datasources()
    files["provisioning/dashboards/herald.yaml"] = render_providers()
    return files


def write_boards(out_dir: Path, objectives: Iterable[Objective] = ()) -> tuple[Path, ...]:
    """Write every board and the provisioning files below `out_dir` and return their paths.

    Raises DirectoryNotWritableError.
    """
    return tuple(
        write_text(out_dir / name, text, remedy="choose another directory with --out")
        for name, text in render_files(objectives).items()
    )


def check_boards(out_dir: Path, objectives: Iterable[Objective] = ()) -> tuple[str, ...]:
    """Return how `out_dir` differs from what would be written: `missing`, `changed` or `unknown` and the file."""
    expected = render_files(objectives)
    drift = [f"{state}: {name}" for name, text in expected.items() if (state := _compare(out_dir / name, text))]
    strays = (path.relative_to(out_dir).as_posix() for path in sorted((out_dir / "dashboards").rglob("*.json")))
    return (*drift, *(f"unknown: {name}" for name in strays if name not in expected))


def _compare(path: Path, text: str) -> str:
    if not path.is_file():
        return "missing"
    return "" if path.read_text(encoding="utf-8") == text else "changed"
