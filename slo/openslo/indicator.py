"""The spec of an SLI: a ratio of two metrics, or one metric to hold against a bound that the SLO gives."""

from dataclasses import dataclass, replace
from decimal import Decimal

from model.queries import MetricQuery
from model.registry import Registry
from slo.objective import Comparison, RatioIndicator, ThresholdIndicator
from slo.openslo.metric_source import METRIC_SOURCE_TYPE, Source, check_subset, read_metric_source
from slo.openslo.place import Place
from slo.openslo.resources import Kind, Resources, read_description


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


def read_indicator(spec: Place, resources: Resources, registry: Registry) -> RatioDraft | ThresholdDraft | None:
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


def _read_ratio(ratio: Place, resources: Resources, registry: Registry) -> RatioDraft | None:
    ratio.check_keys(("counter", "good", "bad", "total", "raw", "rawType"))
    (ratio / "counter").flag()
    if ratio / "raw":
        (ratio / "raw").error("a ratio that is computed already cannot be counted; give good and total")
        return None
    part_name = ratio.exactly_one("good", "bad")
    total = _read_metric(ratio / "total", resources, registry, counted=True)
    if part_name is None:
        return None
    part = _read_metric(ratio / part_name, resources, registry, counted=True)
    if part is None or total is None:
        return None
    check_subset(part, total, part_name)
    return RatioDraft(total, part, part_is_good=part_name == "good")


def _read_metric(metric: Place, resources: Resources, registry: Registry, *, counted: bool) -> Source | None:
    source = metric / "metricSource"
    if not metric.mapping() or not source.mapping():
        return None
    source.check_keys(("metricSourceRef", "type", "spec"))
    kind = _source_type(source, resources)
    if kind is None or not (source / "spec").mapping():
        return None
    if kind.value != METRIC_SOURCE_TYPE:
        kind.error(f"Herald has no data from {kind.value!r}; it evaluates type {METRIC_SOURCE_TYPE} only")
        return None
    return read_metric_source(source / "spec", registry, counted=counted)


def _source_type(source: Place, resources: Resources) -> Place | None:
    """Return where the type stands: here, or in the DataSource that is referred to."""
    if source / "metricSourceRef" and not source / "type":
        found = resources.find(Kind.DATA_SOURCE, source / "metricSourceRef")
        return found.spec / "type" if found and (found.spec / "type").text() is not None else None
    return source / "type" if (source / "type").text() is not None else None
