"""Platform presets: the numbers of a kind of hardware, read from `presets/<kind>/<name>.yaml`, each with its source.

A fleet file may override single numbers of a device. Limits follow from the names: shares, probabilities and
efficiencies lie in 0..1, what recurs or is forgotten takes a second at least, no temperature is absolute zero, and
everything else is not negative. A preset class may add rules of its own in `problems`.
"""

import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from hwsim.documents import Reader, is_file, open_document
from model.errors import InvalidInputError

PRESETS = Path(__file__).parent / "presets"
_SHARES = (
    "probability", "efficiency", "fidelity", "success", "visibility", "share", "population", "transmission", "error",
    "swing",
)  # fmt: skip
_PERIODS = ("correlation_s", "heartbeat_s", "report_s", "rotation_s")
_TEMPERATURES = ("temperature_k", "reference_k", "outgassing_k")
_COLDEST_K = 1e-6


def limits(name: str) -> tuple[float, float]:
    """Return the least and the largest value that a number of this name may have.

    >>> limits("write_efficiency"), limits("t2_s")
    ((0.0, 1.0), (0.0, inf))
    """
    if name.endswith(_SHARES):
        return 0.0, 1.0
    least = 1.0 if name.endswith(_PERIODS) else _COLDEST_K if name.endswith(_TEMPERATURES) else 0.0
    return least, math.inf


@cache
def load_preset(kind: str, name: str, preset_type: Any, folder: Path = PRESETS) -> Any:
    """Return the preset of that name for a kind of device.

    Raises InvalidInputError for an unknown name, or with everything that is wrong with the file.
    """
    path = folder / kind / f"{name}.yaml"
    if not is_file(path):
        known = ", ".join(sorted(file.stem for file in (folder / kind).glob("*.yaml")))
        raise InvalidInputError(f"unknown preset {name!r} of a {kind}", remedy=f"choose one of {known}")
    reader = open_document(path)
    reader.text("title")
    preset = preset_type.read(reader) if hasattr(preset_type, "read") else read_numbers(preset_type, reader)
    _offend_problems(preset, reader)
    reader.finish()
    return preset


def read_numbers(preset_type: type[Any], reader: Reader) -> Any:
    """Return a dataclass whose every field is a number of the mapping."""
    numbers = {}
    for field in fields(preset_type):
        minimum, maximum = limits(field.name)
        numbers[field.name] = reader.number(field.name, minimum=minimum, maximum=maximum)
    return preset_type(**numbers)


def override_numbers(preset: Any, reader: Reader) -> Any:
    """Return the preset with the numbers that a fleet file gives instead; offences are noted in the reader.

    The file is laid out as the preset is, except that the parts of a list go by their names.
    """
    changed: dict[str, Any] = {}
    for field in fields(preset):
        value = getattr(preset, field.name)
        if isinstance(value, dict):  # its parts stand beside the other numbers of the preset
            changed[field.name] = _override_parts(value, reader)
        elif reader.has(field.name) and isinstance(value, tuple):
            named = _override_parts({part.name: part for part in value}, reader.entry(field.name))
            changed[field.name] = tuple(named.values())
        elif reader.has(field.name) and is_dataclass(value):
            changed[field.name] = override_numbers(value, reader.entry(field.name))
        elif reader.has(field.name) and isinstance(value, float):
            minimum, maximum = limits(field.name)
            changed[field.name] = reader.number(field.name, minimum=minimum, maximum=maximum)
    overridden = replace(preset, **changed)
    _offend_problems(overridden, reader)
    return overridden


def _override_parts(parts: dict[str, Any], reader: Reader) -> dict[str, Any]:
    return {
        name: override_numbers(part, reader.entry(name)) if reader.has(name) else part for name, part in parts.items()
    }


def problems_of(part: Any) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the numbers of a preset or of settings, alone or together: key and rule."""
    for field in fields(part):
        value, (minimum, maximum) = getattr(part, field.name), limits(field.name)
        if isinstance(value, float) and not (math.isfinite(value) and minimum <= value <= maximum):
            yield field.name, f"must be a number of {minimum:g} to {maximum:g}"
    if hasattr(part, "problems"):
        yield from part.problems()


def _offend_problems(preset: Any, reader: Reader) -> None:
    for key, rule in preset.problems() if hasattr(preset, "problems") else ():
        reader.offend(key, rule, getattr(preset, key))
