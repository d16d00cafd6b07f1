"""Our own words in OpenSLO files: annotations under one prefix, for what the specification has no word for.

herald.dev/group-by: quantum.device.id        attributes; one objective per combination of their values
herald.dev/silence: ignored                   ignored | bad | alert (see `slo.objective.Silence`)
herald.dev/min-bad-events: "2"                floor in the long window, below which nothing fires
herald.dev/exclude: calibration, maintenance  kinds of exclusion that apply; by default none
herald.dev/excluded: dropped                  dropped | good: what becomes of the events in an exclusion
herald.dev/catalogue: memory.M1               the catalogue entry that the objective serves
herald.dev/domain: memory                     by default the catalogue entry's
herald.dev/owner, /runbook, /dashboards       who, what to do, where to look (dashboard uids, comma-separated)
herald.dev/short-window: 5m                   on an AlertCondition; by default a twelfth of its lookback

Another name under the prefix is a lint: it was probably misspelled.
"""

import re
from dataclasses import dataclass

from model.queries import MetricQuery
from model.registry import Registry
from slo.objective import Excluded, Silence
from slo.openslo.metric_source import RESOURCE_ATTRIBUTES
from slo.openslo.place import Place, suggest
from slo.openslo.rules import ALERT_RULES

ANNOTATION_PREFIX = "herald.dev/"
SHORT_WINDOW = "short-window"

SLO_ANNOTATIONS = (
    "group-by",
    "silence",
    "min-bad-events",
    "exclude",
    "excluded",
    "catalogue",
    "domain",
    "owner",
    "runbook",
    "dashboards",
    ALERT_RULES,
)
_CATALOGUE_ID = re.compile(r"[a-z]+\.[A-Z]+[0-9]+")
_EXCLUSION_KIND = re.compile(r"[a-z][a-z0-9-]*")
_DEFAULT_MIN_BAD_EVENTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SloAnnotations:
    """What the annotations of an SLO say."""

    group_by: tuple[str, ...]
    silence: Silence
    min_bad_events: int
    exclude: tuple[str, ...]
    excluded: Excluded
    catalogue_id: str
    domain: str
    owner: str
    runbook: str
    dashboards: tuple[str, ...]


def annotation(metadata: Place, name: str) -> Place:
    """Return the place of our annotation `name`."""
    return metadata / "annotations" / (ANNOTATION_PREFIX + name)


def read_slo_annotations(metadata: Place, queries: list[MetricQuery], registry: Registry) -> SloAnnotations:
    """Return what the annotations of an SLO say; report what is wrong with them."""
    for key in (metadata / "annotations").keys:
        name = key.removeprefix(ANNOTATION_PREFIX)
        if key.startswith(ANNOTATION_PREFIX) and name not in SLO_ANNOTATIONS:
            annotation(metadata, name).lint(
                "unknown-annotation", f"means nothing to Herald{suggest(name, SLO_ANNOTATIONS)}"
            )
    catalogue_id = _catalogue_id(annotation(metadata, "catalogue"))
    return SloAnnotations(
        group_by=_group_by(annotation(metadata, "group-by"), queries, registry),
        silence=annotation(metadata, "silence").word(Silence, required=False) or Silence.IGNORED,
        min_bad_events=_min_bad_events(annotation(metadata, "min-bad-events")),
        exclude=_exclude(annotation(metadata, "exclude")),
        excluded=_excluded(metadata),
        catalogue_id=catalogue_id,
        domain=annotation(metadata, "domain").text(required=False) or catalogue_id.partition(".")[0],
        owner=annotation(metadata, "owner").text(required=False) or "",
        runbook=annotation(metadata, "runbook").text(required=False) or "",
        dashboards=_names(annotation(metadata, "dashboards")),
    )


def _group_by(place: Place, queries: list[MetricQuery], registry: Registry) -> tuple[str, ...]:
    names = _names(place)
    for name in names:
        if name not in registry.attributes:
            place.error(f"unknown attribute {name!r}{suggest(name, registry.attributes)}", "unknown-attribute")
            continue
        for query in queries:
            known = (*registry.metrics[query.metric].attributes, *RESOURCE_ATTRIBUTES)
            if name not in known:
                message = f"{query.metric} has no attribute {name!r}; it has {', '.join(known)}"
                place.error(message, "unknown-attribute")
    return names


def _min_bad_events(place: Place) -> int:
    if not place:
        return _DEFAULT_MIN_BAD_EVENTS
    text = str(place.value)
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        place.error(f"{text!r} must be a whole number of events, at least 1")
        return _DEFAULT_MIN_BAD_EVENTS
    return int(text)


def _exclude(place: Place) -> tuple[str, ...]:
    kinds = _names(place)
    for kind in kinds:
        if not _EXCLUSION_KIND.fullmatch(kind):
            place.error(f"{kind!r} is not a kind of exclusion such as calibration or maintenance")
    return kinds


def _excluded(metadata: Place) -> Excluded:
    place = annotation(metadata, "excluded")
    if place and not annotation(metadata, "exclude"):
        place.lint("unused-excluded", f"has no meaning without {ANNOTATION_PREFIX}exclude")
    return place.word(Excluded, required=False) or Excluded.DROPPED


def _catalogue_id(place: Place) -> str:
    text = place.text(required=False) or ""
    if text and not _CATALOGUE_ID.fullmatch(text):
        place.error(f"{text!r} is not a catalogue id such as memory.M1")
    return text


def _names(place: Place) -> tuple[str, ...]:
    return tuple(name.strip() for name in (place.text(required=False) or "").split(",") if name.strip())
