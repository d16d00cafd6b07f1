"""OpenTelemetry instruments from the registry, and readings driven into them.

Name, unit, description and bucket bounds come from the registry; an instrument is made when its metric is
first seen. The SDK stamps points with the time of its own collection, at most one export interval after
the reading.
"""

from functools import cache

from opentelemetry.metrics import Counter, Histogram, Meter, UpDownCounter
from opentelemetry.metrics import _Gauge as Gauge

from model.attributes import Attributes, AttributeValue
from model.errors import InvalidInputError
from model.readings import Count, Level, Samples
from model.registry import MetricDefinition, load_registry

Instrument = Counter | UpDownCounter | Gauge | Histogram


class Instruments:
    """The instruments of one meter by metric name."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._known: dict[str, Instrument] = {}

    def add(self, count: Count) -> None:
        """Add the increment to its counter."""
        instrument = self._get(count.metric)
        if not isinstance(instrument, Counter | UpDownCounter):
            raise _wrong_instrument(count.metric, "count")
        instrument.add(_plain(count.value), _mapping(count.attributes))

    def set(self, level: Level) -> None:
        """Set its gauge."""
        instrument = self._get(level.metric)
        if not isinstance(instrument, Gauge):
            raise _wrong_instrument(level.metric, "level")
        instrument.set(float(level.value), _mapping(level.attributes))

    def record(self, samples: Samples) -> None:
        """Record each single value in its histogram."""
        instrument = self._get(samples.metric)
        if not isinstance(instrument, Histogram):
            raise _wrong_instrument(samples.metric, "samples")
        attributes = _mapping(samples.attributes)
        for value in samples.values.tolist():
            instrument.record(value, attributes)

    def _get(self, metric: str) -> Instrument:
        known = self._known.get(metric)
        if known is None:
            known = self._known[metric] = self._create(_definition(metric))
        return known

    def _create(self, definition: MetricDefinition) -> Instrument:
        name, unit, brief = definition.name, definition.unit, definition.brief
        if definition.instrument == "counter":
            return self._meter.create_counter(name, unit, brief)
        if definition.instrument == "updowncounter":
            return self._meter.create_up_down_counter(name, unit, brief)
        if definition.instrument == "gauge":
            return self._meter.create_gauge(name, unit, brief)
        return self._meter.create_histogram(name, unit, brief, explicit_bucket_boundaries_advisory=definition.bounds)


def _definition(metric: str) -> MetricDefinition:
    try:
        return load_registry().metrics[metric]
    except KeyError:
        raise InvalidInputError(
            f"{metric!r} is not in the metric registry", remedy="define it in model/conventions"
        ) from None


def _wrong_instrument(metric: str, reading: str) -> InvalidInputError:
    return InvalidInputError(
        f"{metric} is a {_definition(metric).instrument} and cannot be read as {reading}",
        remedy="read it as what the registry says it is",
    )


def _plain(value: float) -> int | float:
    """Return a numpy number as Python's own, which the SDK's encoder tells apart."""
    return value.item() if hasattr(value, "item") else value


@cache
def _mapping(attributes: Attributes) -> dict[str, AttributeValue]:
    return dict(attributes)
