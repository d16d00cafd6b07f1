"""The objects of the given files: their headers checked, found again by kind and name across files."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from slo.openslo.findings import UNREADABLE
from slo.openslo.place import Place, describe, suggest
from slo.openslo.sdk import check_object

API_VERSION = "openslo/v1"
_OTHER_VERSIONS = {
    "openslo/v1alpha": "write timeWindow with a duration for timeWindows with count and unit, one indicator with"
    " spec.ratioMetric for the ratioMetrics of objectives, and metricSource for source, queryType and query",
    "openslo.com/v2alpha": "write service for serviceRef, indicator for sli, indicatorRef for sliRef, and"
    " metricSource for dataSourceRef, dataSourceSpec and spec of a metric",
}
"""How their objects differ from OpenSLO v1's."""

_FIELDS = ("apiVersion", "kind", "metadata", "spec")
_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_LABEL_KEY = re.compile(r"[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")
_ANNOTATION_KEY = re.compile(r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")


class Kind(StrEnum):
    """The kinds of OpenSLO v1."""

    SLO = "SLO"
    SLI = "SLI"
    SERVICE = "Service"
    DATA_SOURCE = "DataSource"
    ALERT_POLICY = "AlertPolicy"
    ALERT_CONDITION = "AlertCondition"
    ALERT_NOTIFICATION_TARGET = "AlertNotificationTarget"


@dataclass(frozen=True, slots=True)
class Resource:
    """One object with a readable header."""

    kind: Kind
    name: str
    place: Place

    @property
    def spec(self) -> Place:
        """Return the place of the object's spec."""
        return self.place / "spec"

    @property
    def metadata(self) -> Place:
        """Return the place of the object's metadata."""
        return self.place / "metadata"


class Resources:
    """All objects of the given files."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.all = tuple(resources)
        self._by_name: dict[tuple[Kind, str], Resource] = {}
        self._found: list[tuple[Place, Resource]] = []
        for resource in self.all:
            self._add(resource)

    def has(self, kind: Kind) -> bool:
        """Return whether there is an object of this kind."""
        return any(resource.kind is kind for resource in self.all)

    def find(self, kind: Kind, reference: Place, *, needed: bool = True) -> Resource | None:
        """Return the object that `reference` names; report it where there is none, as an error if it is `needed`."""
        name = reference.text()
        if name is None:
            return None
        found = self._by_name.get((kind, name))
        if found is None:
            names = [other for other_kind, other in self._by_name if other_kind is kind]
            message = f"no {kind} is named {name!r} in the given files{suggest(name, names)}"
            if needed:
                reference.error(message, "dangling-ref")
            else:
                reference.lint("dangling-ref", message)
        else:
            self._found.append((reference, found))
        return found

    def report_unusable(self) -> None:
        """Report every reference to an object whose own file has errors, and what refers to that in turn."""
        unusable = [
            (reference, found)
            for reference, found in self._found
            if reference.is_usable and not found.place.is_usable
        ]
        for reference, found in unusable:
            where = f"{found.place.document.report.file} line {found.place.line}"
            reference.error(
                f"{found.kind} {found.name!r} in {where} cannot be used: its file has errors", "unusable-ref"
            )
        if unusable:
            self.report_unusable()

    def _add(self, resource: Resource) -> None:
        first = self._by_name.setdefault((resource.kind, resource.name), resource)
        if first is resource:
            return
        where = f"{first.place.document.report.file} line {first.place.line}"
        message = f"{resource.kind} {resource.name!r} exists already in {where}"
        place = resource.metadata / "name"
        if resource.kind is Kind.SLO:
            place.error(message, "duplicate-name")
        else:
            place.lint("duplicate-name", f"{message}; the first one counts")


def read_resource(place: Place) -> Resource | None:
    """Return the object whose header stands at `place`; None after reporting what is wrong with the header."""
    kind = read_kind(place)
    if kind is None:
        return None
    check_object(place)
    place.check_keys(_FIELDS)
    for key in _FIELDS[:2]:
        if not place / key:
            (place / key).error("is written in another case")
    name = read_metadata(place / "metadata")
    has_spec = (place / "spec").mapping()
    if name is None or not has_spec:
        return None
    return Resource(kind, name, place)


def read_metadata(metadata: Place) -> str | None:
    """Return the name in `metadata`; report what is wrong with it and its labels and annotations."""
    if not metadata.mapping():
        return None
    metadata.check_keys(("name", "displayName", "labels", "annotations"))
    _check_length(metadata / "displayName", 63)
    _check_labels(metadata / "labels")
    _check_annotations(metadata / "annotations")
    place = metadata / "name"
    name = place.text()
    if name is not None and not _DNS_LABEL.fullmatch(name):
        place.error(f"{name!r} must be lower-case letters, digits and hyphens, at most 63")
        return None
    return name


def read_description(spec: Place) -> str:
    """Return the description in `spec`, which every kind may have."""
    _check_length(spec / "description", 1050)
    return (spec / "description").text(required=False) or ""


def read_kind(place: Place) -> Kind | None:
    """Return the kind of the OpenSLO v1 object at `place`; None after reporting that it is none."""
    if not isinstance(place.value, dict):
        place.error(f"must be a mapping, not {describe(place.value)}", UNREADABLE)
        return None
    version, kind = place.named("apiVersion"), place.named("kind")
    if not version:
        version.error(f"is missing: this is no OpenSLO object; it begins with apiVersion: {API_VERSION}", UNREADABLE)
    elif version.value != API_VERSION:
        change = _OTHER_VERSIONS.get(str(version.value), "")
        said = f"{describe(version.value)} is not supported; Herald reads {API_VERSION}"
        version.error(f"{said}: {change}" if change else said, UNREADABLE)
    elif kind.value not in tuple(Kind):
        said = f"{describe(kind.value)} must be one of {', '.join(Kind)}{suggest(str(kind.value), Kind)}"
        kind.error(said if kind else "is missing", UNREADABLE)
    else:
        return Kind(str(kind.value))
    return None


def _check_length(place: Place, longest: int) -> None:
    text = place.text(required=False) or ""
    if len(text) > longest:
        place.lint("too-long", f"has {len(text)} characters; at most {longest} are allowed")


def _check_labels(labels: Place) -> None:
    labels.mapping(required=False)
    for key in labels.keys:
        place = labels / key
        if not _LABEL_KEY.fullmatch(key):
            place.lint("label-key", f"{key!r} is not a label name")
        values = place.items() if isinstance(place.value, list) else [place]
        for value in values:
            value.text()


def _check_annotations(annotations: Place) -> None:
    annotations.mapping(required=False)
    for key in annotations.keys:
        place = annotations / key
        if not _ANNOTATION_KEY.fullmatch(key):
            place.lint("annotation-key", f"{key!r} is not an annotation name")
        if not isinstance(place.value, str):
            place.lint("annotation-value", "must be a string; put it in quotes")
