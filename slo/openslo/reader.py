"""Files of OpenSLO objects to objectives, with everything that is wrong in all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from model.errors import InvalidInputError
from model.registry import Registry, load_registry
from slo.objective import Objective
from slo.openslo.alert_policy import read_condition, read_policy
from slo.openslo.documents import parse_documents
from slo.openslo.findings import UNREADABLE, FileReport
from slo.openslo.indicator import read_indicator
from slo.openslo.place import Place
from slo.openslo.resources import Kind, Resource, Resources, read_description, read_resource
from slo.openslo.sdk import find_blank_documents
from slo.openslo.slo_kind import read_slo


class InvalidOpenSloError(InvalidInputError):
    """Objective files are wrong; every error of every file is listed, one a line."""

    def __init__(self, reports: Iterable[FileReport]) -> None:
        self.reports = tuple(reports)
        lines = [
            f"{report.file}:{error.line}: {error.path or 'file'}: {error.message}"
            for report in self.reports
            for error in sorted(report.errors)
        ]
        super().__init__("\n".join(lines), remedy="correct the objective files")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the files said: one report per file, and the objectives of those that can be used."""

    reports: tuple[FileReport, ...]
    objectives: tuple[Objective, ...]

    @property
    def valid(self) -> bool:
        """Return whether no file has an error."""
        return all(report.valid for report in self.reports)


def load_objectives(paths: Iterable[Path]) -> tuple[Objective, ...]:
    """Return the objectives in the files.

    Raises InvalidOpenSloError with every error of every file.
    """
    reading = read_files(paths)
    if not reading.valid:
        raise InvalidOpenSloError(reading.reports)
    return reading.objectives


def read_files(paths: Iterable[Path], *, registry: Registry | None = None, strict: bool = False) -> Reading:
    """Return what the files say; a file that cannot be read is an error in its report."""
    texts: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    for path in paths:
        try:
            texts[str(path)] = path.read_text(encoding="utf-8")
        except OSError as exc:
            texts[str(path)], unreadable[str(path)] = "", f"cannot be read: {exc.strerror or exc}"
        except UnicodeDecodeError:
            texts[str(path)], unreadable[str(path)] = "", "is not UTF-8 text"
    return _read(texts, unreadable, registry or load_registry(), strict=strict)


def read_texts(texts: Mapping[str, str], *, registry: Registry | None = None, strict: bool = False) -> Reading:
    """Return what the texts, by file name, say; references are resolved across all of them."""
    return _read(texts, {}, registry or load_registry(), strict=strict)


def _read(texts: Mapping[str, str], unreadable: Mapping[str, str], registry: Registry, *, strict: bool) -> Reading:
    reports = {file: FileReport(file, strict=strict) for file in texts}
    for file, message in unreadable.items():
        reports[file].add_error("", message, 0, UNREADABLE)
    resources = Resources(
        resource
        for file, text in texts.items()
        if file not in unreadable
        for document in parse_documents(text, reports[file])
        if (resource := read_resource(Place.root(document)))
    )
    candidates = [(r, objective) for r in resources.all for objective in _check(r, resources, registry)]
    _check_names(candidates)
    resources.report_unusable()
    objectives = tuple(objective for r, objective in candidates if r.place.is_usable)
    for file, report in reports.items():
        if file not in unreadable:
            _check_blank_documents(texts[file], report)
        report.settle()
    return Reading(reports=tuple(reports.values()), objectives=objectives)


def _check_blank_documents(text: str, report: FileReport) -> None:
    for line in find_blank_documents(text):
        report.add_violation("", "a document holds nothing but comments", line, place=f"line {line}")


def _check_names(candidates: Iterable[tuple[Resource, Objective]]) -> None:
    """Report an objective whose name, made of an SLO's and its own, is the one of another SLO's."""
    first: dict[str, Resource] = {}
    for resource, objective in candidates:
        other = first.setdefault(objective.name, resource)
        if other is not resource and other.name != resource.name:
            message = f"makes an objective {objective.name!r}, which SLO {other.name!r} makes already"
            (resource.metadata / "name").error(message, "duplicate-name")


def _check(resource: Resource, resources: Resources, registry: Registry) -> list[Objective]:
    """Report what is wrong with an object; return the objectives if it is an SLO."""
    spec = resource.spec
    match resource.kind:
        case Kind.SLO:
            return read_slo(resource, resources, registry)
        case Kind.SLI:
            read_indicator(spec, resources, registry)
        case Kind.ALERT_POLICY:
            read_policy(resource, resources)
        case Kind.ALERT_CONDITION:
            read_condition(resource, resource.name)
        case Kind.DATA_SOURCE:
            _check_data_source(spec)
        case Kind.SERVICE:
            spec.check_keys(("description",))
            read_description(spec)
        case Kind.ALERT_NOTIFICATION_TARGET:
            spec.check_keys(("description", "target"))
            read_description(spec)
            (spec / "target").text()
    return []


def _check_data_source(spec: Place) -> None:
    spec.check_keys(("description", "type", "connectionDetails"))
    read_description(spec)
    (spec / "type").text()
    if not spec / "connectionDetails":
        (spec / "connectionDetails").error("is missing")
