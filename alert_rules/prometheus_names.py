"""How the registry's metrics are called in Prometheus, by OpenTelemetry's rules.

Dots become underscores, the unit is spelled out at the end, counters end in `_total`; attributes become labels
likewise. The exporters' Prometheus endpoint follows the same rules; a test holds the two against each other.
"""

from typing import Final

from model.registry import MetricDefinition

_UNIT_SUFFIX: Final = {
    "s": "seconds",
    "Hz": "hertz",
    "By": "bytes",
    "Cel": "celsius",
    "K": "kelvin",
    "V": "volts",
    "A": "amperes",
    "W": "watts",
    "T": "teslas",
    "Pa": "pascals",
    "m": "meters",
    "J": "joules",
    "bit/s": "bit_per_second",
}


def render_family(metric: MetricDefinition) -> str:
    """Return the name of the metric family, without the `_total` of a counter's samples."""
    name = render_label(metric.name)
    suffix = "ratio" if metric.unit == "1" and metric.instrument == "gauge" else _UNIT_SUFFIX.get(metric.unit, "")
    return f"{name}_{suffix}" if suffix and not name.endswith(f"_{suffix}") else name


def render_label(attribute: str) -> str:
    """Return an attribute's name as a label."""
    return attribute.replace(".", "_").replace("-", "_")
