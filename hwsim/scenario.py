"""A scenario as the user writes it down: a fleet, its load, timed faults, rollouts, and what should be seen.

The scenarios of the catalogue (S) and game days are such files, in `scenarios/`. A file is read to its end, its fleet
included: every offence is reported with file, key path, value and rule, and nothing starts.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Final

from hwsim.documents import InvalidFileError, Reader, is_file, open_document
from hwsim.fault import Fault, load_faults
from hwsim.fleet import FLEETS, load_fleet
from hwsim.preset import problems_of
from hwsim.rollout import Rollout, RolloutPlan
from hwsim.schedule import FaultSchedule, Injection
from hwsim.spec import DeviceSpec, FleetSpec
from model.clock import HOUR_NS
from model.errors import InvalidInputError
from model.registry import load_registry

SCENARIOS = Path(__file__).parent / "scenarios"
_LONGEST_H: Final = 100_000.0  # eleven years, so that every moment is a number of nanoseconds
_STRENGTHS = ("faint", "typical", "gross")
_NO_FLEET = FleetSpec(sites=(), devices=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A metric or event that should show what happens, on which entity, and how."""

    telemetry: str
    entity: str
    expect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Times of injections and rollouts are epoch nanoseconds with the scenario's start as 0."""

    title: str
    catalogue: str
    about: str
    fleet: FleetSpec
    duration_ns: int
    injections: tuple[Injection, ...]
    plans: tuple[RolloutPlan, ...]
    observations: tuple[Observation, ...]

    def schedule(self, start_ns: int) -> FaultSchedule:
        """Return the faults of the scenario when it starts at a moment."""
        return FaultSchedule(
            replace(i, start_ns=start_ns + i.start_ns, end_ns=None if i.end_ns is None else start_ns + i.end_ns)
            for i in self.injections
        )

    def rollouts(self, start_ns: int, schedule: FaultSchedule) -> list[Rollout]:
        """Return the rollouts, to be taken forward by whoever runs the scenario."""
        return [Rollout(replace(plan, start_ns=start_ns + plan.start_ns), schedule) for plan in self.plans]


def find_scenario(name: str) -> Path:
    """Return the file of a scenario: that of a catalogue id (memory.S3) or of a shipped name, else a path.

    Raises InvalidInputError where there is none.
    """
    shipped = SCENARIOS / f"{name.lower().replace('.', '-')}.yaml"
    path = shipped if is_file(shipped) else Path(name)
    if not is_file(path):
        raise InvalidInputError(
            f"there is no scenario {name}", remedy="see herald gameday scenarios, or give a file that exists"
        )
    return path


def load_scenario(path: Path) -> Scenario:
    """Return the scenario described in a YAML file.

    Raises InvalidFileError with everything that is wrong with the file and with its fleet.
    """
    reader = open_document(path)
    fleet = _read_fleet(reader, path)
    hours = reader.number("hours", minimum=0.1, maximum=_LONGEST_H)
    ends_h = math.inf if reader.offended("hours") else hours
    scenario = Scenario(
        title=reader.text("title"),
        catalogue=reader.text("catalogue", "-").removeprefix("-"),
        about=reader.text("about"),
        fleet=_with_load(fleet or _NO_FLEET, reader),
        duration_ns=round(hours * HOUR_NS),
        injections=tuple(_read_injection(e, fleet, ends_h) for e in reader.entries("faults", optional=True)),
        plans=tuple(_read_plan(e, fleet, ends_h) for e in reader.entries("rollouts", optional=True)),
        observations=tuple(_read_observation(e, fleet) for e in reader.entries("observe", optional=True)),
    )
    reader.finish()
    return scenario


def _read_fleet(reader: Reader, path: Path) -> FleetSpec | None:
    """Return the fleet: `fleet` names one that is shipped or a file beside the scenario."""
    name = reader.text("fleet")
    file = path.parent / name if Path(name).suffix else FLEETS / f"{name}.yaml"
    if not is_file(file):
        known = ", ".join(sorted(shipped.stem for shipped in FLEETS.glob("*.yaml")))
        reader.offend("fleet", f"must be a file beside the scenario or one of {known}")
        return None
    try:
        return load_fleet(file)
    except InvalidFileError as exc:
        reader.add(exc.offences)
        return None


def _read_injection(entry: Reader, fleet: FleetSpec | None, hours: float) -> Injection:
    fault = _read_fault(entry)
    entity = entry.text("entity")
    _check_entity(entry, "entity", entity, fault, fleet)
    at_h = _read_onset(entry, hours)
    lasts_h = entry.number("for_h", minimum=0.0, maximum=_LONGEST_H) if entry.has("for_h") else None
    if lasts_h == 0:
        entry.offend("for_h", "must be more than 0")
    return Injection(
        fault_id=fault.id if fault else "",
        entity_id=entity,
        start_ns=round(at_h * HOUR_NS),
        end_ns=None if lasts_h is None else round((at_h + lasts_h) * HOUR_NS),
        magnitude=_read_magnitude(entry, fault),
    )


