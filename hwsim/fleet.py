"""What a simulated fleet consists of, as the user writes it down: sites with devices of many kinds.

A file is read to its end: every offence of all sites and devices is reported together, each with its key path, and
nothing starts. Relations stand with the device that is acted on: `cooled_by`, `controlled_by`, `fed_by`, `hosted_by`,
`routed_by`, `surrounded_by`, `watched_by`, each an id or a list of ids.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwsim.documents import Reader, read_document
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
DEFAULT_PRESET = "standard"


def load_fleet(path: Path | None = None) -> FleetSpec:
    """Return the fleet described in a YAML file; `None` is the shipped default.

    Raises InvalidInputError with everything that is wrong with the file.
    """
    path = path or DEFAULT_FLEET
    reader = Reader(read_document(path), place=str(path))
    fleet = read_fleet(reader)
    reader.finish()
    return fleet


def read_fleet(reader: Reader) -> FleetSpec:
    """Read the key `sites` of a document; offences are noted in the reader."""
    sites, read = [], []
    for entry in reader.entries("sites"):
        site = entry.text("id")
        sites.append(site)
        read += [(device, device_reader) for device, device_reader in _read_devices(site, entry)]
    fleet = FleetSpec(sites=tuple(sites), devices=tuple(device for device, _ in read))
    _check_ids(fleet, reader)
    for device, device_reader in read:
        _check_sources(device, fleet, device_reader)
    return fleet


def _read_devices(site: str, entry: Reader) -> Iterator[tuple[DeviceSpec, Reader]]:
    for reader in entry.entries("devices"):
        kind = KINDS[reader.one_of("kind", tuple(KINDS))]
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
        reader.offend("preset", str(exc))
        return None
    return preset if override is None else override_numbers(preset, override)


def _check_ids(fleet: FleetSpec, reader: Reader) -> None:
    for name, times in Counter([*fleet.sites, *(device.id for device in fleet.devices)]).items():
        if times > 1:
            reader.offend("sites", f"the id {name!r} is used {times} times")


def _check_sources(device: DeviceSpec, fleet: FleetSpec, reader: Reader) -> None:
    kind = KINDS[device.kind]
    keys = {relation: key for key, relation in _RELATIONS.items()}
    for name, allowed in kind.references(device.settings):
        if fleet.entities.get(name) not in allowed:
            reader.offend("", f"names {name!r}, which is no {' or '.join(allowed)} of the fleet")
    for relation, name in device.sources:
        if name not in fleet.entities:
            reader.offend(keys[relation], f"{name!r} is no device of the fleet")
    for relation, allowed in kind.needs:
        source = device.source(relation)
        if source is None:
            reader.offend(keys[relation], f"is missing: a {kind.name} needs a {' or '.join(allowed)}")
        elif fleet.entities.get(source) not in (None, *allowed):
            reader.offend(keys[relation], f"{source!r} is no {' or '.join(allowed)}")
