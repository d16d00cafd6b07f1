"""What a simulated fleet consists of, as the user writes it down: sites, devices, links."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from hwsim.click_patterns import Protocol
from hwsim.documents import Reader, read_document
from hwsim.preset import load_preset
from model.errors import InvalidInputError

DEFAULT_FLEET = Path(__file__).parent / "fleets" / "default.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySpec:
    """A memory bank and its load, in storage jobs per second."""

    id: str
    slots: int
    jobs_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSpec:
    """A link between the qubits of two memory banks (or of one), with a midpoint station halfway."""

    id: str
    ends: tuple[str, str]
    length_km: float
    protocol: Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSpec:
    """A laboratory: one cryostat that cools one memory bank, one controller, any number of links."""

    id: str
    preset: str
    cryostat: str
    controller: str
    memory: MemorySpec
    links: tuple[LinkSpec, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSpec:
    """All sites. Ids are unique over the fleet, and every end of a link is a bank of it."""

    sites: tuple[SiteSpec, ...]

    @property
    def entities(self) -> dict[str, str]:
        """Return the kind of every entity by its id, in the fleet's order."""
        kinds: dict[str, str] = {}
        for site in self.sites:
            kinds |= {site.cryostat: "cryostat", site.controller: "controller", site.memory.id: "memory"}
            kinds |= {link.id: "link" for link in site.links}
        return kinds


def load_fleet(path: Path | None = None) -> FleetSpec:
    """Return the fleet described in a YAML file; `None` is the shipped default.

    Raises InvalidInputError with everything that is wrong with the file.
    """
    path = path or DEFAULT_FLEET
    reader = Reader(read_document(path), place=str(path))
    fleet = FleetSpec(sites=tuple(_read_site(entry) for entry in reader.entries("sites")))
    _check_ids(fleet, reader)
    reader.finish()
    return fleet


def _read_site(entry: Reader) -> SiteSpec:
    memory = entry.entry("memory")
    site = SiteSpec(
        id=entry.text("id"),
        preset=entry.text("preset"),
        cryostat=entry.text("cryostat"),
        controller=entry.text("controller"),
        memory=MemorySpec(
            id=memory.text("id"),
            slots=memory.count("slots"),
            jobs_per_s=memory.number("jobs_per_s", minimum=0.0),
        ),
        links=tuple(_read_link(link) for link in entry.entries("links", optional=True)),
    )
    try:
        load_preset(site.preset)
    except InvalidInputError as exc:
        entry.offend("preset", str(exc))
    return site


def _read_link(entry: Reader) -> LinkSpec:
    ends, protocol = entry.texts("ends"), entry.text("protocol", Protocol.TWO_CLICK.value)
    if len(ends) != 2:
        entry.offend("ends", "must name two memory banks")
    if protocol not in list(Protocol):
        entry.offend("protocol", f"must be one of {', '.join(Protocol)}")
        protocol = Protocol.TWO_CLICK
    return LinkSpec(
        id=entry.text("id"),
        ends=(ends[0], ends[1]) if len(ends) == 2 else ("", ""),
        length_km=entry.number("length_km", minimum=0.0),
        protocol=Protocol(protocol),
    )


def _check_ids(fleet: FleetSpec, reader: Reader) -> None:
    ids = Counter(
        name
        for site in fleet.sites
        for name in (
            site.id,
            site.cryostat,
            site.controller,
            site.memory.id,
            *(link.id for link in site.links),
        )
    )
    for name, times in ids.items():
        if times > 1:
            reader.offend("sites", f"the id {name!r} is used {times} times")
    banks = {site.memory.id for site in fleet.sites}
    for link in (link for site in fleet.sites for link in site.links):
        for end in sorted(set(link.ends) - banks - {""}):
            reader.offend("sites", f"link {link.id!r} ends at {end!r}, which is no memory bank of the fleet")
