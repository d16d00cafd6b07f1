"""Reads the rules without a budget from `rules/*.yaml`, and refuses those that could not work, all offences together.

    - name: cryostat-warm             # unique; CryostatWarm is the alert's name
      title: the sample stage of {entity} is too warm
      severity: page                  # page | ticket | info
      catalogue: [memory.page_when.2]
      entity: hw.id                   # the attribute (of events: attributes) that names whom it is about
      level: {metric: hw.temperature, where: {hw.sensor_location: sample}, above: -268.15}
      delay: 2m                       # how long it must hold before it fires
      keep: 10m                       # how long it must be over before it resolves
      every: 1h                       # how often it is judged; by default each minute
      team: platform                  # to whom its tickets go, if not to the owners
      runbook: memory-f7
      context: [quantum.control.round_trip.duration]   # metrics whose present value the alert tells

In place of `level` stand `share`, `total`, `drift` (see `alert_rules.metric_signals`), `happened`, `between` or
`page_over` (see `alert_rules.event_signals`), or `all: [...]`, a list of such, all of which must hold for the same
entity. A `share` is of the metric's own events, or with `per` so many for each event of another metric.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from alert_rules.alerts import INFO
from alert_rules.conditions import ConditionRule
from alert_rules.event_signals import Between, Happened, PageOver
from alert_rules.metric_signals import Drift, Level, Share, Total
from alert_rules.signals import Signal
from model.clock import MINUTE_NS
from model.errors import InvalidInputError
from model.queries import MetricQuery, Reducer
from model.registry import Registry, load_registry
from model.windows import parse_duration
from model.yaml_text import parse_yaml
from slo.burn import PAGE, TICKET

RULES = Path(__file__).parent / "rules"
_KINDS = ("level", "share", "total", "drift", "happened", "between", "page_over")
_REQUIRED = ("name", "title", "severity", "catalogue")


@cache
def load_rules(folder: Path = RULES) -> tuple[ConditionRule, ...]:
    """Return the rules of every file in `folder`.

    Raises InvalidInputError with every offence: file, rule and what is wrong.
    """
    registry = load_registry()
    rules: list[ConditionRule] = []
    offences: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        for number, entry in enumerate(parse_yaml(path.read_text(encoding="utf-8")) or []):
            place = f"{path.name}: {entry.get('name', f'rule {number + 1}')}"
            try:
                rules.append(_Reader(registry).read(entry, path.stem))
            except (KeyError, TypeError, ValueError, InvalidInputError) as exc:
                offences.append(f"{place}: {exc}")
    names = [rule.name for rule in rules]
    offences += [f"{name}: stands there twice" for name in sorted({n for n in names if names.count(n) > 1})]
    if offences:
        raise InvalidInputError("\n".join(offences), remedy="correct the rule files")
    return tuple(rules)


class _Reader:
    """Turns one entry into a rule."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def read(self, entry: Mapping[str, Any], domain: str) -> ConditionRule:
        """Return the rule; raises for the first thing that is wrong with it."""
        if missing := [key for key in _REQUIRED if not entry.get(key)]:
            raise InvalidInputError(f"needs {', '.join(missing)}")
        if entry["severity"] not in (PAGE, TICKET, INFO):
            raise InvalidInputError(f"severity {entry['severity']!r} must be page, ticket or info")
        entity = entry.get("entity", [])
        self._group_by = tuple([entity] if isinstance(entity, str) else entity)
        name = str(entry["name"])
        return ConditionRule(
            name=name,
            alertname=str(entry.get("alert", "".join(word.capitalize() for word in name.split("-")))),
            title=str(entry["title"]),
            severity=str(entry["severity"]),
            domain=domain,
            signals=tuple(self._signals(entry)),
            delay_ns=parse_duration(entry.get("delay", "0m")),
            keep_ns=parse_duration(entry.get("keep", "0m")),
            every_ns=parse_duration(entry.get("every", "1m")) or MINUTE_NS,
            team=str(entry.get("team", "")),
            runbook=str(entry.get("runbook", "")),
            catalogue=tuple(entry["catalogue"]),
            context=tuple(self._metric(name) for name in entry.get("context", ())),
        )

    def _signals(self, entry: Mapping[str, Any]) -> Iterable[Signal]:
        for part in entry.get("all", [entry]):
            kinds = [kind for kind in _KINDS if kind in part]
            if len(kinds) != 1:
                raise InvalidInputError(f"needs exactly one of {', '.join(_KINDS)}")
            yield getattr(self, f"_{kinds[0]}")(part[kinds[0]])

    def _level(self, given: Mapping[str, Any]) -> Signal:
        return Level(query=self._query(given), above=given.get("above"), below=given.get("below"))

    def _share(self, given: Mapping[str, Any]) -> Signal:
        of, where = given.get("of", {}), given.get("where", {})
        other = given.get("per")
        return Share(
            part=self._count({"metric": given["metric"], "where": where if other else {**of, **where}}),
            total=self._count({"metric": other or given["metric"], "where": of}),
            window_ns=parse_duration(given["window"]),
            above=float(given["above"]),
            at_least=int(given.get("at_least", 1)),
        )

    def _total(self, given: Mapping[str, Any]) -> Signal:
        window_ns = parse_duration(given["window"])
        return Total(
            query=self._query(given), window_ns=window_ns, above=given.get("above"), below=given.get("below")
        )

    def _drift(self, given: Mapping[str, Any]) -> Signal:
        return Drift(
            query=self._query(given),
            past_hours=int(given["past_hours"]),
            sigmas=float(given["sigmas"]),
            above=given.get("above"),
            below=given.get("below"),
        )

    def _happened(self, given: Mapping[str, Any]) -> Signal:
        return Happened(
            events=tuple(self._event(name) for name in given["events"]),
            group_by=self._group_by,
            window_ns=parse_duration(given["window"]),
            at_least=int(given.get("at_least", 1)),
            filters=_filters(given),
            severities=tuple(given.get("severities", ())),
        )

    def _between(self, given: Mapping[str, Any]) -> Signal:
        return Between(
            begin=self._event(given["begin"]),
            end=self._event(given["end"]),
            group_by=self._group_by,
            at_most_ns=parse_duration(given["at_most"]),
        )

    def _page_over(self, given: Mapping[str, Any]) -> Signal:
        within, at_least = given["within"], given["at_least"]
        return PageOver(within_ns=parse_duration(within), at_least_ns=parse_duration(at_least))

    def _count(self, given: Mapping[str, Any]) -> MetricQuery:
        """Return a query for how many there were: the increase of a counter, the samples of a histogram."""
        is_histogram = self._registry.metrics[self._metric(given["metric"])].instrument == "histogram"
        return self._query({**given, "reducer": Reducer.COUNT if is_histogram else Reducer.SUM})

    def _query(self, given: Mapping[str, Any]) -> MetricQuery:
        metric = self._metric(given["metric"])
        definition = self._registry.metrics[metric]
        default = {"counter": Reducer.SUM, "histogram": Reducer.MEAN}.get(definition.instrument, Reducer.MEAN)
        known = {*definition.attributes, "quantum.site.id"}
        filters = _filters(given)
        if unknown := sorted({*self._group_by, *(name for name, _ in filters)} - known):
            raise InvalidInputError(f"{metric} has no attribute {', '.join(unknown)}")
        return MetricQuery(
            metric=metric,
            reducer=Reducer(given.get("reducer", default)),
            group_by=self._group_by,
            filters=filters,
            above=given.get("samples_above"),
        )

    def _metric(self, name: str) -> str:
        if name not in self._registry.metrics:
            raise InvalidInputError(f"{name!r} is not a metric of the registry")
        return name

    def _event(self, name: str) -> str:
        if name not in self._registry.events:
            raise InvalidInputError(f"{name!r} is not an event of the registry")
        return name


def _filters(given: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    where: Mapping[str, str | Sequence[str]] = given.get("where", {})
    return tuple((name, (value,) if isinstance(value, str) else tuple(value)) for name, value in where.items())
