"""Scheduled silence: at these times nobody hears of alerts with these labels. Read from a YAML file.

    - name: thursday-calibration
      matchers: {device: mem-delft}                 # regular expressions; all must match the whole value
      times:                                        # as Alertmanager's time_intervals
        - {weekdays: [thursday], times: [{start_time: "08:00", end_time: "10:00"}], location: Europe/Amsterdam}

A schedule is a promise. What a device really does is told by `DeviceCalibrating`, which inhibits its alerts as long
as the calibration lasts, and what its budget is spared by `herald exclude`; neither needs this file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from model.errors import InvalidInputError
from model.yaml_text import parse_yaml

_REMEDY = "write a list of name, matchers and times"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """One schedule."""

    name: str
    matchers: Mapping[str, str]
    times: tuple[Mapping[str, Any], ...]


def load_mutes(path: Path) -> tuple[Mute, ...]:
    """Return the schedules in a file; raises InvalidInputError with every one that lacks something."""
    try:
        entries = parse_yaml(path.read_text(encoding="utf-8")) or []
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise InvalidInputError(f"cannot read {path}: {exc}", remedy=_REMEDY) from exc
    if not isinstance(entries, list):
        raise InvalidInputError(f"{path} is no list", remedy=_REMEDY)
    wrong = [number + 1 for number, entry in enumerate(entries) if not _is_whole(entry)]
    if wrong:
        raise InvalidInputError(
            f"{path}: entries {', '.join(map(str, wrong))} need name, matchers and times",
            remedy=_REMEDY,
        )
    return tuple(Mute(name=e["name"], matchers=e["matchers"], times=tuple(e["times"])) for e in entries)


def _is_whole(entry: object) -> bool:
    return isinstance(entry, dict) and all(entry.get(key) for key in ("name", "matchers", "times"))