def _read_plan(entry: Reader, fleet: FleetSpec | None, hours: float) -> RolloutPlan:
    fault = _read_fault(entry)
    waves = entry.lists_of_texts("waves")
    for index, wave in enumerate(waves):
        for name in wave:
            _check_entity(entry, f"waves[{index}]", name, fault, fleet)
    plan = RolloutPlan(
        fault_id=fault.id if fault else "",
        waves=waves,
        start_ns=round(_read_onset(entry, hours) * HOUR_NS),
        soak_s=entry.number("soak_h", minimum=0.0, maximum=_LONGEST_H) * 3600,
        magnitude=_read_magnitude(entry, fault),
        harmless=entry.flag("harmless"),
        gate=entry.texts("gate", ()),
    )
    for key, rule in plan.problems() if fault else ():
        entry.offend("soak_h" if key == "soak_s" else key, rule)
    return plan


def _read_fault(entry: Reader) -> Fault | None:
    name = entry.text("fault")
    fault = load_faults().get(name)
    if fault is None and name:
        entry.offend("fault", "is no fault of the catalogue")
    return fault


def _check_entity(entry: Reader, key: str, name: str, fault: Fault | None, fleet: FleetSpec | None) -> None:
    if fleet is None or not name:
        return
    kind = fleet.entities.get(name)
    if kind is None:
        entry.offend(key, "is no device of the fleet", name)
    elif fault is not None and kind != fault.strikes:
        entry.offend(key, f"is a {kind}, and {fault.id} can only strike a {fault.strikes}", name)


def _read_onset(entry: Reader, hours: float) -> float:
    at_h = entry.number("at_h", minimum=0.0, maximum=_LONGEST_H)
    if at_h >= hours and not entry.offended("at_h"):
        entry.offend("at_h", f"must be before the end of the scenario, {hours:g} hours")
    return at_h


def _read_magnitude(entry: Reader, fault: Fault | None) -> float:
    """Return a magnitude, given as a number or as `faint`, `typical` or `gross`."""
    if entry.holds_number("magnitude"):
        limits = (fault.magnitude.minimum, fault.magnitude.maximum) if fault else (0.0, float("inf"))
        return entry.number("magnitude", minimum=limits[0], maximum=limits[1])
    word = entry.one_of("magnitude", _STRENGTHS, "typical")
    return float(getattr(fault.magnitude, word)) if fault else 0.0


def _read_observation(entry: Reader, fleet: FleetSpec | None) -> Observation:
    name, registry = entry.text("telemetry"), load_registry()
    if name and name not in {*registry.metrics, *registry.events, *registry.spans}:
        entry.offend("telemetry", "is no metric, event or span of the registry")
    entity = entry.text("entity")
    _check_entity(entry, "entity", entity, None, fleet)
    return Observation(telemetry=name, entity=entity, expect=entry.text("expect"))


def _with_load(fleet: FleetSpec, reader: Reader) -> FleetSpec:
    """Return the fleet with the numbers of its demand multiplied, as the key `load` says."""
    changed = dict(fleet.by_id)
    for entry in reader.entries("load", optional=True):
        entity, number = entry.text("entity"), entry.text("number")
        factor = entry.number("factor", minimum=0.0)
        if entity not in changed:
            if fleet is not _NO_FLEET:
                entry.offend("entity", "is no device of the fleet")
            continue
        if number not in _numbers(changed[entity]):
            entry.offend("number", f"is no number of {entity}, which has {', '.join(_numbers(changed[entity]))}")
            continue
        changed[entity], part = _scaled(changed[entity], number, factor)
        for key, rule in problems_of(part):
            entry.offend("factor", f"makes {key} {getattr(part, key):g}, which {rule}")
    return replace(fleet, devices=tuple(changed[device.id] for device in fleet.devices))


def _numbers(device: DeviceSpec) -> Iterator[str]:
    for part in (device.settings, device.preset):
        if is_dataclass(part):
            yield from (field.name for field in fields(part) if _is_number(getattr(part, field.name)))


def _scaled(device: DeviceSpec, number: str, factor: float) -> tuple[DeviceSpec, Any]:
    """Return the device with one of its numbers multiplied, and its settings or preset, whichever holds it."""
    where = "settings" if hasattr(device.settings, number) else "preset"
    part: Any = getattr(device, where)
    part = replace(part, **{number: getattr(part, number) * factor})
    return replace(device, **{where: part}), part


def _is_number(value: object) -> bool:
    return isinstance(value, float)
