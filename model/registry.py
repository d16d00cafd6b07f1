"""The vocabulary: every metric, attribute, event and span that Herald knows, read from `conventions/*.yaml`.

The files have OpenTelemetry's semantic-convention registry format. Whatever Herald needs beyond it (bucket
bounds, view columns, keeping data beyond retention) stands under `annotations: {herald: ...}`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from model.errors import InvalidInputError
from model.names import calibrated_of, error_of, samples_of
from model.units import is_known_unit
from model.yaml_text import parse_yaml

CONVENTIONS = Path(__file__).parent / "conventions"
INSTRUMENTS = ("counter", "updowncounter", "gauge", "histogram")
ROLES = ("hardware", "load", "outcome", "telemetry")
GROUP_TYPES = ("attribute_group", "metric", "event", "span")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*(\.[a-z][a-z0-9]*(_[a-z0-9]+)*)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeDefinition:
    """One attribute; `column` is its short name in views, SLO groups and alert labels."""

    name: str
    brief: str
    column: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDefinition:
    """One metric.

    `bounds` are the upper bucket bounds of a histogram; `required` are the attributes without which a point cannot be
    understood; `keep` exempts it from retention. `role` says what a change
    in it means to a postmortem: `hardware` and `load` can be causes, an `outcome` is what they cause, `telemetry`
    tells of the telling itself. `follows` names what it is driven by on its own entity or upstream. A gauge with
    the annotation `estimate` brings three more: its standard error, its number of samples, its calibration set.
    What is `billed` is told to each tenant in reports.
    """

    name: str
    brief: str
    instrument: str
    unit: str
    attributes: tuple[str, ...]
    bounds: tuple[float, ...] = ()
    keep: bool = False
    role: str = "outcome"
    follows: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    billed: bool = False

    @property
    def domains(self) -> frozenset[str]:
        """Return the domains of the catalogue whose entries its brief cites."""
        return frozenset(re.findall(r"\b(\w+)\.[A-Z]+\d+\b", self.brief))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDefinition:
    """One event or span; `keep` lets an event be as old as you like, as the metrics that it goes with."""

    name: str
    brief: str
    attributes: tuple[str, ...]
    keep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    """One thing wrong with a convention file: the file, the key path in it, and the rule broken."""

    file: str
    key: str
    rule: str

    def __str__(self) -> str:
        """Return `file: key: rule`."""
        return f"{self.file}: {self.key}: {self.rule}"


class InvalidRegistryError(InvalidInputError):
    """Convention files break the rules; every offence is listed."""

    def __init__(self, offences: Iterable[Offence]) -> None:
        self.offences = tuple(offences)
        super().__init__("\n".join(map(str, self.offences)), remedy="correct the convention files")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """All definitions by name."""

    metrics: Mapping[str, MetricDefinition]
    attributes: Mapping[str, AttributeDefinition]
    events: Mapping[str, EventDefinition]
    spans: Mapping[str, EventDefinition]

    @property
    def kept(self) -> frozenset[str]:
        """Return the names of the metrics and events that are kept beyond retention."""
        metrics = {metric.name for metric in self.metrics.values() if metric.keep}
        return frozenset(metrics | {event.name for event in self.events.values() if event.keep})

    def column(self, attribute: str) -> str:
        """Return the short name of an attribute; one that is not registered keeps its name with underscores."""
        known = self.attributes.get(attribute)
        return known.column if known else attribute.replace(".", "_")

    def attribute_of_column(self, column: str) -> str | None:
        """Return the attribute behind a short name, or None."""
        return next((a.name for a in self.attributes.values() if a.column == column), None)


@cache
def load_registry(folder: Path = CONVENTIONS) -> Registry:
    """Return the registry in `folder`.

    Raises InvalidRegistryError with one offence for each duplicate, unknown unit, bad name, unknown instrument,
    dangling attribute reference or missing key, over all files together.
    """
    reader = _Reader()
    for path in sorted(folder.glob("*.yaml")):
        reader.read(path)
    reader.check_references()
    if reader.offences:
        raise InvalidRegistryError(reader.offences)
    return Registry(metrics=reader.metrics, attributes=reader.attributes, events=reader.events, spans=reader.spans)


class _Reader:
    """Collects definitions and offences over several files."""

    def __init__(self) -> None:
        self.metrics: dict[str, MetricDefinition] = {}
        self.attributes: dict[str, AttributeDefinition] = {}
        self.events: dict[str, EventDefinition] = {}
        self.spans: dict[str, EventDefinition] = {}
        self.offences: list[Offence] = []
        self._references: list[tuple[str, str, str]] = []
        self._drivers_named: list[tuple[str, str, str]] = []
        self._file = ""

    def read(self, path: Path) -> None:
        self._file = path.name
        try:
            document = parse_yaml(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as exc:
            self._offend("", f"is not YAML: {' '.join(str(exc).split())}")
            return
        groups = document.get("groups") if isinstance(document, dict) else None
        if not isinstance(groups, list):
            self._offend("groups", "must be a list")
            return
        for index, group in enumerate(groups):
            self._read_group(f"groups[{index}]", group)

    def check_references(self) -> None:
        for file, key, name in self._references:
            if name not in self.attributes:
                self.offences.append(Offence(file=file, key=key, rule=f"attribute {name!r} is not defined"))
        for file, key, name in self._drivers_named:
            if name not in self.metrics:
                self.offences.append(Offence(file=file, key=key, rule=f"metric {name!r} is not defined"))

    def _read_group(self, key: str, group: Any) -> None:
        if not isinstance(group, dict) or group.get("type") not in GROUP_TYPES:
            self._offend(f"{key}.type", f"must be one of {', '.join(GROUP_TYPES)}")
            return
        if group["type"] == "attribute_group":
            for index, attribute in enumerate(group.get("attributes", ())):
                self._read_attribute(f"{key}.attributes[{index}]", attribute)
        elif group["type"] == "metric":
            self._read_metric(key, group)
        else:
            self._read_event(key, group, self.events if group["type"] == "event" else self.spans)

    def _read_attribute(self, key: str, attribute: dict[str, Any]) -> None:
        name = self._name(f"{key}.id", attribute.get("id"), self.attributes)
        if name is None:
            return
        kind = attribute.get("type")
        members = kind.get("members", ()) if isinstance(kind, dict) else ()
        self.attributes[name] = AttributeDefinition(
            name=name,
            brief=self._brief(key, attribute),
            column=_ours(attribute).get("column", name.replace(".", "_")),
            members=tuple(str(member["value"]) for member in members),
        )

    def _read_metric(self, key: str, group: dict[str, Any]) -> None:
        name = self._name(f"{key}.metric_name", group.get("metric_name"), self.metrics)
        instrument, unit = str(group.get("instrument")), str(group.get("unit"))
        bounds = tuple(float(bound) for bound in _ours(group).get("bounds", ()))
        if instrument not in INSTRUMENTS:
            self._offend(f"{key}.instrument", f"{instrument!r} must be one of {', '.join(INSTRUMENTS)}")
        if not is_known_unit(unit):
            self._offend(f"{key}.unit", f"{unit!r} is not a known UCUM unit")
        if any(low >= high for low, high in pairwise(bounds)):
            self._offend(f"{key}.annotations.herald.bounds", "must increase")
        if instrument == "histogram" and not bounds:
            self._offend(f"{key}.annotations.herald.bounds", "a histogram needs bucket bounds")
        if name is None:
            return
        metric = MetricDefinition(
            name=name,
            brief=self._brief(key, group),
            instrument=instrument,
            unit=unit,
            attributes=self._refer(key, group),
            bounds=bounds,
            keep=bool(_ours(group).get("keep", False)),
            role=self._role(key, group),
            follows=self._drivers(key, group),
            required=_required(group),
            billed=bool(_ours(group).get("billed", False)),
        )
        self.metrics[name] = metric
        if _ours(group).get("estimate", False):
            self._add_companions(metric)

    def _add_companions(self, estimate: MetricDefinition) -> None:
        """Define what an estimate carries besides its value."""
        for name, brief, unit in (
            (error_of(estimate.name), "Standard error of the estimate", estimate.unit),
            (samples_of(estimate.name), "Number of samples behind the estimate", "{sample}"),
            (
                calibrated_of(estimate.name),
                "When the calibration set of the estimate came into force, Unix time",
                "s",
            ),
        ):
            self.metrics[name] = replace(
                estimate,
                name=name,
                brief=f"{brief} reported at the same time.",
                unit=unit,
                role="outcome",
                follows=(),
            )

    def _read_event(self, key: str, group: dict[str, Any], known: dict[str, EventDefinition]) -> None:
        name = self._name(f"{key}.name", group.get("name"), known)
        if name is not None:
            known[name] = EventDefinition(
                name=name,
                brief=self._brief(key, group),
                attributes=self._refer(key, group),
                keep=bool(_ours(group).get("keep", False)),
            )

    def _role(self, key: str, group: dict[str, Any]) -> str:
        role = str(_ours(group).get("role", "outcome"))
        if role not in ROLES:
            self._offend(f"{key}.annotations.herald.role", f"{role!r} must be one of {', '.join(ROLES)}")
        return role

    def _drivers(self, key: str, group: dict[str, Any]) -> tuple[str, ...]:
        names = tuple(str(name) for name in _ours(group).get("follows", ()))
        self._drivers_named += [
            (self._file, f"{key}.annotations.herald.follows[{i}]", n) for i, n in enumerate(names)
        ]
        return names

    def _refer(self, key: str, group: dict[str, Any]) -> tuple[str, ...]:
        names = tuple(str(attribute.get("ref")) for attribute in group.get("attributes", ()))
        self._references += [(self._file, f"{key}.attributes[{i}].ref", name) for i, name in enumerate(names)]
        return names

    def _name(self, key: str, name: Any, known: Mapping[str, object]) -> str | None:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self._offend(key, f"{name!r} must be lower-case words joined by dots")
            return None
        if name in known:
            self._offend(key, f"{name!r} is defined twice")
            return None
        return name

    def _brief(self, key: str, item: dict[str, Any]) -> str:
        brief = item.get("brief")
        if not isinstance(brief, str) or not brief:
            self._offend(f"{key}.brief", "must say in one sentence what it is")
            return ""
        return brief

    def _offend(self, key: str, rule: str) -> None:
        self.offences.append(Offence(file=self._file, key=key, rule=rule))


def _required(group: Mapping[str, Any]) -> tuple[str, ...]:
    attributes = group.get("attributes", ())
    return tuple(str(each["ref"]) for each in attributes if each.get("requirement_level") == "required")


def _ours(item: Mapping[str, Any]) -> dict[str, Any]:
    ours = (item.get("annotations") or {}).get("herald") or {}
    return dict(ours)
