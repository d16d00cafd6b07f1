"""The units that telemetry may carry, in UCUM as OpenTelemetry asks.

Herald emits SI base units and ratios 0..1. The only exceptions are units that an OpenTelemetry convention
prescribes (`Cel`). Foreign input is converted once, where it is read.
"""

import re
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Temperature = TypeVar("Temperature", float, NDArray[np.float64])

_PLAIN_UNITS = frozenset(
    "1 s Hz By Cel K V A W T Pa m J kg m/s2 rad rad/s dB[mW] bit/s".split()  # noqa: SIM905  shorter than a list
)
_COUNTED_THING = re.compile(r"\{[a-z][a-z_]*\}")

ZERO_CELSIUS_K = 273.15

SECONDS_PER = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
"""Spellings of time units in foreign files, in seconds."""


def is_known_unit(unit: str) -> bool:
    """Return whether a metric may have this unit: a plain UCUM unit or one counted thing such as `{read}`."""
    return unit in _PLAIN_UNITS or _COUNTED_THING.fullmatch(unit) is not None


def kelvin_to_celsius(temperature_k: Temperature) -> Temperature:
    """Return degrees Celsius, of one temperature or of an array."""
    return temperature_k - ZERO_CELSIUS_K
