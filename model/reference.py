"""The reference page of the vocabulary, written from the registry so that it cannot say anything else.

Pure: text from definitions. `make generate` writes it to docs/reference/metrics.md.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby

from model.registry import AttributeDefinition, EventDefinition, MetricDefinition, Registry

_HEAD = """\
# Metrics, attributes, events and spans

Generated from `model/conventions/*.yaml` by `make generate`; do not edit. Units are UCUM, ratios are 0..1. Counters
and histograms travel as delta. In the database, each metric is a view; [rollups](rollups.md) tells why `during`:
`select * from metric."quantum.memory.t2" where during(time, now() - interval '1 hour', now())`.
"""


def render_reference(registry: Registry) -> str:
    """Return the whole page in Markdown, ending in a newline."""
    metrics = sorted(registry.metrics.values(), key=lambda metric: metric.name)
    parts = [_HEAD, "## Metrics"]
    for domain, members in groupby(metrics, key=lambda metric: _domain(metric.name)):
        parts.append("\n\n".join([f"### {domain}", *(_render_metric(metric) for metric in members)]))
    parts += ["## Attributes", _render_attributes(registry.attributes)]
    parts += ["## Events", _render_events(registry.events, "OTLP log records with this event name.")]
    parts += ["## Spans", _render_events(registry.spans, "OTLP traces.")]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _domain(metric: str) -> str:
    words = metric.split(".")
    return words[1] if words[0] == "quantum" else words[0]


def _render_metric(metric: MetricDefinition) -> str:
    facts = [f"{metric.instrument}, unit `{metric.unit}`", f"attributes {_codes(metric.attributes)}"]
    if metric.bounds:
        facts.append(f"bucket bounds {', '.join(f'{bound:.6g}' for bound in metric.bounds)}")
    if metric.keep:
        facts.append("kept beyond retention")
    if metric.role != "outcome":
        facts.append(f"in a postmortem, a possible cause ({metric.role})")
    if metric.follows:
        facts.append(f"follows {_codes(metric.follows)}")
    return "\n".join([f"#### `{metric.name}`", "", metric.brief, "", *(f"- {fact}" for fact in facts)])


def _render_attributes(attributes: Mapping[str, AttributeDefinition]) -> str:
    rows = (
        f"| `{a.name}` | `{a.column}` | {a.brief}{_render_members(a.members)} |"
        for a in sorted(attributes.values(), key=lambda attribute: attribute.name)
    )
    return "\n".join(["| attribute | column | what it says |", "| --- | --- | --- |", *rows])


def _render_members(members: tuple[str, ...]) -> str:
    return f" One of {_codes(members)}." if members else ""


def _render_events(events: Mapping[str, EventDefinition], intro: str) -> str:
    rows = (
        f"| `{event.name}` | {event.brief} | {_codes(event.attributes)} |"
        for event in sorted(events.values(), key=lambda event: event.name)
    )
    return "\n".join([intro, "", "| name | what happened | attributes |", "| --- | --- | --- |", *rows])


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
