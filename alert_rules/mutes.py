"""Scheduled silence: at these times nobody hears of alerts with these labels. Read from a YAML file.

    - name: thursday-calibration
      matchers: {device: mem-delft}                 # regular expressions; all must match the whole value
      times:                                        # as Alertmanager's time_intervals
        - {weekdays: [thursday], times: [{start_time: "08:00", end_time: "10:00"}], location: Europe/Amsterdam}

A schedule is a promise. What a device really does is told by `DeviceCalibrating`, which inhibits its alerts as long
as the calibration lasts, and what its budget is spared by `herald exclude`; neither needs this file.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from model.errors import InvalidInputError
from model.yaml_text import parse_yaml_with_repeats

_REMEDY = "write a list of name, matchers and times"
_KEYS = {"name", "matchers", "times"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """One schedule."""

    name: str
    matchers: Mapping[str, str]
    times: tuple[Mapping[str, Any], ...]


def load_mutes(path: Path) -> tuple[Mute, ...]:
    """Return the schedules in a file; raises InvalidInputError with all that is wrong in it.

    What an expression or a time says is Alertmanager's to judge.
    """
    try:
        entries, repeated = parse_yaml_with_repeats(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as exc:
        raise InvalidInputError(f"cannot read {path}: {exc}", remedy=_REMEDY) from exc
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise InvalidInputError(f"{path} is no list", remedy=_REMEDY)
    if offences := [*map(str, repeated), *_offences(entries)]:
        raise InvalidInputError("\n".join(f"{path}: {offence}" for offence in offences), remedy=_REMEDY)
    return tuple(Mute(name=e["name"], matchers=e["matchers"], times=tuple(e["times"])) for e in entries)


def _offences(entries: Sequence[object]) -> Iterator[str]:
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict) or set(entry) != _KEYS:
            yield f"[{index}] needs name, matchers and times, and nothing else"
        elif offence := _offence(entry):
            yield f"[{index}].{offence}"
    names = Counter(str(entry.get("name")) for entry in entries if isinstance(entry, dict))
    yield from (f"the name {name} is given {count} times" for name, count in names.items() if count > 1)


def _offence(entry: Mapping[str, object]) -> str:
    """Return what is wrong with the first of an entry's values that is of no use to Alertmanager."""
    name, matchers, times = (entry[key] for key in ("name", "matchers", "times"))
    if not _are_texts(name):
        return "name must be a text"
    if not isinstance(matchers, dict) or not matchers or not _are_texts(*matchers, *matchers.values()):
        return "matchers must map labels to regular expressions"
    if not isinstance(times, list) or not times or not all(isinstance(each, dict) for each in times):
        return "times must be a list of mappings"
    return ""


def _are_texts(*values: object) -> bool:
    return all(isinstance(value, str) and value for value in values)
