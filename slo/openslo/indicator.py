"""The spec of an SLI: a ratio of two metrics, or one metric to hold against a bound that the SLO gives."""

from dataclasses import dataclass, replace
from decimal import Decimal

from model.queries import MetricQuery
from model.registry import Registry
from slo.objective import Comparison, RatioIndicator, ThresholdIndicator
from slo.openslo.metric_source import METRIC_SOURCE_TYPE, Source, check_subset, read_metric_source
from slo.openslo.place import Place
from slo.openslo.raw_ratio import RawDraft, RawType
from slo.openslo.resources import Kind, Resources, read_description, read_metadata


@dataclass(frozen=True, slots=True)
class RatioDraft:
    """A ratio that was read; the SLO adds the groups."""

    total: Source
    part: Source
    part_is_good: bool

    @property
    def queries(self) -> list[MetricQuery]:
        """Return what the indicator asks for."""
        return [self.total.query, self.part.query]

    def build(self, group_by: tuple[str, ...]) -> RatioIndicator:
        """Return the indicator for these groups."""
        part = replace(self.part.query, group_by=group_by)
        return RatioIndicator(
            total=replace(self.total.query, group_by=group_by),
            good=part if self.part_is_good else None,
            bad=None if self.part_is_good else part,
        )


@dataclass(frozen=True, slots=True)
class ThresholdDraft:
    """A number that was read; the SLO adds the groups and the bound."""

    value: Source

    @property
    def queries(self) -> list[MetricQuery]:
        """Return what the indicator asks for."""
        asked = (self.value.query, self.value.zero_while, self.value.divisor)
        return [query for query in asked if query is not None]

    def build(self, group_by: tuple[str, ...], comparison: Comparison, bound: Decimal) -> ThresholdIndicator:
        """Return the indicator for these groups and this bound."""
        zero_while, divisor = self.value.zero_while, self.value.divisor
        return ThresholdIndicator(
            value=replace(self.value.query, group_by=group_by),
            comparison=comparison,
            bound=bound,
            zero_while=replace(zero_while, group_by=group_by) if zero_while else None,
            divisor=replace(divisor, group_by=group_by) if divisor else None,
            absolute=self.value.absolute,
        )


Draft = RatioDraft | ThresholdDraft | RawDraft


def read_indicator_of(place: Place, resources: Resources, registry: Registry) -> Draft | None:
    """Return the indicator that stands at `place`, in `indicator` or by `indicatorRef`; None after a report."""
    match place.exactly_one("indicator", "indicatorRef"):
        case "indicator":
            indicator = place / "indicator"
            if not indicator.mapping():
                return None
            indicator.check_keys(("metadata", "spec"))
            read_metadata(indicator / "metadata")
            return read_indicator(indicator / "spec", resources, registry) if (indicator / "spec").mapping() else None
        case "indicatorRef":
            sli = resources.find(Kind.SLI, place / "indicatorRef")
            return read_indicator(sli.spec, resources, registry) if sli else None
    return None


def read_indicator(spec: Place, resources: Resources, registry: Registry) -> Draft | None:
    """Return the indicator in the SLI spec at `spec`; None after reporting what is wrong."""
    read_description(spec)
    spec.check_keys(("description", "thresholdMetric", "ratioMetric"))
    present = spec.exactly_one("thresholdMetric", "ratioMetric")
    if present is None:
        return None
    if present == "ratioMetric":
        return _read_ratio(spec / present, resources, registry)
    value = _read_metric(spec / present, resources, registry, counted=False)
    return ThresholdDraft(value) if value else None


def _read_ratio(ratio: Place, resources: Resources, registry: Registry) -> RatioDraft | RawDraft | None:
    ratio.check_keys(("counter", "good", "bad", "total", "raw", "rawType"))
    (ratio / "counter").flag()
    if ratio / "raw":
        return _read_raw(ratio, resources, registry)
    if ratio / "rawType":
        (ratio / "rawType").lint("unused-raw-type", "has a meaning for raw only")
    part_name = ratio.exactly_one("good", "bad")
    total = _read_metric(ratio / "total", resources, registry, counted=True)
    if part_name is None:
        return None
    part = _read_metric(ratio / part_name, resources, registry, counted=True)
    if part is None or total is None:
        return None
    check_subset(part, total, part_name)
    return RatioDraft(total, part, part_is_good=part_name == "good")


def _read_raw(ratio: Place, resources: Resources, registry: Registry) -> RawDraft | None:
    for key in ("total", "good", "bad"):
        if ratio / key:
            (ratio / key).error("stands beside raw; a ratio has raw, or total and one of good, bad")
    raw_type = (ratio / "rawType").word(RawType)
    value = _read_metric(ratio / "raw", resources, registry, counted=False)
    if value is None or raw_type is None:
        return None
    metric = registry.metrics[value.query.metric]
    if metric.instrument != "gauge" or metric.unit != "1":
        (ratio / "raw").error(f"{metric.name} is no ratio but a {metric.instrument} of unit {metric.unit}")
        return None
    return RawDraft(value, raw_type, ratio / "raw")


def _read_metric(metric: Place, resources: Resources, registry: Registry, *, counted: bool) -> Source | None:
    source = metric / "metricSource"
    if not metric.mapping() or not source.mapping():
        return None
    source.check_keys(("metricSourceRef", "type", "spec"))
    kind = _source_type(source, resources)
    if kind is None or not (source / "spec").mapping():
        return None
    if kind.value != METRIC_SOURCE_TYPE:
        hint = f"it evaluates metric sources of type {METRIC_SOURCE_TYPE} only"
        kind.error(f"cannot be evaluated: Herald has no data from {kind.value!r}; {hint}", "foreign-source")
        return None
    return read_metric_source(source / "spec", registry, counted=counted)


def _source_type(source: Place, resources: Resources) -> Place | None:
    """Return where the type stands: here, or in the DataSource that is referred to."""
    written = source / "type"
    if not source / "metricSourceRef":
        return written if written.text() is not None else None
    found = resources.find(Kind.DATA_SOURCE, source / "metricSourceRef", needed=not written)
    if not found or (found.spec / "type").text() is None:
        return written or None
    if written and written.value != (found.spec / "type").value:
        written.lint(
            "source-type", f"is not the type of DataSource {found.name}, which is {(found.spec / 'type').value}"
        )
    return written or found.spec / "type"
