"""Each number of a preset at 0, and at the most it may be or 1: the device either lives with it or is refused."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from hwsim import FaultSchedule, build_sites
from hwsim.documents import InvalidFileError, Reader
from hwsim.fleet import read_fleet
from hwsim.kinds import KINDS
from hwsim.preset import limits, load_preset
from model.clock import HOUR_NS, MINUTE_NS
from tests.unit.hwsim.worlds import START_NS

BANK = {"preset": "trapped_ion", "slots": 2, "jobs_per_s": 1.0}
LINK = {"preset": "trapped_ion", "ends": ["mem", "mem"], "length_km": 1.0, "protocol": "two_click"}
DEVICES: dict[str, dict[str, Any]] = {
    "environment": {"id": "env"},
    "cryostat": {"id": "cryo", "preset": "closed_cycle", "surrounded_by": "env"},
    "controller": {"id": "ctl"},
    "memory": {"id": "mem", **BANK, "controlled_by": "ctl", "cooled_by": "cryo", "surrounded_by": "env"},
    "link": {"id": "link", **LINK, "controlled_by": "ctl", "surrounded_by": "env"},
    "qkd": {"id": "qkd", "preset": "gys", "length_km": 10.0, "controlled_by": "ctl"},
    "processor": {"id": "qpu", "preset": "manila"},
}
NEEDED = {"memory": ("environment", "cryostat", "controller"), "qkd": ("controller",), "processor": ()}
NEEDED |= {"link": (*NEEDED["memory"], "memory"), "environment": (), "cryostat": ("environment",), "controller": ()}


def numbers(preset: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """Yield the way to each number of a preset, as an override would go."""
    for field in fields(preset):
        value = getattr(preset, field.name)
        if isinstance(value, float):
            yield (*path, field.name)
        elif is_dataclass(value):
            yield from numbers(value, *path, field.name)
        elif isinstance(value, dict):
            yield from (way for name, part in value.items() for way in numbers(part, *path, name))
        elif isinstance(value, tuple):
            yield from (way for part in value for way in numbers(part, *path, field.name, part.name))


def cases() -> Iterator[tuple[str, tuple[str, ...], float]]:
    for kind, entry in DEVICES.items():
        preset = load_preset(kind, entry.get("preset", "standard"), KINDS[kind].preset_type)
        for way in numbers(preset):
            yield from ((kind, way, extreme) for extreme in {0.0, min(limits(way[-1])[1], 1.0)})


@pytest.mark.parametrize(("kind", "way", "extreme"), sorted(cases()), ids=str)
def test_a_number_at_its_limit_is_lived_with_or_refused(kind, way, extreme):
    override: Any = extreme
    for key in reversed(way):
        override = {key: override}
    chosen = [{"kind": each, **DEVICES[each]} for each in NEEDED[kind]] + [
        {"kind": kind, **DEVICES[kind], "override": override}
    ]
    reader = Reader({"sites": [{"id": "lab", "devices": chosen}]}, place="here")
    try:
        fleet = read_fleet(reader)
        reader.finish()
    except InvalidFileError:
        return
    (site,) = build_sites(fleet, seed=1, start_ns=START_NS, faults=FaultSchedule())
    levels = site.record(START_NS + HOUR_NS, MINUTE_NS).levels
    assert all(np.isfinite(track.values).all() for track in levels)
