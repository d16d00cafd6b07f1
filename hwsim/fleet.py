"""What a simulated fleet consists of, as the user writes it down: sites with devices of many kinds.

A file is read to its end: every offence of all sites and devices is reported together, each with its key path, and
nothing starts. Relations stand with the device that is acted on: `cooled_by`, `controlled_by`, `fed_by`, `hosted_by`,
`routed_by`, `surrounded_by`, `watched_by`, each an id or a list of ids.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwsim.documents import Reader, open_document
from hwsim.kind import Kind
from hwsim.kinds import KINDS
from hwsim.preset import load_preset, override_numbers
from hwsim.spec import DeviceSpec, FleetSpec
from model.errors import InvalidInputError
from model.topology import Relation

FLEETS = Path(__file__).parent / "fleets"
DEFAULT_FLEET = FLEETS / "default.yaml"
_RELATIONS = {
    "cooled_by": Relation.COOLS,
    "controlled_by": Relation.CONTROLS,
    "fed_by": Relation.FEEDS,
    "hosted_by": Relation.HOSTS,
    "routed_by": Relation.ROUTES,
    "surrounded_by": Relation.SURROUNDS,
    "watched_by": Relation.WATCHES,
}
_ACTORS = {Relation.COOLS: "cryostat", Relation.SURROUNDS: "environment", Relation.WATCHES: "agent"}
"""What alone can act in a relation; in the others several kinds can."""
DEFAULT_PRESET = "standard"


def load_fleet(path: Path | None = None) -> FleetSpec:
    """Return the fleet described in a YAML file; `None` is the shipped default.

    Raises InvalidInputError with everything that is wrong with the file.
    """
    path = path or DEFAULT_FLEET
    reader = open_document(path)
    fleet = read_fleet(reader)
    reader.finish()
    return fleet


def read_fleet(reader: Reader) -> FleetSpec:
    """Read the key `sites` of a document; offences are noted in the reader."""
    sites: list[str] = []
    read: list[tuple[DeviceSpec, Reader]] = []
    undescribed: set[str] = set()
    for entry in reader.entries("sites"):
        sites.append(entry.text("id"))
        read += _read_devices(sites[-1], entry, undescribed)
    fleet = FleetSpec(sites=tuple(sites), devices=tuple(device for device, _ in read))
    _check_ids(fleet, reader)
    for device, device_reader in read:
        _check_sources(device, fleet, device_reader, undescribed)
    return fleet


def _read_devices(site: str, entry: Reader, undescribed: set[str]) -> Iterator[tuple[DeviceSpec, Reader]]:
    """Yield the devices of a site; the ids of those of an unknown kind, whose keys mean nothing, are noted."""
    for reader in entry.entries("devices"):
        name = reader.text("kind")
        if name not in KINDS:
            reader.offend("kind", f"must be one of {', '.join(KINDS)}")
            undescribed.add(reader.text("id"))
            reader.ignore()
            continue
        kind = KINDS[name]
        settings = kind.read_settings(reader)
        sources = [*_read_sources(reader)]
        named = [name for name, _ in kind.references(settings)]
        sources += [(Relation.FEEDS, name) for name in dict.fromkeys(named) if (Relation.FEEDS, name) not in sources]
        yield (
            DeviceSpec(
                kind=kind.name,
                id=reader.text("id"),
                site=site,
                preset=_read_preset(kind, reader),
                settings=settings,
                sources=tuple(sources),
                tenants=kind.tenants(settings),
            ),
            reader,
        )


def _read_sources(reader: Reader) -> Iterator[tuple[Relation, str]]:
    for key, relation in _RELATIONS.items():
        if reader.has(key):
            for name in reader.texts(key) if reader.holds_list(key) else (reader.text(key),):
                yield relation, name


def _read_preset(kind: Kind, reader: Reader) -> Any:
    name = reader.text("preset", DEFAULT_PRESET)
    override = reader.entry("override") if reader.has("override") else None
    try:
        preset = load_preset(kind.name, name, kind.preset_type)
    except InvalidInputError as exc:
        reader.offend("preset", str(exc), name)
        return None
    return preset if override is None else override_numbers(preset, override)


def _check_ids(fleet: FleetSpec, reader: Reader) -> None:
    for name, times in Counter([*fleet.sites, *(device.id for device in fleet.devices)]).items():
        if times > 1:
            reader.offend("sites", f"is the id of {times} entities and must be of one", name)


def _check_sources(device: DeviceSpec, fleet: FleetSpec, reader: Reader, undescribed: set[str]) -> None:
    kind = KINDS[device.kind]
    keys = {relation: key for key, relation in _RELATIONS.items()}
    for name, allowed in kind.references(device.settings):
        if name not in undescribed and fleet.entities.get(name) not in allowed:
            reader.offend("", f"must name only {' or '.join(allowed)} of the fleet", name)
    named = [name for name, _ in kind.references(device.settings)]
    for relation, name in device.sources:
        actor, known = _ACTORS.get(relation), fleet.entities.get(name)
        if name not in {*fleet.entities, *undescribed, *named}:
            reader.offend(keys[relation], "is no device of the fleet", name)
        elif known is not None and actor not in (None, known):
            reader.offend(keys[relation], f"must be a device of kind {actor}, not {known}", name)
    for relation, allowed in kind.needs:
        source = device.source(relation)
        if source is None:
            reader.offend(keys[relation], f"is missing: a {kind.name} needs a {' or '.join(allowed)}")
        elif fleet.entities.get(source) not in (None, *allowed):
            reader.offend(keys[relation], f"must be a {' or '.join(allowed)}, not a {fleet.entities[source]}", source)
    for key, rule in kind.misfits(device.settings, fleet):
        reader.offend(key, rule)
