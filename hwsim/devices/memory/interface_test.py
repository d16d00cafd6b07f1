"""Efficiency and noise of a bank, measured with test pulses and with none at all."""

from math import sqrt

import numpy as np

from hwsim.block import Block
from hwsim.physics.optical_memory import noise_equivalent_input
from model.attributes import Attributes
from model.names import METRIC_MEMORY_EFFICIENCY, METRIC_MEMORY_NOISE, METRIC_MEMORY_NOISE_EQUIVALENT_INPUT

_PULSES = 10_000


def report_interface(
    block: Block,
    bank: Attributes,
    *,
    efficiency: float,
    input_photons: float,
    noise_photons: float,
    at_ns: int,
    calibrated_ns: int,
    rng: np.random.Generator,
) -> None:
    """Report retrieved over input, and for a bank that has noise p_N and mu1 = p_N/eta.

    Reads with input give something with 1 - (1 - mu eta)(1 - p_N)^2, those without with 1 - (1 - p_N)^2.
    """
    dark = 1 - (1 - noise_photons) ** 2
    lit = 1 - (1 - min(input_photons * efficiency, 1.0)) * (1 - dark)
    shares = (rng.binomial(_PULSES, [lit, dark]) / _PULSES).tolist()
    errors = [sqrt(max(each * (1 - each), 1 / _PULSES) / _PULSES) for each in shares]
    (seen_lit, seen_dark), (lit_error, dark_error) = shares, errors
    scale = 1 / ((1 - seen_dark) * input_photons)
    measured = max((seen_lit - seen_dark) * scale, 0.5 / _PULSES)
    error = scale * sqrt(lit_error**2 + dark_error**2)
    told = [(METRIC_MEMORY_EFFICIENCY, measured, error)]
    if noise_photons:
        noise, noise_error = seen_dark / 2, dark_error / 2
        mu1 = noise_equivalent_input(noise, measured)
        relative = sqrt((noise_error / max(noise, noise_error)) ** 2 + (error / measured) ** 2)
        told += [
            (METRIC_MEMORY_NOISE, noise, noise_error),
            (METRIC_MEMORY_NOISE_EQUIVALENT_INPUT, mu1, mu1 * relative),
        ]
    for metric, value, value_error in told:
        block.estimate(
            metric,
            bank,
            value,
            error=value_error,
            samples=2 * _PULSES,
            at_ns=at_ns,
            calibrated_ns=calibrated_ns,
        )
