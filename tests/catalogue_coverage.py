"""What covers each id of the catalogue: docs/reference/coverage.md, from data and from what the product cites.

`docs/reference/coverage/<domain>.yaml` lists the ids with their short names and says what cannot be found by itself.
Found by itself is telemetry whose description cites the id, an objective made for it, the fault and the scenario of
that id. An id without any of it needs a gap: what is missing, and why.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hwsim import load_faults
from model.registry import Registry, load_registry
from model.yaml_text import parse_yaml

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "coverage.md"
DATA = ROOT / "docs" / "reference" / "coverage"
DOMAINS = {
    "memory": "Quantum memory",
    "link": "Quantum links",
    "scaleup": "Scale-up",
    "network": "Quantum networks",
    "community": "Community",
}
KINDS = {
    "M": "Service level indicators",
    "F": "Failure modes",
    "B": "Production breakages",
    "TEL": "Telemetry items",
    "S": "Scenarios",
}
_ID = re.compile(r"\b(?:memory|link|scaleup|network|community)\.[A-Z]+\d+\b")
_CITATION = re.compile(r"herald\.dev/catalogue:(.*)")
_HEAD = """\
# What covers the catalogue

Generated from `docs/reference/coverage/*.yaml`, from the telemetry whose description cites an id, from the shipped
objectives, faults and scenarios, by `make generate`; do not edit. A gap says what is missing and why.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One id of the catalogue with what covers it; `gap` is empty if nothing is missing."""

    id: str
    name: str
    telemetry: tuple[str, ...]
    files: tuple[str, ...]
    gap: str

    @property
    def kind(self) -> str:
        """Return M, F, B, TEL or S."""
        return self.id.partition(".")[2].rstrip("0123456789")


@cache
def load_entries() -> tuple[Entry, ...]:
    """Return all entries in the order of the files."""
    telemetry, files = _cited_telemetry(load_registry()), _made_for()
    return tuple(
        Entry(
            id=id_,
            name=known["name"],
            telemetry=tuple(dict.fromkeys([*known.get("telemetry", ()), *telemetry.get(id_, ())])),
            files=tuple(dict.fromkeys([*known.get("files", ()), *files.get(id_, ())])),
            gap=known.get("gap", ""),
        )
        for domain in DOMAINS
        for id_, known in _read(domain).items()
    )


def _read(domain: str) -> Mapping[str, Mapping[str, Any]]:
    entries: dict[str, dict[str, Any]] = parse_yaml((DATA / f"{domain}.yaml").read_text(encoding="utf-8"))["entries"]
    return entries


def _cited_telemetry(registry: Registry) -> dict[str, list[str]]:
    cited: dict[str, list[str]] = {}
    metrics = {name: metric.brief for name, metric in registry.metrics.items()}
    others = {name: event.brief for known in (registry.events, registry.spans) for name, event in known.items()}
    for name, brief in {**metrics, **others}.items():
        for id_ in _ID.findall(brief):
            cited.setdefault(id_, []).append(name)
    return cited


def _made_for() -> dict[str, list[str]]:
    """Return the files that were made for an id: its fault, its scenario, its objectives."""
    made: dict[str, list[str]] = {}
    for fault in load_faults().values():
        made.setdefault(fault.id, []).append(f"hwsim/faults/{fault.domain}.yaml")
    for path in sorted((ROOT / "hwsim" / "scenarios").glob("*.yaml")):
        domain, _, rest = path.stem.partition("-")
        made.setdefault(f"{domain}.{rest.upper()}", []).append(f"hwsim/scenarios/{path.name}")
    for path in sorted((ROOT / "alert_rules" / "objectives").glob("*.yaml")):
        for line in _CITATION.findall(path.read_text(encoding="utf-8")):
            for id_ in _ID.findall(line):
                made.setdefault(id_, []).append(f"alert_rules/objectives/{path.name}")
    return made


def render_page(entries: tuple[Entry, ...]) -> str:
    """Return the page in Markdown."""
    parts = [_HEAD, _render_counts(entries)]
    for domain, title in DOMAINS.items():
        parts.append(f"## {title}")
        of_domain = [entry for entry in entries if entry.id.startswith(f"{domain}.")]
        for kind, plural in KINDS.items():
            rows = [_render_row(entry) for entry in of_domain if entry.kind == kind]
            parts.append("\n".join([f"### {plural}", "", "| id | what | covered by |", "| --- | --- | --- |", *rows]))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _render_counts(entries: tuple[Entry, ...]) -> str:
    rows = []
    for domain, title in DOMAINS.items():
        of_domain = [entry for entry in entries if entry.id.startswith(f"{domain}.")]
        rows.append(f"| {title} | {len(of_domain)} | {sum(bool(entry.gap) for entry in of_domain)} |")
    return "\n".join(["| domain | ids | with a gap |", "| --- | --- | --- |", *rows])


def _render_row(entry: Entry) -> str:
    return f"| {entry.id} | {entry.name} | {'; '.join(_covering(entry))} |"


def _covering(entry: Entry) -> Iterator[str]:
    if entry.telemetry:
        yield ", ".join(f"`{name}`" for name in entry.telemetry)
    if entry.files:
        yield ", ".join(f"[{name}](../../{name})" for name in entry.files)
    if entry.gap:
        yield f"gap: {entry.gap}"
